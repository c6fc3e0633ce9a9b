// Whatever shares its steps, however it is cut, paused or taken from the cache: a request gets the same tokens, the same
// log-probabilities and the same context logits, bit for bit (engine-design D4, 7.5).
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "executor/executor.h"
#include "repetitions.h"
#include "worker/tiny_backend.h"

namespace trtllm::worker {
namespace {

using program::TinyEngine;
using program::TinyShape;

constexpr int kNumRequests = 10;
constexpr int kNumSchedules = repetitions(50), kNumSlowSchedules = 3;  // the scalar class under sanitizers takes three times as long
constexpr int kSharedPrefix = 40;  // tokens that half of the prompts begin with: more than one block

struct Outcome {
  std::vector<int32_t> tokens;
  std::vector<float> logprobs;
  std::vector<float> context_logits;
  bool operator==(const Outcome&) const = default;
};

struct Schedule {
  int num_threads = 1;
  ExecutorConfig config;
  std::vector<int> step_of_request;  // at which it is submitted
};

std::vector<Request> make_requests(const TinyShape& shape) {
  std::mt19937 random(11);
  const auto token = [&] { return static_cast<int32_t>(random() % static_cast<unsigned>(shape.vocab_size)); };
  std::vector<int32_t> prefix(kSharedPrefix);
  for (int32_t& id : prefix) id = token();
  std::vector<Request> requests(kNumRequests);
  for (int i = 0; i < kNumRequests; ++i) {
    Request& request = requests[i];
    request.id = static_cast<uint64_t>(i);
    if (i % 2 == 0) request.prompt = prefix;
    for (int rest = 1 + static_cast<int>(random() % 50); rest > 0; --rest) request.prompt.push_back(token());
    request.max_tokens = 1 + static_cast<int>(random() % 20);
    request.sampling.temperature = i % 3 == 0 ? 0.0f : 1.0f;
    request.sampling.seed = random();
    request.sampling.num_logprobs = 1;
    request.context_logits = i % 5 == 4;
  }
  return requests;
}

Schedule alone() {
  Schedule schedule;
  schedule.config = {.max_batch_size = 1, .max_num_tokens = 128, .num_blocks = 64, .enable_block_reuse = false};
  schedule.step_of_request.assign(kNumRequests, 0);
  return schedule;
}

Schedule random_schedule(std::mt19937& random) {
  const auto between = [&](int low, int high) { return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)); };
  Schedule schedule;
  schedule.num_threads = between(1, 3);
  schedule.config = {.max_batch_size = between(2, 8),
                     .max_num_tokens = between(8, 150),
                     .num_blocks = between(5, 24),  // the longest request needs 4: little room makes MAX_UTILIZATION pause
                     .enable_block_reuse = between(0, 1) == 1,
                     .capacity_policy = between(0, 1) == 1 ? CapacityPolicy::max_utilization : CapacityPolicy::guaranteed_no_evict,
                     .chunking_policy = between(0, 1) == 1 ? ChunkingPolicy::equal_progress : ChunkingPolicy::first_come_first_served};
  for (int i = 0; i < kNumRequests; ++i) schedule.step_of_request.push_back(between(0, 12));
  return schedule;
}

class Runner {
 public:
  Runner(const TinyEngine& engine, ops::Isa isa, std::optional<DType> kv_dtype) : engine_(engine), isa_(isa), kv_dtype_(kv_dtype) {}

  std::vector<Outcome> run(const std::vector<Request>& requests, const Schedule& schedule) {
    Executor executor(open_backend(engine_, isa_, schedule.num_threads, kv_dtype_), schedule.config);
    std::vector<Outcome> outcomes(requests.size());
    size_t num_open = requests.size();
    for (int step = 0; num_open > 0 && step < 10000; ++step) {
      for (size_t i = 0; i < requests.size(); ++i) {
        if (schedule.step_of_request[i] == step) executor.submit(requests[i]);
      }
      if (executor.has_work()) num_open -= take(executor.step(), outcomes);
    }
    EXPECT_EQ(num_open, 0u);
    EXPECT_EQ(executor.num_free_blocks(), executor.num_blocks());
    return outcomes;
  }

  int num_paused = 0, num_cached = 0, num_chunked = 0;

 private:
  size_t take(const StepResult& result, std::vector<Outcome>& outcomes) {
    size_t num_ended = 0;
    num_paused += result.stats.num_paused;
    for (const ContextLogits& rows : result.context_logits) {
      std::vector<float>& all = outcomes[rows.id].context_logits;
      num_chunked += rows.first_row > 0;
      all.insert(all.end(), rows.values, rows.values + static_cast<size_t>(TinyShape{}.vocab_size) * static_cast<size_t>(rows.num_rows));
    }
    for (const RequestEvent& event : result.events) {
      Outcome& outcome = outcomes[event.id];
      outcome.tokens.insert(outcome.tokens.end(), event.tokens.begin(), event.tokens.end());
      for (const TokenLogprobs& entry : event.logprobs) outcome.logprobs.push_back(entry.logprob);
      num_cached += std::max(0, event.cached_tokens);
      EXPECT_NE(event.finish, FinishReason::error) << event.error_message;
      num_ended += event.finish != FinishReason::none;
    }
    return num_ended;
  }

  const TinyEngine& engine_;
  ops::Isa isa_;
  std::optional<DType> kv_dtype_;
};

class BatchInvariance : public testing::TestWithParam<std::tuple<ops::Isa, const char*>> {};

TEST_P(BatchInvariance, RandomSchedulesGiveWhatEachRequestGetsAlone) {
  const auto [isa, format] = GetParam();
  if (!ops::isa_available(isa)) GTEST_SKIP() << "this machine has no " << ops::isa_name(isa);
  TinyShape shape{.window = 48, .has_qk_norm = true, .has_bias = true};
  const std::string name = format;
  const bool has_int8_cache = name.ends_with("int8_cache");
  if (!has_int8_cache) (name == "bfloat16" || name == "float32" ? shape.dtype : shape.qformat) = name;
  const TinyEngine engine(shape);
  const std::vector<Request> requests = make_requests(shape);
  Runner runner(engine, isa, has_int8_cache ? std::optional(DType::int8) : std::nullopt);
  std::vector<Outcome> expected;
  for (const Request& request : requests) {
    Request only = request;
    only.id = 0;
    expected.push_back(runner.run({only}, alone())[0]);
    EXPECT_EQ(expected.back().tokens.size(), static_cast<size_t>(request.max_tokens));
  }
  std::mt19937 random(27);  // its first three schedules already pause, take from the cache and cut
  const int num_schedules = kIsSanitized && isa == ops::Isa::scalar ? kNumSlowSchedules : kNumSchedules;
  for (int i = 0; i < num_schedules; ++i) ASSERT_EQ(runner.run(requests, random_schedule(random)), expected) << "schedule " << i;
  EXPECT_GT(runner.num_paused, 0);
  EXPECT_GT(runner.num_cached, 0);
  EXPECT_GT(runner.num_chunked, 0);
}

INSTANTIATE_TEST_SUITE_P(EveryClass, BatchInvariance,
                         testing::Combine(testing::Values(ops::Isa::scalar, ops::Isa::avx2, ops::Isa::avx512, ops::Isa::amx, ops::Isa::amx_emulated),
                                          testing::Values("bfloat16", "float32", "int8_wo", "int8_dyn", "int4_wo", "w4a8", "int8_cache")),
                         [](const auto& info) { return std::string(ops::isa_name(std::get<0>(info.param))) + "_" + std::get<1>(info.param); });

}  // namespace
}  // namespace trtllm::worker
