// One reply as it comes: framing off, events stamped, nothing of their JSON looked at. What they say is read after the run's hot part, in
// packages/bench/src/client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/http_reader.h"
#include "loadgen/sse_reader.h"

namespace trtllm::loadgen {

// How a request ended. The numbers are those of packages/bench/src/client/native/records.ts.
enum class End : uint8_t {
  kOpen = 0,
  kWhole = 1,        // as HTTP says
  kNoConnection = 2,
  kClosedEarly = 3,  // before the head of the reply
  kClosedMidway = 4,
  kNoReply = 5,      // no head within the time limit
  kStoodStill = 6,   // no byte of the body within the time limit
  kNotHttp = 7,
  kCancelled = 8,
  kNotEvents = 9,    // a stream was asked for, something else came
  kErrorEvent = 10,  // the server reported an error in the stream; what follows is not waited for
  kTooLarge = 11,
};

class Reply {
 public:
  // Bytes of one read, all of them stamped `at`. End::kOpen: more must come.
  End push(std::string_view bytes, int64_t at);
  // The peer closed the connection.
  End close();
  void reset(bool wants_stream);

  int status() const { return http_.status(); }
  const std::string& content_type() const { return http_.content_type(); }
  const std::string& failure() const { return http_.failure(); }
  bool has_head() const { return http_.has_head(); }
  bool has_events() const { return wants_stream_ && http_.status() < 400; }
  bool keeps_alive() const { return http_.keeps_alive() && !has_excess_; }
  // Of a reply that is no stream: one event, its body.
  const Events& events() const { return events_; }
  int64_t last_byte_at() const { return last_byte_at_; }

 private:
  void take_body(std::string_view piece, int64_t at);
  bool new_events_have_error();
  void finish_body();

  HttpReader http_;
  SseReader sse_;
  Events events_;
  size_t num_seen_ = 0, bytes_seen_ = 0;  // of the events that were looked at for errors
  bool wants_stream_ = false, is_head_checked_ = false;
  bool has_excess_ = false;  // bytes behind the reply: nobody knows what they belong to
  int64_t last_byte_at_ = 0;
};

}  // namespace trtllm::loadgen
