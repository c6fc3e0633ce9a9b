#include "program/tactics.h"

#include "base/error.h"
#include "base/json.h"
#include "base/json_fields.h"
#include "base/mapped_file.h"

namespace trtllm::program {
namespace {

constexpr const char* kFormat = "trtllm-timing-cache";
constexpr int kFormatVersion = 1;
// Raised when kernels change in a way that may make another tactic the best.
constexpr int kKernelVersion = 1;
constexpr size_t kMaxFileBytes = 16 << 20, kMaxEntries = 100'000, kMaxKeyBytes = 2048;
constexpr int kMaxGrain = 1 << 16, kMaxAheadBytes = 1 << 20;
constexpr double kMaxMicroseconds = 1e9;

const char* epilogue_name(ops::Epilogue epilogue) {
  switch (epilogue) {
    case ops::Epilogue::store: return "store";
    case ops::Epilogue::add_residual: return "add_residual";
    case ops::Epilogue::swiglu: return "swiglu";
  }
  return "";
}

std::string weight_name(const ops::PackedWeight& weight) {
  const std::string name(dtype_name(weight.dtype));
  return weight.group_size > 0 ? name + "/" + std::to_string(weight.group_size) : name;
}

int streams_of(JsonFields& fields) {
  const auto streams = fields.integer("one_row_streams", 0, 4);
  if (streams != 0 && streams != 1 && streams != 4) fields.refuse("one_row_streams: expected 0, 1 or 4, found " + std::to_string(streams));
  return static_cast<int>(streams);
}

TimedTactic parse_entry(JsonFields& fields) {
  TimedTactic timed;
  timed.tactic.grain = static_cast<int>(fields.integer("grain", 0, kMaxGrain));
  if (timed.tactic.grain % 2 != 0) fields.refuse("grain: expected an even number, found " + std::to_string(timed.tactic.grain));  // swiglu: a gate and its up
  timed.tactic.reading = {.one_row_streams = streams_of(fields), .ahead_bytes = static_cast<int>(fields.integer("ahead_bytes", 0, kMaxAheadBytes))};
  timed.us = fields.number("us", 0, kMaxMicroseconds);
  timed.default_us = fields.number("default_us", 0, kMaxMicroseconds);
  fields.finish();
  return timed;
}

}  // namespace

std::string describe(const Tactic& tactic) {
  std::string text;
  const auto add = [&](const char* name, int value) {
    if (value > 0) text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(value);
  };
  add("grain", tactic.grain);
  add("streams", tactic.reading.one_row_streams);
  add("ahead", tactic.reading.ahead_bytes);
  return text.empty() ? "default" : text;
}

std::string linear_name(const LinearPhase& phase) {
  return std::to_string(phase.weight.n) + " x " + std::to_string(phase.weight.k) + " " + weight_name(phase.weight) + (phase.is_int8 ? ", int8 rows, " : ", ") +
         epilogue_name(phase.epilogue);
}

std::string tactic_key(const TimingPlace& place, const LinearPhase& phase, int bucket) {
  return ops::cpu_signature() + "; " + std::string(ops::isa_name(place.isa)) + " kernels " + std::to_string(kKernelVersion) + "; " + std::to_string(place.threads) +
         " threads; " + linear_name(phase) + "; " + std::to_string(bucket_rows(bucket)) + " rows";
}

TimingCache TimingCache::parse(std::string_view text, const std::string& where) {
  constexpr const char* kCode = "TIMING_CACHE_INVALID";
  const nlohmann::json json = parse_json(text, where, kCode);
  JsonFields fields(json, where, kCode);
  if (const std::string format = fields.text("format", 64); format != kFormat) fields.refuse("format: expected \"" + std::string(kFormat) + "\", found \"" + format + "\"");
  fields.integer("version", kFormatVersion, kFormatVersion);
  TimingCache cache;
  for (const nlohmann::json& entry : fields.array("entries", kMaxEntries)) {
    JsonFields entry_fields(entry, where + ", entries[" + std::to_string(cache.entries_.size()) + "]", kCode);
    const std::string key = entry_fields.text("key", kMaxKeyBytes);
    if (!cache.entries_.emplace(key, parse_entry(entry_fields)).second) entry_fields.refuse("key: is there twice");
  }
  fields.finish();
  return cache;
}

std::string TimingCache::text() const {
  nlohmann::json entries = nlohmann::json::array();
  for (const auto& [key, timed] : entries_)
    entries.push_back({{"key", key},
                       {"grain", timed.tactic.grain},
                       {"one_row_streams", timed.tactic.reading.one_row_streams},
                       {"ahead_bytes", timed.tactic.reading.ahead_bytes},
                       {"us", timed.us},
                       {"default_us", timed.default_us}});
  return nlohmann::json{{"format", kFormat}, {"version", kFormatVersion}, {"entries", std::move(entries)}}.dump(1) + "\n";
}

const TimedTactic* TimingCache::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

void TimingCache::merge(const TimingCache& other) {
  for (const auto& [key, timed] : other.entries_) put(key, timed);
}

TimingCache read_timing_cache(const std::string& path, const std::string& mend) {
  try {
    return TimingCache::parse(read_small_file(path, kMaxFileBytes), path);
  } catch (const Error& error) {
    throw Error("TIMING_CACHE_INVALID", std::string(error.what()) + "; " + mend);
  }
}

RowTactics TimingCache::tactics(const TimingPlace& place, const LinearPhase& phase) const {
  RowTactics tactics;
  if (is_empty()) return tactics;
  for (int bucket = 0; bucket < kRowBuckets; ++bucket) {
    if (const TimedTactic* timed = find(tactic_key(place, phase, bucket))) tactics[bucket] = timed->tactic;
  }
  return tactics;
}

}  // namespace trtllm::program
