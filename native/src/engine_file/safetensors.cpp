#include "engine_file/safetensors.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "base/json_fields.h"

namespace trtllm::engine_file {
namespace {

using nlohmann::json;

constexpr char kCode[] = "SAFETENSORS_INVALID";
constexpr int kMaxDepth = 64;
constexpr size_t kMaxDims = 8;
constexpr int64_t kMaxSide = int64_t{1} << 48;

// Bits of an element, by the names that the format knows; 0: unknown.
int bits_of(const std::string& dtype) {
  static const std::map<std::string, int> kBits = {{"BOOL", 8}, {"U8", 8},   {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16},
                                                   {"BF16", 16}, {"I32", 32}, {"U32", 32}, {"F32", 32},    {"C64", 64},    {"F64", 64},    {"I64", 64}, {"U64", 64}};
  const auto found = kBits.find(dtype);
  return found == kBits.end() ? 0 : found->second;
}

[[noreturn]] void invalid(const std::string& path, const std::string& what) { throw Error(kCode, path + ": " + what); }

// Refuses two fields of one name and deep nesting, while parsing: a document that has them never becomes a value.
json parse_strictly(std::string_view text, const std::string& path) {
  std::vector<std::set<std::string>> names;
  std::string twice;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kMaxDepth) invalid(path, "the header is nested deeper than " + std::to_string(kMaxDepth));
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::object_end) names.pop_back();
    if (event == json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second && twice.empty()) twice = parsed.get<std::string>();
    return true;
  };
  try {
    json document = json::parse(text, watch);
    if (!twice.empty()) invalid(path, "\"" + twice.substr(0, 100) + "\" stands twice in the header");
    if (!document.is_object()) invalid(path, "expected a JSON object as header");
    return document;
  } catch (const json::exception& error) {
    invalid(path, std::string("the header is not JSON: ") + error.what());
  }
}

SafetensorsEntry parse_entry(const json& value, const std::string& where, uint64_t data_begin, uint64_t file_bytes) {
  JsonFields fields(value, where, kCode);
  SafetensorsEntry entry;
  entry.dtype = fields.text("dtype", 32);
  const int bits = bits_of(entry.dtype);
  if (bits == 0) fields.refuse("dtype \"" + entry.dtype + "\" is unknown");
  entry.shape = fields.integers("shape", kMaxDims, 0, kMaxSide);
  const std::vector<int64_t> offsets = fields.integers("data_offsets", 2, 0, INT64_MAX);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) fields.refuse("data_offsets: expected [begin, end]");
  fields.finish();
  unsigned __int128 expected = static_cast<unsigned>(bits) / 8;
  for (int64_t side : entry.shape) {
    expected *= static_cast<uint64_t>(side);
    if (expected > static_cast<unsigned __int128>(INT64_MAX)) fields.refuse("its shape is larger than any file");
  }
  entry.bytes = static_cast<uint64_t>(offsets[1] - offsets[0]);
  if (entry.bytes != static_cast<uint64_t>(expected)) fields.refuse("shape and dtype want " + std::to_string(static_cast<uint64_t>(expected)) + " bytes, data_offsets give " + std::to_string(entry.bytes));
  if (static_cast<uint64_t>(offsets[1]) > file_bytes - data_begin) fields.refuse("its data ends at " + std::to_string(offsets[1]) + ", the file has " + std::to_string(file_bytes - data_begin) + " bytes of data");
  entry.offset = data_begin + static_cast<uint64_t>(offsets[0]);
  return entry;
}

// Data lies end to end: no gap, no overlap, nothing behind the last.
void check_layout(const std::map<std::string, SafetensorsEntry>& entries, uint64_t data_begin, uint64_t file_bytes, const std::string& path) {
  std::vector<std::pair<const std::string*, const SafetensorsEntry*>> by_offset;
  for (const auto& [name, entry] : entries) by_offset.emplace_back(&name, &entry);
  std::sort(by_offset.begin(), by_offset.end(), [](const auto& a, const auto& b) { return std::pair(a.second->offset, a.second->bytes) < std::pair(b.second->offset, b.second->bytes); });
  uint64_t end = data_begin;
  for (const auto& [name, entry] : by_offset) {
    if (entry->offset != end)
      invalid(path, "tensor " + *name + (entry->offset < end ? " overlaps the one before it" : " leaves a gap") + ": expected offset " + std::to_string(end - data_begin) + ", found " + std::to_string(entry->offset - data_begin));
    end += entry->bytes;
  }
  if (end != file_bytes) invalid(path, "the tensors end at byte " + std::to_string(end) + ", the file at " + std::to_string(file_bytes));
}

}  // namespace

uint64_t safetensors_header_length(std::span<const std::byte, 8> prefix, uint64_t file_bytes, const std::string& path) {
  uint64_t length;
  std::memcpy(&length, prefix.data(), sizeof length);
  if (length < 2 || length > kMaxSafetensorsHeader) invalid(path, "header length " + std::to_string(length) + ": expected 2 to " + std::to_string(kMaxSafetensorsHeader));
  if (file_bytes < 8 || length > file_bytes - 8) invalid(path, "header length " + std::to_string(length) + ", the file has " + std::to_string(file_bytes) + " bytes (truncated?)");
  return length;
}

std::map<std::string, SafetensorsEntry> parse_safetensors_header(std::string_view text, uint64_t file_bytes, const std::string& path) {
  const json header = parse_strictly(text, path);
  const uint64_t data_begin = 8 + text.size();
  if (data_begin > file_bytes) invalid(path, "the header is longer than the file");
  std::map<std::string, SafetensorsEntry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object() || !std::all_of(value.begin(), value.end(), [](const json& text_value) { return text_value.is_string(); })) invalid(path, "__metadata__: expected texts by name");
      continue;
    }
    entries.emplace(name, parse_entry(value, path + ", tensor " + name.substr(0, 200), data_begin, file_bytes));
  }
  check_layout(entries, data_begin, file_bytes, path);
  return entries;
}

}  // namespace trtllm::engine_file
