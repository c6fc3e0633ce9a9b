#include "executor/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "executor/machine.h"
#include "repetitions.h"

namespace trtllm::executor_test {
namespace {

ExecutorConfig config_of(int num_blocks) {
  ExecutorConfig config;
  config.max_batch_size = 8;
  config.max_num_tokens = 64;
  config.num_blocks = num_blocks;
  return config;
}

Request sampled(uint64_t id, int prompt_length, int max_tokens, unsigned seed) {
  Request request = greedy(id, text(seed, prompt_length), max_tokens);
  request.sampling.temperature = 0.8f;
  request.sampling.seed = seed;
  return request;
}

Outcome alone(const Request& request) {
  Machine machine(config_of(64));
  machine.executor.submit(request);
  machine.finish();
  return machine.outcomes[request.id];
}

std::string refusal(Machine& machine, Request request) {
  try {
    machine.executor.submit(std::move(request));
  } catch (const Error& error) {
    return error.code();
  }
  return "accepted";
}

TEST(Executor, ARequestGetsItsTokensAndEndsByLength) {
  const Outcome outcome = alone(greedy(1, text(1, 40), 12));
  EXPECT_EQ(outcome.tokens, continuation(text(1, 40), 12));
  EXPECT_EQ(outcome.finish, FinishReason::length);
  EXPECT_EQ(outcome.cached_tokens, 0);
}

TEST(Executor, AStopTokenEndsTheRequestAndIsReported) {
  Request request = greedy(1, text(1, 10), 20);
  const std::vector<int32_t> whole = continuation(request.prompt, 20);
  request.stop_token_ids = {whole[4]};
  const Outcome outcome = alone(request);
  EXPECT_EQ(outcome.tokens, std::vector<int32_t>(whole.begin(), std::find(whole.begin(), whole.end(), whole[4]) + 1));
  EXPECT_EQ(outcome.finish, FinishReason::stop);
}

TEST(Executor, StopTokensAreNotDrawnBeforeMinTokens) {
  Request request = greedy(1, text(1, 10), 20);
  for (int32_t token = 1; token < kVocab; ++token) request.stop_token_ids.push_back(token);  // all but 0
  request.sampling.min_tokens = 5;
  const Outcome outcome = alone(request);
  ASSERT_GE(outcome.tokens.size(), 6u);
  EXPECT_EQ(std::vector<int32_t>(outcome.tokens.begin(), outcome.tokens.begin() + 5), std::vector<int32_t>(5, 0));
  EXPECT_EQ(outcome.finish, FinishReason::stop);
}

TEST(Executor, MaxTokens0ScoresThePromptAndGeneratesNothing) {
  Request request = greedy(1, text(1, 70), 0);
  request.sampling.num_prompt_logprobs = 0;
  const Outcome outcome = alone(request);
  EXPECT_TRUE(outcome.tokens.empty());
  EXPECT_EQ(outcome.finish, FinishReason::length);
  EXPECT_EQ(outcome.prompt_logprobs->size(), 70u);
}

// Batch invariance: whatever runs beside it, however it is cut, paused or reused.
TEST(Executor, RandomSchedulesGiveEveryRequestTheTokensItGetsAlone) {
  int paused = 0, reused = 0;
  for (int round = 0; round < repetitions(50); ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    const auto below = [&](unsigned bound) { return static_cast<int>(random() % bound); };
    ExecutorConfig config = config_of(9 + below(24));
    config.max_batch_size = 1 + below(9);
    config.max_num_tokens = 8 << below(4);
    config.enable_block_reuse = below(4) != 0;
    config.capacity_policy = static_cast<CapacityPolicy>(below(3));
    config.chunking_policy = static_cast<ChunkingPolicy>(below(2));
    Machine machine(config);
    std::vector<Request> requests;
    for (uint64_t id = 1; id <= 24; ++id) {
      requests.push_back(sampled(id, 1 + below(200), 1 + below(60), random() % 6));
      requests.back().priority = below(3) * 50;
      machine.executor.submit(requests.back());
      for (int steps = below(4); steps > 0 && machine.executor.has_work(); --steps) machine.step();
    }
    ASSERT_TRUE(machine.finish());
    paused += machine.num_paused;
    for (const Request& request : requests) {
      reused += machine.outcomes[request.id].cached_tokens > 0;
      ASSERT_EQ(machine.outcomes[request.id].tokens, alone(request).tokens) << "round " << round << ", request " << request.id;
    }
  }
  EXPECT_GT(paused, repetitions(20)) << "the schedules should pause";
  EXPECT_GT(reused, repetitions(20)) << "and reuse";
}

TEST(Executor, WhatCanNeverRunIsRefusedByName) {
  Machine machine(config_of(6));
  const auto request_of = [](int prompt_length, int max_tokens) { return greedy(1, text(1, prompt_length), max_tokens); };
  EXPECT_EQ(refusal(machine, request_of(0, 5)), "REQUEST_INVALID");
  EXPECT_EQ(refusal(machine, request_of(500, 20)), "REQUEST_TOO_LONG");
  EXPECT_EQ(refusal(machine, request_of(190, 10)), "REQUEST_TOO_LONG") << "seven blocks of six";
  EXPECT_EQ(refusal(machine, request_of(5, -1)), "REQUEST_INVALID");
  Request request = request_of(5, 5);
  request.prompt[2] = kVocab;
  EXPECT_EQ(refusal(machine, request), "REQUEST_INVALID");
  request = request_of(5, 5);
  request.sampling.top_p = 0;
  EXPECT_EQ(refusal(machine, request), "REQUEST_INVALID");
  request.sampling = {.temperature = std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(refusal(machine, request), "REQUEST_INVALID");
  EXPECT_EQ(refusal(machine, request_of(5, 5)), "accepted");
  EXPECT_EQ(refusal(machine, request_of(5, 5)), "REQUEST_INVALID") << "the id is live";
  machine.finish();
}

TEST(Executor, APromptThatMayNotBeCutMustFitIntoOneStep) {
  ExecutorConfig config = config_of(64);
  config.enable_chunked_context = false;
  Machine machine(config);
  EXPECT_EQ(refusal(machine, greedy(1, text(1, 65), 1)), "REQUEST_TOO_LONG");
  EXPECT_EQ(refusal(machine, greedy(1, text(1, 64), 1)), "accepted");
  machine.finish();
}

TEST(Executor, AFullQueueRefuses) {
  ExecutorConfig config = config_of(64);
  config.max_queue_size = 3;
  Machine machine(config);
  for (uint64_t id = 1; id <= 3; ++id) EXPECT_EQ(refusal(machine, greedy(id, text(1, 5), 5)), "accepted");
  EXPECT_EQ(refusal(machine, greedy(4, text(1, 5), 5)), "QUEUE_FULL");
  machine.finish();
  EXPECT_EQ(refusal(machine, greedy(4, text(1, 5), 5)), "accepted");
}

TEST(Executor, StatisticsCountWhatAStepDid) {
  Machine machine(config_of(64));
  machine.executor.submit(greedy(1, text(1, 40), 3));
  machine.executor.submit(greedy(2, text(2, 10), 3));
  const IterationStats first = machine.step().stats;
  EXPECT_EQ(first.num_new_active, 2);
  EXPECT_EQ(first.num_context_requests, 2);
  EXPECT_EQ(first.num_context_tokens, 50);
  EXPECT_EQ(first.used_blocks, 3);
  EXPECT_EQ(first.max_blocks, 64);
  const IterationStats second = machine.step().stats;
  EXPECT_EQ(second.num_generation_requests, 2);
  EXPECT_EQ(second.iteration, first.iteration + 1);
  const IterationStats last = machine.step().stats;
  EXPECT_EQ(last.num_completed, 2);
  EXPECT_EQ(last.free_blocks, 64);
}

}  // namespace
}  // namespace trtllm::executor_test
