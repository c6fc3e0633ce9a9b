#include "loadgen/plan_input.h"

#include <cstring>

#include "base/error.h"

namespace trtllm::loadgen {

namespace {

enum PlanKind : uint8_t { kRequest = 1, kEnd = 2, kStart = 3 };
enum Flag : uint8_t { kWantsStream = 1, kTakesSlot = 2, kIsDueWithSlot = 4 };

// u8 kind, u8 flags, u32 id, i64 due, then the message.
constexpr size_t kRequestHead = 14;
// u8 kind, i64 ns of the monotonic clock.
constexpr size_t kStartBytes = 9;

template <class T>
T get(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Request request_of(std::string_view frame) {
  if (frame.size() < kRequestHead) throw Error("WORKER_PROTOCOL", "plan: a request of " + std::to_string(frame.size()) + " bytes; its head alone has " + std::to_string(kRequestHead));
  const uint8_t flags = get<uint8_t>(frame, 1);
  Request request;
  request.wants_stream = (flags & kWantsStream) != 0;
  request.takes_slot = (flags & kTakesSlot) != 0;
  request.is_due_with_slot = (flags & kIsDueWithSlot) != 0;
  request.id = get<uint32_t>(frame, 2);
  request.due = get<int64_t>(frame, 6);
  request.message.assign(frame.substr(kRequestHead));
  return request;
}

}  // namespace

void PlanInput::push(std::span<const char> bytes) {
  // What was read is given back: a plan may be longer than memory.
  bytes_.erase(0, read_);
  read_ = 0;
  bytes_.append(bytes.data(), bytes.size());
}

std::optional<Request> PlanInput::next() {
  while (!start_ || held_.empty()) {
    const std::optional<std::string_view> frame = next_frame();
    if (!frame) return std::nullopt;
    take(*frame);
  }
  Request request = std::move(held_.front());
  held_.pop_front();
  if (__builtin_add_overflow(request.due, *start_, &request.due)) throw Error("WORKER_PROTOCOL", "plan: a request is due beyond all time");
  return request;
}

std::optional<std::string_view> PlanInput::next_frame() {
  const std::string_view left = std::string_view(bytes_).substr(read_);
  if (left.size() < sizeof(uint32_t)) return std::nullopt;
  const size_t size = get<uint32_t>(left, 0);
  if (left.size() < sizeof(uint32_t) + size) return std::nullopt;
  read_ += sizeof(uint32_t) + size;
  return left.substr(sizeof(uint32_t), size);
}

void PlanInput::take(std::string_view frame) {
  const auto kind = frame.empty() ? uint8_t{0} : get<uint8_t>(frame, 0);
  if (kind == kRequest) held_.push_back(request_of(frame));
  else if (kind == kStart && frame.size() == kStartBytes && !start_) start_ = get<int64_t>(frame, 1);
  else if (kind == kEnd && frame.size() == 1) has_ended_ = true;
  else throw Error("WORKER_PROTOCOL", "plan: a frame that is neither a request nor the start nor the end; are both of one build?");
}

}  // namespace trtllm::loadgen
