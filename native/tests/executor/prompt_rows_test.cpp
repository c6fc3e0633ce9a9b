// Context logits and prompt log-probabilities: every prompt row once, in order, with the model's values, however the prompt is cut.
#include <cmath>

#include "executor/machine.h"
#include "repetitions.h"

namespace trtllm::executor_test {
namespace {

std::vector<float> rows_of(const std::vector<int32_t>& prompt) {
  std::vector<float> rows;
  TextState state;
  for (int32_t token : prompt) {
    state = state.then(token);
    const std::vector<float> logits = logits_after(state);
    rows.insert(rows.end(), logits.begin(), logits.end());
  }
  return rows;
}

double logprob(const float* logits, int32_t token) {
  double sum = 0;
  for (int i = 0; i < kVocab; ++i) sum += std::exp(static_cast<double>(logits[i]));
  return logits[token] - std::log(sum);
}

Request scored(uint64_t id, std::vector<int32_t> prompt, int max_tokens) {
  Request request = greedy(id, std::move(prompt), max_tokens);
  request.context_logits = true;
  request.sampling.num_prompt_logprobs = 1;
  return request;
}

void expect_scored(const Outcome& outcome, const Request& request) {
  const std::vector<float> rows = rows_of(request.prompt);
  EXPECT_EQ(outcome.context_logits, rows);
  ASSERT_TRUE(outcome.prompt_logprobs.has_value());
  ASSERT_EQ(outcome.prompt_logprobs->size(), request.prompt.size());
  EXPECT_TRUE(outcome.prompt_logprobs->front().top.empty()) << "nothing predicts the first token";
  for (size_t i = 1; i < request.prompt.size(); ++i) {
    EXPECT_NEAR((*outcome.prompt_logprobs)[i].logprob, logprob(&rows[(i - 1) * kVocab], request.prompt[i]), 1e-5) << "position " << i;
  }
  EXPECT_EQ(outcome.tokens, continuation(request.prompt, request.max_tokens));
}

TEST(PromptRows, AreWholeForEveryPromptLengthAroundChunksAndBlocks) {
  for (int num_tokens : {7, 32, 50, 2048}) {
    for (int length : {1, 2, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 200}) {
      for (int max_tokens : {0, 3}) {
        Machine machine({.max_num_tokens = num_tokens, .num_blocks = 16});
        const Request request = scored(1, text(5, length), max_tokens);
        machine.executor.submit(request);
        ASSERT_TRUE(machine.finish());
        expect_scored(machine.outcomes.at(1), request);
      }
    }
  }
}

TEST(PromptRows, SurvivePausesInTheMiddleOfThePrompt) {
  int paused = 0;
  for (int seed = 0; seed < repetitions(150); ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto between = [&](int low, int high) { return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)); };
    Machine machine({.max_num_tokens = between(20, 150), .num_blocks = between(7, 12), .capacity_policy = CapacityPolicy::max_utilization});
    for (unsigned i = 0; i < 3; ++i) machine.executor.submit(greedy(i, text(i, between(5, 60)), between(60, 120)));
    for (int steps = between(0, 50); steps > 0; --steps) machine.step();
    const Request youngest = scored(9, text(9, between(100, 200)), 10);
    machine.executor.submit(youngest);
    ASSERT_TRUE(machine.finish());
    expect_scored(machine.outcomes.at(9), youngest);
    paused += machine.num_paused;
  }
  EXPECT_GT(paused, repetitions(100));
}

TEST(PromptRows, OfSeveralRequestsInOneStepAreKeptApart) {
  Machine machine({.num_blocks = 32});
  std::vector<Request> requests;
  for (unsigned i = 0; i < 4; ++i) requests.push_back(scored(i, text(i, 30 + static_cast<int>(i) * 20), 4));
  for (const Request& request : requests) machine.executor.submit(request);
  ASSERT_TRUE(machine.finish());
  for (const Request& request : requests) expect_scored(machine.outcomes.at(request.id), request);
}

TEST(PromptRows, AskedForTakeNothingFromTheCache) {
  Machine machine({.num_blocks = 16});
  machine.executor.submit(greedy(0, text(0, 96), 1));
  ASSERT_TRUE(machine.finish());
  machine.executor.submit(scored(1, text(0, 96), 1));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(1).cached_tokens, 0);
  expect_scored(machine.outcomes.at(1), scored(1, text(0, 96), 1));
}

TEST(PromptRows, OfAPromptWithNanGiveAnErrorAndNoHalfList) {
  Machine machine({.max_num_tokens = 32, .num_blocks = 16});
  std::vector<int32_t> bad = text(1, 100);
  bad[70] = kPoison;
  machine.executor.submit(scored(0, bad, 4));
  machine.executor.submit(scored(1, text(2, 100), 4));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(0).error_code, "NUMERICS_ERROR");
  EXPECT_FALSE(machine.outcomes.at(0).prompt_logprobs.has_value());
  expect_scored(machine.outcomes.at(1), scored(1, text(2, 100), 4));
}

}  // namespace
}  // namespace trtllm::executor_test
