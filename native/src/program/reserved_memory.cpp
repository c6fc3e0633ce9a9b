#include "program/reserved_memory.h"

#include <sys/mman.h>

#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/types.h"

namespace trtllm::program {
namespace {

constexpr size_t kHugePage = 2 << 20;

}  // namespace

ReservedMemory::ReservedMemory(size_t bytes, const std::string& what) : bytes_(bytes) {
  if (bytes > (size_t{1} << 46)) throw Error("OUT_OF_MEMORY", what + ": " + std::to_string(bytes) + " bytes are more than a process can address");
  mapped_bytes_ = static_cast<size_t>(round_up(static_cast<int64_t>(bytes), kHugePage)) + kHugePage;
  mapping_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw Error("OUT_OF_MEMORY", what + ": " + std::to_string(bytes) + " bytes cannot be reserved (" + std::strerror(errno) + "); lower the limits of the batch or of the KV cache");
  }
  const size_t address = reinterpret_cast<size_t>(mapping_);
  data_ = static_cast<std::byte*>(mapping_) + (kHugePage - address % kHugePage) % kHugePage;
  if (bytes >= kHugePage) madvise(data_, bytes, MADV_HUGEPAGE);  // a wish: refused where huge pages are off
}

ReservedMemory::~ReservedMemory() {
  if (mapping_) munmap(mapping_, mapped_bytes_);
}

ReservedMemory::ReservedMemory(ReservedMemory&& other) noexcept { *this = std::move(other); }

ReservedMemory& ReservedMemory::operator=(ReservedMemory&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace trtllm::program
