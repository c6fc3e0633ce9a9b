// The header of a safetensors file: u64 length, JSON, data. Read strictly (https://huggingface.co/docs/safetensors, "Format"): the builder
// checks with it that a checkpoint file still holds what was planned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace trtllm::engine_file {

struct SafetensorsEntry {
  std::string dtype;  // as written: "BF16", "F32", ...
  std::vector<int64_t> shape;
  uint64_t offset = 0;  // from the start of the file
  uint64_t bytes = 0;
};

inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// Length of the JSON header, out of the file's first 8 bytes. Throws SAFETENSORS_INVALID: below 2, too long, beyond the file.
uint64_t safetensors_header_length(std::span<const std::byte, 8> prefix, uint64_t file_bytes, const std::string& path);

// Every tensor by name. Throws SAFETENSORS_INVALID naming file, tensor and the numbers that disagree: unknown dtype, shape and size that
// do not go together, gaps, overlaps, data that ends before or beyond the file.
std::map<std::string, SafetensorsEntry> parse_safetensors_header(std::string_view json, uint64_t file_bytes, const std::string& path);

}  // namespace trtllm::engine_file
