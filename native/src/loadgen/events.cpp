#include "loadgen/events.h"

#include <algorithm>
#include <array>

namespace trtllm::loadgen {

namespace {

// A server that puts something new into every event is not asked for ever.
constexpr int kMaxFrames = 8;
// Where servers write their text; those of packages/bench/src/client/chunk-reader.ts.
constexpr std::array<std::string_view, 8> kMarkers = {"\"text\":\"",  "\"text\": \"",  "\"content\":\"",  "\"content\": \"",
                                                      "\"reasoning_content\":\"", "\"reasoning_content\": \"", "\"reasoning\":\"", "\"reasoning\": \""};

// Stands in JSON as it is.
bool is_verbatim(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

void Events::add(int64_t at, size_t size, bool is_error) {
  const size_t begin = bytes.size() - size;
  const std::string_view payload = std::string_view(bytes).substr(begin);
  if (const size_t text = is_error ? 0 : text_size(payload); text > 0) {
    bytes.resize(bytes.size() - behind_.size());
    bytes.erase(begin, before_.size());
    list.push_back({at, static_cast<uint32_t>(text), Event::kText});
    return;
  }
  const size_t frame = is_error ? 0 : find_frame(payload);
  list.push_back({at, static_cast<uint32_t>(size), is_error ? Event::kError : frame == 0 ? Event::kWhole : static_cast<uint32_t>(Event::kFrame + frame)});
}

void Events::clear() {
  list.clear();
  bytes.clear();
  before_.clear();
  num_frames_ = 0;
}

std::vector<std::string> Events::payloads() const {
  std::vector<std::string> all;
  std::string before, behind;
  size_t begin = 0;
  for (const Event& event : list) {
    const std::string kept = bytes.substr(begin, event.size);
    begin += event.size;
    all.push_back(event.form == Event::kText ? before + kept + behind : kept);
    if (event.form < Event::kFrame) continue;
    const size_t text = event.form - Event::kFrame;
    before = kept.substr(0, text);
    behind = kept.substr(kept.find('"', text));
  }
  return all;
}

// Of the text where the payload is of the frame; else 0.
size_t Events::text_size(std::string_view payload) const {
  const size_t around = before_.size() + behind_.size();
  if (before_.empty() || payload.size() <= around || !payload.starts_with(before_) || !payload.ends_with(behind_)) return 0;
  return is_verbatim(payload.substr(before_.size(), payload.size() - around)) ? payload.size() - around : 0;
}

// Makes it the frame for what follows. Where its text begins; 0: there is none.
size_t Events::find_frame(std::string_view payload) {
  if (num_frames_ >= kMaxFrames) return 0;
  for (const std::string_view marker : kMarkers) {
    const size_t at = payload.find(marker);
    if (at == std::string_view::npos) continue;
    const size_t begin = at + marker.size(), end = payload.find('"', begin);
    if (end == std::string_view::npos || end == begin || !is_verbatim(payload.substr(begin, end - begin))) continue;
    before_ = payload.substr(0, begin);
    behind_ = payload.substr(end);
    num_frames_++;
    return begin;
  }
  return 0;
}

}  // namespace trtllm::loadgen
