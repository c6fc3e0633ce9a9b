#include "loadgen/records.h"

#include <type_traits>
#include <utility>

namespace trtllm::loadgen {

namespace {

enum FrameKind : uint8_t { kRecord = 1, kProgress = 2, kFarewell = 3, kGreeting = 4 };

template <class T>
void put(std::string& bytes, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A frame is a u32 of the bytes behind it, and those: first its kind. The size is set when it is known.
size_t begin_frame(std::string& bytes, FrameKind kind) {
  const size_t begin = bytes.size();
  put<uint32_t>(bytes, 0);
  put<uint8_t>(bytes, kind);
  return begin;
}

void end_frame(std::string& bytes, size_t begin) {
  const uint32_t size = static_cast<uint32_t>(bytes.size() - begin - sizeof size);
  bytes.replace(begin, sizeof size, reinterpret_cast<const char*>(&size), sizeof size);
}

}  // namespace

void Outbox::add_record(uint32_t id, const Times& times, const Reply& reply, End end, const std::string& reason) {
  const Events& events = reply.events();
  const std::lock_guard lock(mutex_);
  const size_t begin = begin_frame(bytes_, kRecord);
  put<uint8_t>(bytes_, static_cast<uint8_t>(end));
  put<uint16_t>(bytes_, static_cast<uint16_t>(reply.status()));
  put<uint32_t>(bytes_, id);
  put(bytes_, times.due);
  put(bytes_, times.sent);
  put(bytes_, times.ended);
  put(bytes_, static_cast<uint32_t>(reason.size()));
  put(bytes_, static_cast<uint32_t>(reply.content_type().size()));
  put(bytes_, static_cast<uint32_t>(events.list.size()));
  // By columns, which is how they are read.
  for (const Event& event : events.list) put(bytes_, static_cast<double>(event.at));
  for (const Event& event : events.list) put(bytes_, event.size);
  for (const Event& event : events.list) put(bytes_, event.form);
  bytes_.append(reason).append(reply.content_type()).append(events.bytes);
  end_frame(bytes_, begin);
  if (begin == 0) bell_.ring();
}

bool Outbox::take(std::string& bytes) {
  bytes.clear();
  const std::lock_guard lock(mutex_);
  std::swap(bytes, bytes_);
  return !bytes.empty();
}

std::string greeting_frame() {
  std::string bytes;
  const size_t begin = begin_frame(bytes, kGreeting);
  put(bytes, kStreamVersion);
  end_frame(bytes, begin);
  return bytes;
}

std::string progress_frame(uint64_t num_sent, uint64_t num_events) {
  std::string bytes;
  const size_t begin = begin_frame(bytes, kProgress);
  put(bytes, num_sent);
  put(bytes, num_events);
  end_frame(bytes, begin);
  return bytes;
}

std::string farewell_frame(const Farewell& farewell) {
  std::string bytes;
  const size_t begin = begin_frame(bytes, kFarewell);
  put(bytes, farewell.cpu_ns);
  put(bytes, farewell.read_lag_p50);
  put(bytes, farewell.read_lag_p99);
  put(bytes, farewell.read_lag_max);
  end_frame(bytes, begin);
  return bytes;
}

}  // namespace trtllm::loadgen
