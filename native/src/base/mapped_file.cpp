#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace trtllm {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw Error("IO_ERROR", path + ": " + what + ": " + std::strerror(errno));
}

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) fail(path, "cannot open");
  struct stat status;
  if (fstat(file.fd, &status) != 0) fail(path, "cannot read its size");
  if (!S_ISREG(status.st_mode)) throw Error("IO_ERROR", path + ": expected a regular file");
  size_ = static_cast<size_t>(status.st_size);
  if (size_ == 0) return;
  void* mapping = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.fd, 0);
  if (mapping == MAP_FAILED) fail(path, "cannot map");
  data_ = static_cast<const std::byte*>(mapping);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

void MappedFile::will_need() const {
  if (data_ == nullptr) return;
  auto* start = const_cast<std::byte*>(data_);
  madvise(start, size_, MADV_HUGEPAGE);  // both are advice: a kernel without it serves 4 KiB pages
  madvise(start, size_, MADV_WILLNEED);
}

std::string read_small_file(const std::string& path, size_t max_bytes) {
  const MappedFile file(path);
  if (file.bytes().size() > max_bytes)
    throw Error("IO_ERROR", path + ": " + std::to_string(file.bytes().size()) + " bytes, expected at most " + std::to_string(max_bytes));
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

}  // namespace trtllm
