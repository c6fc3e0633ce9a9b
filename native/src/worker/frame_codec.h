// Bytes <-> frames of the link between runtime and worker; knows lengths, not meaning.
// A frame: u32 header length, u32 tail length, JSON header, raw tail; little-endian (docs/worker-protocol.md).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"

namespace trtllm::worker {

inline constexpr size_t kMaxHeaderBytes = 16 << 20;
inline constexpr size_t kMaxTailBytes = 64 << 20;
inline constexpr size_t kPrefixBytes = 8;

struct Frame {
  nlohmann::json header;  // an object with a text field "type"
  std::vector<std::byte> tail;
};

// Throws Error{WORKER_PROTOCOL} if a part is over its limit. Text that is not UTF-8 is sent with replacement characters.
std::string encode_frame(const nlohmann::json& header, std::span<const std::byte> tail = {});

// Takes bytes as they come and gives each frame once it is whole. After an error it must not be used again.
class FrameDecoder {
 public:
  // Throws Error{WORKER_PROTOCOL} for lengths over their limit, before memory is taken for them.
  void push(std::span<const std::byte> bytes);
  // The next whole frame; throws Error{WORKER_PROTOCOL} if its header is no JSON object with a "type".
  std::optional<Frame> next();
  // True between frames: a connection that ends elsewhere was cut.
  bool is_at_border() const { return buffer_.size() == first_; }

 private:
  void check_lengths() const;

  std::vector<std::byte> buffer_;
  size_t first_ = 0;  // of the first frame not yet given
};

}  // namespace trtllm::worker
