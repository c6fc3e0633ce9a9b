// An engine file whose header and section table may hold anything. The table's hash is made right first, or nothing would get past it.
#include <xxhash.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "engine_file/engine_reader.h"

namespace {

using namespace trtllm::engine_file;

void mend_hash(std::byte* file, size_t size) {
  if (size < kHeaderBytes) return;
  FileHeader header;
  std::memcpy(&header, file, sizeof header);
  header.file_bytes = size;
  const uint64_t table_bytes = uint64_t{header.num_sections} * sizeof(SectionEntry);
  if (table_bytes <= size - kHeaderBytes) {
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(file + kHeaderBytes, table_bytes));
    std::memcpy(header.table_xxh3, hash.digest, sizeof header.table_xxh3);
  }
  std::memcpy(file, &header, sizeof header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // Mapped files begin on a page; so does this copy.
  const size_t rounded = (size + kHeaderBytes) / kHeaderBytes * kHeaderBytes;
  const std::unique_ptr<std::byte, void (*)(void*)> file(static_cast<std::byte*>(std::aligned_alloc(kHeaderBytes, rounded)), std::free);
  std::memcpy(file.get(), data, size);
  mend_hash(file.get(), size);
  try {
    for (const Section& section : parse_engine_file({file.get(), size}, "input")) {
      uint8_t sum = 0;  // every byte of a section may be read
      for (std::byte byte : section.data) sum += static_cast<uint8_t>(byte);
      if (section.data.empty() && sum != 0) std::abort();
    }
  } catch (const trtllm::Error& error) {
    if (error.code() != "ENGINE_INVALID" && error.code() != "ENGINE_VERSION") std::abort();
  }
  return 0;
}
