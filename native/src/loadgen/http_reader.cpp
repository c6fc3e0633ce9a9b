#include "loadgen/http_reader.h"

#include <algorithm>
#include <charconv>

namespace trtllm::loadgen {

namespace {

constexpr size_t kMaxHeadBytes = 65'536;  // of status line, headers, chunk sizes in a row, trailers

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equals(std::string_view a, std::string_view lower_case) {
  return a.size() == lower_case.size() && std::equal(a.begin(), a.end(), lower_case.begin(), [](char x, char y) { return lower(x) == y; });
}

bool contains(std::string_view text, std::string_view lower_case) {
  return std::search(text.begin(), text.end(), lower_case.begin(), lower_case.end(), [](char x, char y) { return lower(x) == y; }) != text.end();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Digits only, all of them, and no more than fit.
bool parse_number(std::string_view text, int base, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

std::string quoted(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

}  // namespace

std::string_view HttpReader::take_body(std::string_view& bytes) {
  while (!bytes.empty() && !is_over()) {
    if (takes_lines()) {
      std::string_view line;
      if (!take_line(bytes, line)) return {};
      const bool had_head = has_head();
      on_line(line);
      line_.clear();
      if (has_head() && !had_head) return {};
      continue;
    }
    const size_t size = state_ == State::kUntilClose ? bytes.size() : static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
    const std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (state_ != State::kUntilClose) left_ -= size;
    if (state_ == State::kLength && left_ == 0) state_ = State::kOver;
    if (state_ == State::kChunk && left_ == 0) state_ = State::kChunkEnd;
    return piece;
  }
  return {};
}

void HttpReader::close() {
  if (state_ != State::kUntilClose) return;
  state_ = State::kOver;
  keeps_alive_ = false;
}

void HttpReader::reset() {
  state_ = State::kStatusLine;
  line_.clear();
  head_bytes_ = 0;
  status_ = 0;
  has_length_ = is_chunked_ = false;
  keeps_alive_ = true;
  content_type_.clear();
  failure_.clear();
}

bool HttpReader::takes_lines() const { return state_ != State::kLength && state_ != State::kUntilClose && state_ != State::kChunk; }

bool HttpReader::take_line(std::string_view& bytes, std::string_view& line) {
  const size_t end = bytes.find('\n');
  const size_t size = end == std::string_view::npos ? bytes.size() : end + 1;
  head_bytes_ += size;
  if (head_bytes_ > kMaxHeadBytes) {
    fail("more than 64 KiB of headers");
    return false;
  }
  if (end == std::string_view::npos || !line_.empty()) line_.append(bytes.substr(0, size));
  line = line_.empty() ? bytes.substr(0, size) : std::string_view(line_);
  bytes.remove_prefix(size);
  if (end == std::string_view::npos) return false;
  line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

void HttpReader::on_line(std::string_view line) {
  switch (state_) {
    case State::kStatusLine: return on_status(line);
    case State::kHeader: return line.empty() ? on_head_end() : on_header(line);
    case State::kChunkSize: return on_chunk_size(line);
    case State::kChunkEnd:
      if (!line.empty()) return fail("a chunk is longer than its size: " + quoted(line));
      state_ = State::kChunkSize;
      head_bytes_ = 0;
      return;
    case State::kTrailer:
      if (line.empty()) state_ = State::kOver;
      return;
    default: return;
  }
}

void HttpReader::on_status(std::string_view line) {
  uint64_t status = 0;
  const bool is_http = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ' && (line.size() == 12 || line[12] == ' ');
  if (!is_http || !parse_number(line.substr(9, 3), 10, status) || status < 100) return fail("expected HTTP/1.1 and a status, found " + quoted(line));
  status_ = static_cast<int>(status);
  keeps_alive_ = line[7] != '0';
  state_ = State::kHeader;
}

void HttpReader::on_header(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return fail("a header without name: " + quoted(line));
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  if (equals(name, "content-length")) {
    uint64_t length = 0;
    if (!parse_number(value, 10, length) || (has_length_ && length != left_)) return fail("content-length: " + quoted(value));
    has_length_ = true;
    left_ = length;
  } else if (equals(name, "transfer-encoding")) {
    if (!equals(value, "chunked")) return fail("transfer-encoding: expected chunked, found " + quoted(value));
    is_chunked_ = true;
  } else if (equals(name, "content-type")) {
    content_type_.assign(value);
  } else if (equals(name, "connection")) {
    if (contains(value, "close")) keeps_alive_ = false;
    else if (contains(value, "keep-alive")) keeps_alive_ = true;
  }
}

void HttpReader::on_head_end() {
  head_bytes_ = 0;
  if (status_ == 101) return fail("the server changes the protocol (101)");
  if (status_ < 200) return reset();  // 100 Continue and its like announce the reply
  if (status_ == 204 || status_ == 304 || (!is_chunked_ && has_length_ && left_ == 0)) state_ = State::kOver;
  else if (is_chunked_) state_ = State::kChunkSize;
  else state_ = has_length_ ? State::kLength : State::kUntilClose;
}

void HttpReader::on_chunk_size(std::string_view line) {
  const std::string_view digits = trimmed(line.substr(0, line.find(';')));  // extensions say nothing to us
  if (!parse_number(digits, 16, left_)) return fail("expected the size of a chunk, found " + quoted(line));
  state_ = left_ == 0 ? State::kTrailer : State::kChunk;
}

void HttpReader::fail(std::string reason) {
  failure_ = std::move(reason);
  state_ = State::kFailed;
}

}  // namespace trtllm::loadgen
