#include "loadgen/reply.h"

#include <algorithm>
#include <cctype>

namespace trtllm::loadgen {

namespace {

constexpr size_t kMaxErrorBytes = 65'536;  // kept of the body of a refusal
constexpr size_t kMaxReplyBytes = size_t{1} << 30;
constexpr size_t kMaxLineBytes = size_t{1} << 26;  // of a stream

bool is_event_stream(std::string_view content_type) {
  constexpr std::string_view wanted = "text/event-stream";
  return content_type.size() >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), content_type.begin(), [](char x, char y) { return x == std::tolower(static_cast<unsigned char>(y)); });
}

// As every server that sends errors in its stream writes them; `"error":null` stands beside an answer.
bool is_error_object(std::string_view data) {
  return data.starts_with("{\"error\"") && !data.starts_with("{\"error\":null") && !data.starts_with("{\"error\": null");
}

}  // namespace

void Reply::reset(bool wants_stream) {
  http_.reset();
  sse_.reset();
  events_.clear();
  num_seen_ = bytes_seen_ = 0;
  wants_stream_ = wants_stream;
  has_excess_ = is_head_checked_ = false;
  last_byte_at_ = 0;
}

End Reply::push(std::string_view bytes, int64_t at) {
  last_byte_at_ = at;
  while (!bytes.empty() && !http_.is_over()) {
    const std::string_view piece = http_.take_body(bytes);
    if (http_.has_head() && !is_head_checked_) {
      is_head_checked_ = true;
      if (has_events() && !is_event_stream(http_.content_type())) return End::kNotEvents;
    }
    take_body(piece, at);
    if (has_events() && new_events_have_error()) return End::kErrorEvent;
  }
  if (http_.has_failed()) return End::kNotHttp;
  if (events_.bytes.size() > kMaxReplyBytes || sse_.line_size() > kMaxLineBytes) return End::kTooLarge;
  if (!http_.is_over()) return End::kOpen;
  has_excess_ = !bytes.empty();
  finish_body();
  return End::kWhole;
}

End Reply::close() {
  http_.close();
  const bool had_head = http_.has_head();
  if (had_head) finish_body();
  if (had_head && http_.is_over()) return End::kWhole;
  return had_head ? End::kClosedMidway : End::kClosedEarly;
}

void Reply::take_body(std::string_view piece, int64_t at) {
  if (has_events()) sse_.push(piece, at, events_);
  else if (http_.status() < 400 || events_.bytes.size() < kMaxErrorBytes) events_.bytes.append(piece);
}

bool Reply::new_events_have_error() {
  bool has_error = false;
  for (; num_seen_ < events_.list.size(); num_seen_++) {
    const Event& event = events_.list[num_seen_];
    has_error = has_error || event.form == Event::kError || is_error_object(std::string_view(events_.bytes).substr(bytes_seen_, event.size));
    bytes_seen_ += event.size;
  }
  return has_error;
}

void Reply::finish_body() {
  if (has_events()) sse_.finish(events_);
  else events_.list.push_back({last_byte_at_, static_cast<uint32_t>(events_.bytes.size()), Event::kWhole});
}

}  // namespace trtllm::loadgen
