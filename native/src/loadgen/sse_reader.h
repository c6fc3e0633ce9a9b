// Bytes of a text/event-stream -> events, by the WHATWG rules, cut anywhere. The same as packages/bench/src/client/sse-parser.ts, whose
// results are compared with these.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/events.h"

namespace trtllm::loadgen {

class SseReader {
 public:
  // Adds the events that `bytes` completes, all with the stamp `at`.
  void push(std::string_view bytes, int64_t at, Events& events);
  // The stream is over: an event without its empty line is none.
  void finish(Events& events);
  void reset() { *this = SseReader(); }
  // Bytes of a line whose end has not come.
  size_t line_size() const { return line_.size(); }

 private:
  void take_line(std::string_view line, int64_t at, Events& events);
  void dispatch(int64_t at, Events& events);
  void add_data(std::string_view value, Events& events);

  std::string line_;  // begin of a line whose end has not come
  size_t data_size_ = 0;  // of the open event, at the end of Events::bytes
  bool has_data_ = false, is_error_ = false, skip_lf_ = false, is_first_line_ = true;
};

}  // namespace trtllm::loadgen
