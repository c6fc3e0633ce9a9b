// Replies of a server that may send anything. The same bytes give the same reply however they are cut, and no event of a well-formed
// stream is lost: it is compared with a plain reading of the rules over the whole text.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/reply.h"

namespace {

using namespace trtllm::loadgen;
using Lines = std::vector<std::string>;

struct Outcome {
  End end = End::kOpen;
  int status = 0;
  std::string content_type, failure;
  Lines events;
  bool operator==(const Outcome&) const = default;
};

// Piece sizes come from the input too: byte i of `cuts`, round and round. Empty: all at once.
Outcome read_reply(std::string_view bytes, std::string_view cuts) {
  Reply reply;
  reply.reset(true);
  Outcome outcome;
  for (size_t at = 0, i = 0; at < bytes.size() && outcome.end == End::kOpen; i++) {
    const size_t size = cuts.empty() ? bytes.size() : 1 + static_cast<uint8_t>(cuts[i % cuts.size()]) % 32u;
    outcome.end = reply.push(bytes.substr(at, size), 1);
    at += size;
  }
  if (outcome.end == End::kOpen) outcome.end = reply.close();
  outcome.status = reply.status();
  outcome.content_type = reply.content_type();
  outcome.failure = reply.failure();
  outcome.events = reply.events().payloads();
  return outcome;
}

// One read may bring more behind an error than another: what was read before it ended counts.
bool agree(const Outcome& a, const Outcome& b) {
  if (a.end != End::kErrorEvent || b.end != End::kErrorEvent) return a == b;
  const size_t count = std::min(a.events.size(), b.events.size());
  return std::equal(a.events.begin(), a.events.begin() + static_cast<std::ptrdiff_t>(count), b.events.begin());
}

Lines lines_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Lines lines;
  std::string line;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\r' && text[i] != '\n') {
      line += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') i++;
    lines.push_back(std::move(line));
    line.clear();
  }
  return lines;
}

std::string without_blank(const std::string& value) { return value.starts_with(' ') ? value.substr(1) : value; }

// By the rules of the HTML standard, 9.2.6, one line after the other.
Lines plain_events(std::string_view text) {
  Lines events;
  std::string data;
  bool has_data = false;
  for (const std::string& line : lines_of(text)) {
    if (line.empty()) {
      if (has_data) events.push_back(data.substr(0, data.size() - 1));
      data.clear();
      has_data = false;
      continue;
    }
    const size_t colon = line.find(':');
    if (line.substr(0, colon) != "data") continue;
    data += (colon == std::string::npos ? "" : without_blank(line.substr(colon + 1))) + "\n";
    has_data = true;
  }
  return events;
}

// The text as a server would send it, in chunks whose sizes come from the input.
std::string chunked(std::string_view text, std::string_view sizes) {
  std::string bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  char head[32];
  for (size_t at = 0, i = 0; at < text.size(); i++) {
    const size_t size = std::min<size_t>(text.size() - at, 1 + static_cast<uint8_t>(sizes[i % sizes.size()]));
    std::snprintf(head, sizeof head, "%zx\r\n", size);
    bytes.append(head).append(text.substr(at, size)).append("\r\n");
    at += size;
  }
  return bytes + "0\r\n\r\n";
}

void check_stream(std::string_view text, std::string_view sizes) {
  const Outcome outcome = read_reply(chunked(text, sizes), sizes);
  const Lines expected = plain_events(text);
  if (outcome.end != End::kWhole && outcome.end != End::kErrorEvent) std::abort();
  if (outcome.end == End::kWhole && outcome.events.size() != expected.size()) std::abort();
  if (outcome.events.size() > expected.size() || !std::equal(outcome.events.begin(), outcome.events.end(), expected.begin())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view cuts = bytes.substr(0, std::min<size_t>(size, 8));
  if (!agree(read_reply(bytes, {}), read_reply(bytes, cuts))) std::abort();
  if (size > 0) check_stream(bytes, cuts);
  return 0;
}
