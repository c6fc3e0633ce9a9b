#include "program/tactics.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace trtllm::program {
namespace {

const LinearPhase kLinear{.is_int8 = true,
                          .weight = {.dtype = DType::int4, .n = 16384, .k = 2048, .n_padded = 16384, .k_padded = 2048, .group_size = 128},
                          .epilogue = ops::Epilogue::swiglu};
constexpr TimingPlace kPlace{.isa = ops::Isa::avx2, .threads = 3};

TEST(Tactics, RowsGoByTheNextLargerBucket) {
  for (const auto& [rows, expected] : {std::pair{1, 1}, {2, 2}, {3, 4}, {16, 16}, {17, 32}, {1024, 1024}, {1025, 1024}, {8192, 1024}})
    EXPECT_EQ(bucket_rows(row_bucket(rows)), expected) << rows;
}

TEST(Tactics, AKeySaysWhatATimingDependsOn) {
  EXPECT_EQ(tactic_key(kPlace, kLinear, 4), ops::cpu_signature() + "; avx2 kernels 1; 3 threads; 16384 x 2048 int4/128, int8 rows, swiglu; 16 rows");
  EXPECT_EQ(describe({.grain = 8, .reading = {.one_row_streams = 4, .ahead_bytes = 2048}}), "grain 8, streams 4, ahead 2048");
  EXPECT_EQ(describe({}), "default");
}

TEST(TimingCache, ReadsWhatItWrote) {
  const TimedTactic timed{.tactic = {.grain = 8, .reading = {.one_row_streams = 4, .ahead_bytes = 2048}}, .us = 12.5, .default_us = 14};
  TimingCache cache;
  cache.put(tactic_key(kPlace, kLinear, 4), timed);
  cache.put("another machine's", {});
  const TimingCache read = TimingCache::parse(cache.text(), "timing-cache.json");
  EXPECT_EQ(read.text(), cache.text());
  const RowTactics tactics = read.tactics(kPlace, kLinear);
  for (int bucket = 0; bucket < kRowBuckets; ++bucket) EXPECT_EQ(tactics[bucket], bucket == 4 ? timed.tactic : Tactic{}) << bucket;
  EXPECT_EQ(read.tactics({.isa = ops::Isa::avx2, .threads = 2}, kLinear)[4], Tactic{}) << "timed with other threads";
}

std::string refusal_of_cache(const std::string& text) {
  try {
    TimingCache::parse(text, "FILE");
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "";
}

std::string with_entry(const std::string& entry) { return R"({"format":"trtllm-timing-cache","version":1,"entries":[)" + entry + "]}"; }

TEST(TimingCache, IsRefusedByName) {
  const std::string good = R"({"key":"a","grain":8,"one_row_streams":4,"ahead_bytes":512,"us":1,"default_us":2})";
  EXPECT_EQ(refusal_of_cache(with_entry(good)), "");
  EXPECT_NE(refusal_of_cache("{").find("TIMING_CACHE_INVALID: FILE is not JSON"), std::string::npos);
  EXPECT_EQ(refusal_of_cache(R"({"format":"gguf","version":1,"entries":[]})"), "TIMING_CACHE_INVALID: FILE: format: expected \"trtllm-timing-cache\", found \"gguf\"");
  EXPECT_EQ(refusal_of_cache(R"({"format":"trtllm-timing-cache","version":2,"entries":[]})"), "TIMING_CACHE_INVALID: FILE: version: expected an integer from 1 to 1, found 2");
  EXPECT_EQ(refusal_of_cache(with_entry(good + "," + good)), "TIMING_CACHE_INVALID: FILE, entries[1]: key: is there twice");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string entry = good;
    return refusal_of_cache(with_entry(entry.replace(entry.find(from), from.size(), to)));
  };
  EXPECT_EQ(changed("\"grain\":8", "\"grain\":7"), "TIMING_CACHE_INVALID: FILE, entries[0]: grain: expected an even number, found 7");
  EXPECT_EQ(changed("streams\":4", "streams\":3"), "TIMING_CACHE_INVALID: FILE, entries[0]: one_row_streams: expected 0, 1 or 4, found 3");
  EXPECT_NE(changed("512", "-1").find("ahead_bytes: expected an integer from 0"), std::string::npos);
  EXPECT_NE(changed("\"us\"", "\"speed\"").find("\"us\" is missing"), std::string::npos);
}

}  // namespace
}  // namespace trtllm::program
