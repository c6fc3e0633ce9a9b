// Bytes of HTTP/1.1 replies -> head and body, cut anywhere. Knows only what a client of model servers meets: Content-Length, chunks,
// bodies that end with the connection. A body comes as views into what was read; nothing is copied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trtllm::loadgen {

class HttpReader {
 public:
  // The next piece of body in `bytes`, which moves past it and past all framing before it. Empty: the head was read just now, or `bytes` is
  // empty, or the reply is over.
  std::string_view take_body(std::string_view& bytes);
  // The peer closed. A body without length is over then; any other is cut.
  void close();

  bool has_head() const { return state_ != State::kStatusLine && state_ != State::kHeader && state_ != State::kFailed; }
  bool is_over() const { return state_ == State::kOver || state_ == State::kFailed; }
  bool has_failed() const { return state_ == State::kFailed; }
  // What was not HTTP; of a failed reply.
  const std::string& failure() const { return failure_; }

  int status() const { return status_; }
  const std::string& content_type() const { return content_type_; }
  // The connection may carry another request.
  bool keeps_alive() const { return state_ == State::kOver && keeps_alive_; }

  // For the next reply on the connection.
  void reset();

 private:
  enum class State : uint8_t { kStatusLine, kHeader, kLength, kUntilClose, kChunkSize, kChunk, kChunkEnd, kTrailer, kOver, kFailed };

  bool takes_lines() const;
  // False: the line does not end in `bytes`, which was kept.
  bool take_line(std::string_view& bytes, std::string_view& line);
  void on_line(std::string_view line);
  void on_status(std::string_view line);
  void on_header(std::string_view line);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void fail(std::string reason);

  State state_ = State::kStatusLine;
  std::string line_;  // begin of a line whose end has not come
  size_t head_bytes_ = 0;
  uint64_t left_ = 0;  // of the body, or of the chunk
  int status_ = 0;
  bool has_length_ = false, is_chunked_ = false, keeps_alive_ = true;
  std::string content_type_, failure_;
};

}  // namespace trtllm::loadgen
