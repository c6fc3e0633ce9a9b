#include "worker/options.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "worker/limits.h"

namespace trtllm::worker {
namespace {

std::vector<std::string> with(std::vector<std::string> more) {
  more.insert(more.begin(), {"--engine", "E", "--connect", "unix:/s"});
  return more;
}

std::string refusal_of(const std::vector<std::string>& arguments) {
  try {
    parse_options(arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "BAD_FLAG");
    return error.what();
  }
  return "accepted";
}

TEST(Options, EveryFlagOfTheProtocolPageIsTaken) {
  const Options options = parse_options(with({"--threads", "3", "--isa", "avx2", "--max_batch_size", "4", "--max_num_tokens", "5", "--max_seq_len", "6",
                                              "--max_queue_size", "7", "--kv_cache_dtype", "int8", "--kv_blocks", "8", "--kv_fraction", "0.5", "--kv_max_tokens", "9",
                                              "--capacity_policy", "MAX_UTILIZATION", "--chunking_policy", "EQUAL_PROGRESS", "--target_itl_ms", "30", "--no_block_reuse",
                                              "--no_chunked_context", "--verify_engine"}));
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.isa, ops::Isa::avx2);
  EXPECT_EQ(options.max_batch_size, 4);
  EXPECT_EQ(options.max_num_tokens, 5);
  EXPECT_EQ(options.max_seq_len, 6);
  EXPECT_EQ(options.max_queue_size, 7);
  EXPECT_EQ(options.kv_cache_dtype, DType::int8);
  EXPECT_EQ(options.kv_blocks, 8);
  EXPECT_EQ(options.kv_fraction, 0.5);
  EXPECT_EQ(options.kv_max_tokens, 9);
  EXPECT_EQ(options.capacity_policy, CapacityPolicy::max_utilization);
  EXPECT_EQ(options.chunking_policy, ChunkingPolicy::equal_progress);
  EXPECT_EQ(options.target_itl_ms, 30);
  EXPECT_FALSE(options.enable_block_reuse);
  EXPECT_FALSE(options.enable_chunked_context);
  EXPECT_TRUE(options.verify_engine);
}

TEST(Options, BadFlagsAreRefusedByName) {
  EXPECT_EQ(refusal_of({"--connect", "-"}), "--engine DIR is missing");
  EXPECT_EQ(refusal_of({"--engine", "E"}), "--connect unix:PATH is missing");
  EXPECT_EQ(refusal_of(with({"--threads"})), "--threads: a value must follow");
  EXPECT_EQ(refusal_of(with({"--threads", "0"})), "--threads: expected a number from 1 to 1024, found \"0\"");
  EXPECT_NE(refusal_of(with({"--threads", "2x"})), "accepted");
  EXPECT_NE(refusal_of(with({"--kv_fraction", "nan"})), "accepted");
  EXPECT_NE(refusal_of(with({"--kv_fraction", "1.5"})), "accepted");
  EXPECT_EQ(refusal_of(with({"--isa", "neon"})), "--isa: expected scalar, avx2, avx512, amx or amx_emulated, found \"neon\"");
  EXPECT_EQ(refusal_of(with({"--capacity_policy", "FAIR"})), "--capacity_policy: expected one of GUARANTEED_NO_EVICT, MAX_UTILIZATION, STATIC_BATCH, found \"FAIR\"");
  EXPECT_NE(refusal_of(with({"--fast", "1"})).find("unknown flag \"--fast\""), std::string::npos);
}

constexpr int64_t kGiB = int64_t{1} << 30;

ExecutorConfig blocks(const Options& options, const MemoryBudget& memory) {
  ExecutorConfig config;
  config.max_batch_size = 8;
  config.max_seq_len = 1000;  // 32 blocks
  resolve_blocks(options, 1 << 20, memory, config);
  return config;
}

TEST(Limits, TheKvPoolIsTheLeastOfMemoryProfileAndTokens) {
  const MemoryBudget roomy{.available_bytes = 10 * kGiB, .weight_bytes = kGiB, .working_bytes = kGiB};
  EXPECT_EQ(blocks({}, roomy).num_blocks, 8 * 32);
  EXPECT_EQ(blocks({.kv_max_tokens = 2000}, roomy).num_blocks, 63);
  EXPECT_EQ(blocks({.kv_blocks = 5}, roomy).num_blocks, 5);
  const MemoryBudget tight{.available_bytes = 2 * kGiB + (100 << 20), .weight_bytes = kGiB, .working_bytes = kGiB};
  EXPECT_EQ(blocks({}, tight).num_blocks, 90);  // 0.9 of 100 MiB
}

TEST(Limits, FewBlocksShortenTheLongestRequest) {
  const ExecutorConfig config = blocks({.kv_blocks = 5}, {});
  EXPECT_EQ(config.max_seq_len, 5 * 32);
}

TEST(Limits, NoRoomForABlockIsSaidInNumbers) {
  try {
    blocks({}, {.available_bytes = kGiB, .weight_bytes = 2 * kGiB});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "OUT_OF_MEMORY");
    EXPECT_NE(std::string(error.what()).find("1024 MiB available, weights take 2048 MiB"), std::string::npos) << error.what();
  }
}

std::string manifest(const std::string& quantization) {
  return R"({"pretrained_config": {)" + quantization + R"(}, "build_config": {"max_batch_size": 1, "max_num_tokens": 2, "max_seq_len": 3}})";
}

TEST(Limits, TheManifestSaysHowTheKvCacheIsStored) {
  EXPECT_EQ(parse_engine_limits(manifest(""), "m").kv_cache_dtype, std::nullopt);
  EXPECT_EQ(parse_engine_limits(manifest(R"("quantization": {"kv_cache_quant_algo": null})"), "m").kv_cache_dtype, std::nullopt);
  EXPECT_EQ(parse_engine_limits(manifest(R"("quantization": {"kv_cache_quant_algo": "INT8"})"), "m").kv_cache_dtype, DType::int8);
  for (const std::string found : {R"("FP8")", "3", "{}"}) {
    try {
      parse_engine_limits(manifest(R"("quantization": {"kv_cache_quant_algo": )" + found + "}"), "m");
      FAIL() << found;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "ENGINE_INVALID");
      EXPECT_NE(std::string(error.what()).find("expected null or \"INT8\" as kv_cache_quant_algo, found " + found), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(parse_engine_limits(R"({"pretrained_config": "text", "build_config": {"max_batch_size": 1, "max_num_tokens": 2, "max_seq_len": 3}})", "m").kv_cache_dtype, std::nullopt);
}

TEST(Limits, FlagsComeBeforeTheEnginesOwnAndPositionsEnd) {
  const EngineLimits engine{.max_batch_size = 16, .max_num_tokens = 512, .max_seq_len = 4096};
  const ExecutorConfig config = resolve_limits({.max_batch_size = 2}, engine, 2048);
  EXPECT_EQ(config.max_batch_size, 2);
  EXPECT_EQ(config.max_num_tokens, 512);
  EXPECT_EQ(config.max_seq_len, 2048);
  EXPECT_THROW(resolve_limits({.max_seq_len = 4096}, engine, 2048), Error);
}

}  // namespace
}  // namespace trtllm::worker
