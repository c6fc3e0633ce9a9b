// SHA-256 (FIPS 180-4): binds the files of an engine together and keys the prefix tree, whose isolation rests on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trtllm {

using Sha256Digest = std::array<uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  void update(const void* data, size_t bytes);
  Sha256Digest finish();  // once

 private:
  void compress(const uint8_t* block);

  std::array<uint32_t, 8> state_;
  std::array<uint8_t, 64> pending_;
  size_t num_pending_ = 0;
  uint64_t total_bytes_ = 0;
};

Sha256Digest sha256(const void* data, size_t bytes);
inline Sha256Digest sha256(std::string_view text) { return sha256(text.data(), text.size()); }

std::string to_hex(std::span<const uint8_t> bytes);
// False unless `text` is exactly out.size() bytes in hex.
bool from_hex(std::string_view text, std::span<uint8_t> out);

}  // namespace trtllm
