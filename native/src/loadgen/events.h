// The events of a reply as they are kept and given back. Most of a stream differ from the one before in one string alone: of those the
// string is kept, and what stands around it once. Whether that string is the text is for the reader to find out, who knows JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trtllm::loadgen {

struct Event {
  // The numbers are those of packages/bench/src/client/native/records.ts. From kFrame on it is a whole payload, and the string that begins
  // at byte `form - kFrame`, up to its closing quote, is what differs in the kText that follow.
  enum Form : uint32_t { kWhole = 0, kError = 1, kText = 2, kFrame = 3 };

  int64_t at = 0;  // ns; of the read that completed it
  uint32_t size = 0;
  uint32_t form = kWhole;
};

// What is kept lies one behind the other, so that an event costs no allocation once the room is there.
struct Events {
  std::vector<Event> list;
  std::string bytes;

  // The last `size` bytes are the payload of one more; `is_error`: it says `event: error`.
  void add(int64_t at, size_t size, bool is_error);
  void clear();
  // As they came.
  std::vector<std::string> payloads() const;

 private:
  size_t text_size(std::string_view payload) const;
  size_t find_frame(std::string_view payload);

  std::string before_, behind_;  // of the frame
  int num_frames_ = 0;
};

}  // namespace trtllm::loadgen
