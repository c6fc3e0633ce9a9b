#include "worker/frame_codec.h"

#include <cstring>

#include "base/error.h"
#include "base/json_fields.h"

namespace trtllm::worker {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw Error("WORKER_PROTOCOL", what); }

void check_length(const char* part, size_t bytes, size_t limit) {
  if (bytes > limit)
    refuse(std::string("a frame ") + part + " of " + std::to_string(bytes) + " bytes is over the limit of " + std::to_string(limit));
}

uint32_t read_u32(const std::byte* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

void append_u32(std::string& bytes, size_t value) {
  const uint32_t narrow = static_cast<uint32_t>(value);
  bytes.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
}

nlohmann::json parse_header(std::span<const std::byte> bytes) {
  nlohmann::json header =
      parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "a frame header of " + std::to_string(bytes.size()) + " bytes", "WORKER_PROTOCOL");
  if (!header.is_object() || !header.contains("type") || !header["type"].is_string()) refuse("a frame header is not an object with a \"type\"");
  return header;
}

}  // namespace

std::string encode_frame(const nlohmann::json& header, std::span<const std::byte> tail) {
  const std::string head = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  check_length("header", head.size(), kMaxHeaderBytes);
  check_length("tail", tail.size(), kMaxTailBytes);
  std::string bytes;
  bytes.reserve(kPrefixBytes + head.size() + tail.size());
  append_u32(bytes, head.size());
  append_u32(bytes, tail.size());
  bytes += head;
  bytes.append(reinterpret_cast<const char*>(tail.data()), tail.size());
  return bytes;
}

void FrameDecoder::push(std::span<const std::byte> bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  check_lengths();
}

std::optional<Frame> FrameDecoder::next() {
  check_lengths();
  const std::span<const std::byte> rest = std::span(buffer_).subspan(first_);
  if (rest.size() < kPrefixBytes) return std::nullopt;
  const size_t header_bytes = read_u32(rest.data());
  const size_t tail_bytes = read_u32(rest.data() + 4);
  if (rest.size() - kPrefixBytes < header_bytes + tail_bytes) return std::nullopt;
  const auto tail = rest.subspan(kPrefixBytes + header_bytes, tail_bytes);
  Frame frame{.header = parse_header(rest.subspan(kPrefixBytes, header_bytes)), .tail = {tail.begin(), tail.end()}};
  first_ += kPrefixBytes + header_bytes + tail_bytes;
  return frame;
}

void FrameDecoder::check_lengths() const {
  if (buffer_.size() - first_ < kPrefixBytes) return;
  check_length("header", read_u32(buffer_.data() + first_), kMaxHeaderBytes);
  check_length("tail", read_u32(buffer_.data() + first_ + 4), kMaxTailBytes);
}

}  // namespace trtllm::worker
