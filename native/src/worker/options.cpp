#include "worker/options.h"

#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/types.h"

namespace trtllm::worker {
namespace {

constexpr std::array kCapacityPolicies{std::pair{"GUARANTEED_NO_EVICT", CapacityPolicy::guaranteed_no_evict},
                                       std::pair{"MAX_UTILIZATION", CapacityPolicy::max_utilization},
                                       std::pair{"STATIC_BATCH", CapacityPolicy::static_batch}};
constexpr std::array kKvCacheDtypes{std::pair{"auto", std::optional<DType>{}}, std::pair{"int8", std::optional(DType::int8)}, std::pair{"bfloat16", std::optional(DType::bfloat16)},
                                    std::pair{"float32", std::optional(DType::float32)}};
constexpr std::array kChunkingPolicies{std::pair{"FIRST_COME_FIRST_SERVED", ChunkingPolicy::first_come_first_served},
                                       std::pair{"EQUAL_PROGRESS", ChunkingPolicy::equal_progress}};

// Block ids, and slots of 32 tokens each, are int32.
constexpr int64_t kMaxBlocks = 1 << 26;
constexpr int64_t kMaxThreads = 1024, kMaxBatch = 65536, kMaxRows = 1 << 20, kMaxSeqLen = 1 << 24, kMaxQueue = 10'000'000;

[[noreturn]] void refuse(const std::string& flag, const std::string& expected, const std::string& found) {
  throw Error("BAD_FLAG", flag + ": expected " + expected + ", found \"" + found + "\"");
}

template <class Number>
Number number(const std::string& flag, const std::string& text, Number min, Number max) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  if (!is_number || !(value >= min && value <= max)) refuse(flag, "a number from " + std::to_string(min) + " to " + std::to_string(max), text);
  return value;
}

int count(const std::string& flag, const std::string& text, int64_t min, int64_t max) { return static_cast<int>(number<int64_t>(flag, text, min, max)); }

template <class Names>
auto choice(const std::string& flag, const std::string& text, const Names& names) {
  std::string all;
  for (const auto& [name, value] : names) {
    if (name == text) return value;
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  refuse(flag, "one of " + all, text);
}

ops::Isa isa(const std::string& flag, const std::string& text) {
  const std::optional<ops::Isa> known = ops::parse_isa(text);
  if (!known) refuse(flag, "scalar, avx2, avx512, amx or amx_emulated", text);
  return *known;
}

using Setter = std::function<void(Options&, const std::string& flag, const std::string& value)>;

const std::map<std::string, Setter, std::less<>>& value_flags() {
  static const std::map<std::string, Setter, std::less<>> flags{
      {"--engine", [](Options& o, auto&, auto& v) { o.engine = v; }},
      {"--connect", [](Options& o, auto&, auto& v) { o.connect = v; }},
      {"--threads", [](Options& o, auto& f, auto& v) { o.threads = count(f, v, 1, kMaxThreads); }},
      {"--isa", [](Options& o, auto& f, auto& v) { o.isa = isa(f, v); }},
      {"--max_batch_size", [](Options& o, auto& f, auto& v) { o.max_batch_size = count(f, v, 1, kMaxBatch); }},
      {"--max_num_tokens", [](Options& o, auto& f, auto& v) { o.max_num_tokens = count(f, v, 1, kMaxRows); }},
      {"--max_seq_len", [](Options& o, auto& f, auto& v) { o.max_seq_len = count(f, v, 1, kMaxSeqLen); }},
      {"--max_queue_size", [](Options& o, auto& f, auto& v) { o.max_queue_size = count(f, v, 1, kMaxQueue); }},
      {"--kv_cache_dtype", [](Options& o, auto& f, auto& v) { o.kv_cache_dtype = choice(f, v, kKvCacheDtypes); }},
      {"--kv_blocks", [](Options& o, auto& f, auto& v) { o.kv_blocks = count(f, v, 0, kMaxBlocks); }},
      {"--kv_fraction", [](Options& o, auto& f, auto& v) { o.kv_fraction = number<double>(f, v, 1e-6, 1.0); }},
      {"--kv_max_tokens", [](Options& o, auto& f, auto& v) { o.kv_max_tokens = number<int64_t>(f, v, 0, kMaxBlocks * kBlockTokens); }},
      {"--capacity_policy", [](Options& o, auto& f, auto& v) { o.capacity_policy = choice(f, v, kCapacityPolicies); }},
      {"--target_itl_ms", [](Options& o, auto& f, auto& v) { o.target_itl_ms = number<double>(f, v, 0, 1e6); }},
      {"--chunking_policy", [](Options& o, auto& f, auto& v) { o.chunking_policy = choice(f, v, kChunkingPolicies); }},
  };
  return flags;
}

bool set_switch(Options& options, const std::string& flag) {
  if (flag == "--no_block_reuse") options.enable_block_reuse = false;
  else if (flag == "--no_chunked_context") options.enable_chunked_context = false;
  else if (flag == "--verify_engine") options.verify_engine = true;
  else return false;
  return true;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& flag = arguments[i];
    if (set_switch(options, flag)) continue;
    const auto setter = value_flags().find(flag);
    if (setter == value_flags().end()) throw Error("BAD_FLAG", "unknown flag \"" + flag + "\"; docs/worker-protocol.md lists the flags");
    if (++i == arguments.size()) throw Error("BAD_FLAG", flag + ": a value must follow");
    setter->second(options, flag, arguments[i]);
  }
  if (options.engine.empty()) throw Error("BAD_FLAG", "--engine DIR is missing");
  if (options.connect.empty()) throw Error("BAD_FLAG", "--connect unix:PATH is missing");
  return options;
}

std::string capacity_policy_name(CapacityPolicy policy) {
  for (const auto& [name, value] : kCapacityPolicies) {
    if (value == policy) return name;
  }
  return "";
}

}  // namespace trtllm::worker
