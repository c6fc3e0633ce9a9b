// A safetensors file that may hold anything: length and header, or refused with SAFETENSORS_INVALID.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "engine_file/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const std::span<const std::byte> file{reinterpret_cast<const std::byte*>(data), size};
  try {
    const uint64_t length = trtllm::engine_file::safetensors_header_length(file.first<8>(), size, "input");
    trtllm::engine_file::parse_safetensors_header({reinterpret_cast<const char*>(data) + 8, length}, size, "input");
  } catch (const trtllm::Error& error) {
    if (error.code() != "SAFETENSORS_INVALID") std::abort();
  }
  return 0;
}
