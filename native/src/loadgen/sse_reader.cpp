#include "loadgen/sse_reader.h"

#include <algorithm>

namespace trtllm::loadgen {

namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

size_t find_or_end(std::string_view bytes, char wanted, size_t from) { return std::min(bytes.find(wanted, from), bytes.size()); }

}  // namespace

void SseReader::push(std::string_view bytes, int64_t at, Events& events) {
  if (bytes.empty()) return;
  size_t start = skip_lf_ && bytes[0] == '\n' ? 1 : 0;
  skip_lf_ = false;
  size_t next_cr = find_or_end(bytes, '\r', start), next_lf = find_or_end(bytes, '\n', start);
  for (;;) {
    if (next_cr < start) next_cr = find_or_end(bytes, '\r', start);
    if (next_lf < start) next_lf = find_or_end(bytes, '\n', start);
    const size_t end = std::min(next_cr, next_lf);
    if (end == bytes.size()) break;
    take_line(bytes.substr(start, end - start), at, events);
    start = end + 1;
    if (bytes[end] != '\r') continue;
    if (start == bytes.size()) skip_lf_ = true;
    else if (bytes[start] == '\n') start++;
  }
  line_.append(bytes.substr(start));
}

void SseReader::finish(Events& events) {
  events.bytes.resize(events.bytes.size() - data_size_);
  reset();
}

void SseReader::take_line(std::string_view end, int64_t at, Events& events) {
  if (!line_.empty()) line_.append(end);
  std::string_view line = line_.empty() ? end : std::string_view(line_);
  if (is_first_line_ && line.starts_with(kBom)) line.remove_prefix(kBom.size());
  is_first_line_ = false;
  if (line.empty()) dispatch(at, events);
  else if (line.starts_with("data:")) add_data(line.substr(line.size() > 5 && line[5] == ' ' ? 6 : 5), events);
  else if (line == "data") add_data({}, events);
  else if (line == "event") is_error_ = false;
  else if (line.starts_with("event:")) is_error_ = line.substr(line.size() > 6 && line[6] == ' ' ? 7 : 6) == "error";
  line_.clear();
}

void SseReader::dispatch(int64_t at, Events& events) {
  if (has_data_) events.add(at, data_size_, is_error_);
  has_data_ = is_error_ = false;
  data_size_ = 0;
}

void SseReader::add_data(std::string_view value, Events& events) {
  if (has_data_) events.bytes.push_back('\n');
  data_size_ += value.size() + (has_data_ ? 1 : 0);
  events.bytes.append(value);
  has_data_ = true;
}

}  // namespace trtllm::loadgen
