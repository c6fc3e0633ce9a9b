// An executor over the fake backend, and everything its requests got. Each step is checked: it makes progress, and blocks agree.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "executor/executor.h"
#include "executor/fake_backend.h"

namespace trtllm::executor_test {

struct Outcome {
  std::vector<int32_t> tokens;
  std::vector<float> logprobs;
  std::optional<std::vector<TokenLogprobs>> prompt_logprobs;
  std::vector<float> context_logits;
  FinishReason finish = FinishReason::none;
  std::string error_code;
  int cached_tokens = -1;
  int finished_in_step = -1;
};

class Machine {
 public:
  explicit Machine(const ExecutorConfig& config) : Machine(config, std::make_unique<FakeBackend>()) {}

  StepResult step() {
    const int64_t rows_before = backend_->num_rows;
    StepResult result = executor.step();
    for (const RequestEvent& event : result.events) record(event);
    for (const ContextLogits& rows : result.context_logits) {
      std::vector<float>& all = outcomes[rows.id].context_logits;
      EXPECT_EQ(all.size(), static_cast<size_t>(rows.first_row) * kVocab) << "context rows come once and in order";
      all.insert(all.end(), rows.values, rows.values + static_cast<size_t>(rows.num_rows) * kVocab);
    }
    executor.check_integrity();
    num_paused += result.stats.num_paused;
    max_active = std::max(max_active, result.stats.num_active);
    ++num_steps;
    if (backend_->num_rows == rows_before && executor.has_work()) ADD_FAILURE() << "a step with live requests computed nothing";
    return result;
  }

  // Until nothing is left; false: it takes forever.
  bool finish() {
    for (int steps = 0; executor.has_work(); ++steps) {
      if (steps == 20'000 || ::testing::Test::HasFailure()) return false;
      step();
    }
    EXPECT_EQ(executor.num_free_blocks(), executor.num_blocks()) << "blocks are lost";
    return true;
  }

  int64_t num_computed_rows() const { return backend_->num_rows; }

 private:
  Machine(const ExecutorConfig& config, std::unique_ptr<FakeBackend> backend) : backend_(backend.get()), executor(std::move(backend), config) {}

  void record(const RequestEvent& event) {
    Outcome& outcome = outcomes[event.id];
    EXPECT_EQ(outcome.finish, FinishReason::none) << "an event after the last";
    if (event.cached_tokens >= 0) {
      EXPECT_EQ(outcome.cached_tokens, -1) << "cached_tokens comes once";
      outcome.cached_tokens = event.cached_tokens;
    }
    if (event.prompt_logprobs) {
      EXPECT_FALSE(outcome.prompt_logprobs.has_value()) << "prompt log-probabilities come once";
      outcome.prompt_logprobs = event.prompt_logprobs;
    }
    outcome.tokens.insert(outcome.tokens.end(), event.tokens.begin(), event.tokens.end());
    for (const TokenLogprobs& entry : event.logprobs) outcome.logprobs.push_back(entry.logprob);
    outcome.finish = event.finish;
    outcome.error_code = event.error_code;
    if (event.finish != FinishReason::none) outcome.finished_in_step = num_steps;
  }

  FakeBackend* backend_;

 public:
  Executor executor;
  std::map<uint64_t, Outcome> outcomes;
  int num_steps = 0, num_paused = 0, max_active = 0;
};

// `length` tokens that depend on `seed` alone.
inline std::vector<int32_t> text(unsigned seed, int length) {
  std::mt19937 random(seed);
  std::vector<int32_t> tokens(static_cast<size_t>(length));
  for (int32_t& token : tokens) token = static_cast<int32_t>(random() % kPoison);
  return tokens;
}

inline Request greedy(uint64_t id, std::vector<int32_t> prompt, int max_tokens) {
  Request request;
  request.id = id;
  request.prompt = std::move(prompt);
  request.max_tokens = max_tokens;
  request.sampling.temperature = 0;
  return request;
}

// What the fake model says after a prompt, without any executor.
inline std::vector<int32_t> continuation(const std::vector<int32_t>& prompt, int num_tokens) {
  TextState state;
  for (int32_t token : prompt) state = state.then(token);
  std::vector<int32_t> tokens;
  while (static_cast<int>(tokens.size()) < num_tokens) {
    const std::vector<float> logits = logits_after(state);
    tokens.push_back(static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    state = state.then(tokens.back());
  }
  return tokens;
}

}  // namespace trtllm::executor_test
