// Zeroed memory whose address space is taken at once and whose pages come when they are touched.
#pragma once

#include <cstddef>
#include <string>

namespace trtllm::program {

class ReservedMemory {
 public:
  ReservedMemory() = default;
  // what: for the error, e.g. "KV cache". Throws Error{OUT_OF_MEMORY}.
  ReservedMemory(size_t bytes, const std::string& what);
  ~ReservedMemory();
  ReservedMemory(ReservedMemory&& other) noexcept;
  ReservedMemory& operator=(ReservedMemory&& other) noexcept;

  std::byte* data() const { return data_; }  // on a 2 MiB border
  size_t bytes() const { return bytes_; }

 private:
  void* mapping_ = nullptr;
  size_t mapped_bytes_ = 0;
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace trtllm::program
