// A regular file mapped read-only. Size and kind come from the descriptor that is mapped, so no check and use can differ.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace trtllm {

class MappedFile {
 public:
  // Throws Error{IO_ERROR} naming the file: missing, not a regular file, not mappable. An empty file maps to nothing.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  MappedFile(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }
  // Tells the kernel that all of it will be read soon, in huge pages where it can.
  void will_need() const;

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// Whole small file as text; Error{IO_ERROR} when missing or larger than max_bytes.
std::string read_small_file(const std::string& path, size_t max_bytes);

}  // namespace trtllm
