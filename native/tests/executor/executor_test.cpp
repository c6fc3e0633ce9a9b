#include "executor/executor.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include "base/error.h"
#include "executor/token_store_backend.h"

namespace trtllm {
namespace {

ExecutorConfig config_of(int num_blocks) {
  ExecutorConfig config;
  config.max_batch_size = 8;
  config.max_num_tokens = 64;
  config.num_blocks = num_blocks;
  return config;
}

Request request_of(uint64_t id, int prompt_length, int max_tokens, uint64_t seed = 0) {
  std::mt19937_64 random(seed + 17);
  Request request;
  request.id = id;
  for (int i = 0; i < prompt_length; ++i) request.prompt.push_back(static_cast<int32_t>(random() % 97));
  request.max_tokens = max_tokens;
  request.sampling.temperature = 0.8f;
  request.sampling.seed = seed;
  return request;
}

struct Outcome {
  std::vector<int32_t> tokens;
  std::vector<TokenLogprobs> logprobs;
  std::vector<float> context_logits;
  std::optional<std::vector<TokenLogprobs>> prompt_logprobs;
  FinishReason finish = FinishReason::none;
  std::string error_code;
  int cached_tokens = -1;
};

// An executor and what its requests came to.
struct Trial {
  explicit Trial(const ExecutorConfig& config) {
    auto owned = std::make_unique<TokenStoreBackend>();
    backend = owned.get();
    executor = std::make_unique<Executor>(std::move(owned), config);
  }

  IterationStats step() {
    const StepResult result = executor->step();
    for (const ContextLogits& logits : result.context_logits) {
      auto& all = outcomes[logits.id].context_logits;
      EXPECT_EQ(all.size(), static_cast<size_t>(logits.first_row) * 97) << "rows come in order, once";
      all.insert(all.end(), logits.values, logits.values + static_cast<size_t>(logits.num_rows) * 97);
    }
    for (const RequestEvent& event : result.events) {
      Outcome& outcome = outcomes[event.id];
      EXPECT_EQ(outcome.finish, FinishReason::none) << "nothing follows an end";
      outcome.tokens.insert(outcome.tokens.end(), event.tokens.begin(), event.tokens.end());
      outcome.logprobs.insert(outcome.logprobs.end(), event.logprobs.begin(), event.logprobs.end());
      if (event.prompt_logprobs) outcome.prompt_logprobs = event.prompt_logprobs;
      if (event.cached_tokens >= 0) outcome.cached_tokens = event.cached_tokens;
      outcome.finish = event.finish;
      outcome.error_code = event.error_code;
    }
    num_paused += result.stats.num_paused;
    return result.stats;
  }

  void finish(int max_steps = 20'000) {
    for (int i = 0; executor->has_work(); ++i) {
      ASSERT_LT(i, max_steps) << "no progress";
      step();
    }
    EXPECT_EQ(executor->num_free_blocks(), executor->num_blocks());
  }

  TokenStoreBackend* backend;
  std::unique_ptr<Executor> executor;
  std::map<uint64_t, Outcome> outcomes;
  int num_paused = 0;
};

std::vector<int32_t> alone(const Request& request) {
  Trial run(config_of(64));
  run.executor->submit(request);
  run.finish();
  return run.outcomes[request.id].tokens;
}

std::string refusal(Trial& run, Request request) {
  try {
    run.executor->submit(std::move(request));
  } catch (const Error& error) {
    return error.code();
  }
  return "accepted";
}

TEST(Executor, a_request_gets_its_tokens_and_ends_by_length) {
  Trial run(config_of(64));
  run.executor->submit(request_of(1, 40, 12));
  run.finish();
  EXPECT_EQ(run.outcomes[1].tokens.size(), 12u);
  EXPECT_EQ(run.outcomes[1].finish, FinishReason::length);
  EXPECT_EQ(run.outcomes[1].cached_tokens, 0);
}

TEST(Executor, a_stop_token_ends_the_request_and_is_reported) {
  const std::vector<int32_t> text = alone(request_of(1, 10, 20));
  Request request = request_of(1, 10, 20);
  request.stop_token_ids = {text[4]};
  Trial run(config_of(64));
  run.executor->submit(request);
  run.finish();
  const auto first = std::find(text.begin(), text.end(), text[4]);
  EXPECT_EQ(run.outcomes[1].tokens, std::vector<int32_t>(text.begin(), first + 1));
  EXPECT_EQ(run.outcomes[1].finish, FinishReason::stop);
}

TEST(Executor, stop_tokens_are_not_drawn_before_min_tokens) {
  Request request = request_of(1, 10, 20);
  for (int32_t token = 0; token < 96; ++token) request.stop_token_ids.push_back(token);  // all but 96
  request.sampling.min_tokens = 5;
  Trial run(config_of(64));
  run.executor->submit(request);
  run.finish();
  EXPECT_GE(run.outcomes[1].tokens.size(), 6u);
  EXPECT_EQ(std::vector<int32_t>(run.outcomes[1].tokens.begin(), run.outcomes[1].tokens.begin() + 5), std::vector<int32_t>(5, 96));
  EXPECT_EQ(run.outcomes[1].finish, FinishReason::stop);
}

// Batch invariance: whatever runs beside it, however it is cut, paused or reused.
TEST(Executor, fifty_random_schedules_give_every_request_the_tokens_it_gets_alone) {
  int paused = 0, reused = 0;
  for (uint64_t round = 0; round < 50; ++round) {
    std::mt19937_64 random(round);
    ExecutorConfig config = config_of(9 + static_cast<int>(random() % 24));
    config.max_batch_size = 1 + static_cast<int>(random() % 9);
    config.max_num_tokens = 8 << (random() % 4);
    config.enable_block_reuse = random() % 4 != 0;
    config.capacity_policy = static_cast<CapacityPolicy>(random() % 3);
    config.chunking_policy = static_cast<ChunkingPolicy>(random() % 2);
    Trial run(config);
    std::vector<Request> requests;
    for (uint64_t id = 1; id <= 24; ++id) {
      Request request = request_of(id, 1 + static_cast<int>(random() % 200), 1 + static_cast<int>(random() % 60), random() % 6);
      request.priority = static_cast<int32_t>(random() % 3) * 50;
      requests.push_back(request);
    }
    for (const Request& request : requests) {
      run.executor->submit(request);
      for (uint64_t steps = random() % 4; steps > 0 && run.executor->has_work(); --steps) run.step();
    }
    run.finish();
    paused += run.num_paused;
    for (const Request& request : requests) {
      reused += run.outcomes[request.id].cached_tokens > 0;
      EXPECT_EQ(run.outcomes[request.id].tokens, alone(request)) << "round " << round << ", request " << request.id;
    }
  }
  EXPECT_GT(paused, 20) << "the schedules should pause";
  EXPECT_GT(reused, 20) << "and reuse";
}

TEST(Executor, two_thousand_requests_with_random_aborts_leave_all_blocks_free) {
  for (const CapacityPolicy policy : {CapacityPolicy::guaranteed_no_evict, CapacityPolicy::max_utilization}) {
    ExecutorConfig config = config_of(40);
    config.capacity_policy = policy;
    Trial run(config);
    std::mt19937_64 random(5);
    std::vector<uint64_t> cancelled;
    for (uint64_t id = 1; id <= 2000; ++id) {
      run.executor->submit(request_of(id, 1 + static_cast<int>(random() % 150), static_cast<int>(random() % 40), random() % 50));
      if (random() % 2) run.step();
      if (random() % 3 == 0) run.executor->cancel(1 + random() % id);  // queued, in context, generating, or long gone
      while (run.executor->has_work() && run.outcomes.size() + 900 < id) run.step();
    }
    run.finish();
    EXPECT_EQ(run.outcomes.size(), 2000u);
    int num_cancelled = 0;
    for (const auto& [id, outcome] : run.outcomes) {
      EXPECT_NE(outcome.finish, FinishReason::none);
      num_cancelled += outcome.finish == FinishReason::cancelled;
    }
    EXPECT_GT(num_cancelled, 100);
  }
}

TEST(Executor, a_cancelled_request_frees_its_blocks_before_the_next_step) {
  Trial run(config_of(64));
  run.executor->submit(request_of(1, 100, 50));
  run.step();
  EXPECT_LT(run.executor->num_free_blocks(), 64);
  run.executor->cancel(1);
  EXPECT_EQ(run.executor->num_free_blocks(), 64);
  run.step();
  EXPECT_EQ(run.outcomes[1].finish, FinishReason::cancelled);
  EXPECT_FALSE(run.executor->has_work());
}

TEST(Executor, a_second_request_of_the_same_prompt_reuses_its_full_blocks) {
  Trial run(config_of(64));
  run.executor->submit(request_of(1, 100, 4, 3));
  run.finish();
  run.executor->submit(request_of(2, 100, 4, 3));
  run.finish();
  EXPECT_EQ(run.outcomes[2].cached_tokens, 96);
  EXPECT_EQ(run.outcomes[2].tokens, run.outcomes[1].tokens);

  Request salted = request_of(3, 100, 4, 3);
  salted.cache_salt = "other";
  run.executor->submit(salted);
  Request fresh = request_of(4, 100, 4, 3);
  fresh.allow_reuse = false;
  run.executor->submit(fresh);
  run.finish();
  EXPECT_EQ(run.outcomes[3].cached_tokens, 0);
  EXPECT_EQ(run.outcomes[4].cached_tokens, 0);
}

TEST(Executor, a_prompt_of_whole_blocks_still_computes_its_last_block) {
  Trial run(config_of(64));
  for (uint64_t id : {1, 2}) {
    run.executor->submit(request_of(id, 64, 2, 9));
    run.finish();
  }
  EXPECT_EQ(run.outcomes[2].cached_tokens, 32);
}

TEST(Executor, a_request_waits_for_a_prefix_that_another_is_computing) {
  ExecutorConfig config = config_of(64);
  config.max_num_tokens = 32;
  Trial run(config);
  run.executor->submit(request_of(1, 128, 4, 3));
  run.executor->submit(request_of(2, 128, 4, 3));
  run.finish();
  EXPECT_EQ(run.outcomes[1].cached_tokens, 0);
  EXPECT_EQ(run.outcomes[2].cached_tokens, 96);
}

TEST(Executor, prompt_logits_and_logprobs_come_once_and_in_order_also_across_pauses) {
  Request request = request_of(1, 150, 5);
  request.context_logits = true;
  request.sampling.num_prompt_logprobs = 2;
  Trial reference(config_of(64));
  reference.executor->submit(request);
  reference.finish();
  const Outcome& expected = reference.outcomes[1];
  ASSERT_EQ(expected.context_logits.size(), 150u * 97);
  ASSERT_TRUE(expected.prompt_logprobs);
  ASSERT_EQ(expected.prompt_logprobs->size(), 150u);
  EXPECT_TRUE(expected.prompt_logprobs->front().top.empty());
  EXPECT_EQ(expected.prompt_logprobs->back().top.size(), 2u);

  ExecutorConfig tight = config_of(7);
  tight.max_num_tokens = 24;
  tight.capacity_policy = CapacityPolicy::max_utilization;
  Trial run(tight);
  run.executor->submit(request_of(2, 60, 100));  // older: whenever it grows, the younger one may have to go
  run.step();
  run.executor->submit(request);
  run.finish();
  EXPECT_GT(run.num_paused, 0);
  EXPECT_EQ(run.outcomes[1].context_logits, expected.context_logits);
  EXPECT_EQ(run.outcomes[1].tokens, expected.tokens);
  ASSERT_EQ(run.outcomes[1].prompt_logprobs->size(), 150u);
  for (size_t i = 1; i < 150; ++i) EXPECT_EQ((*run.outcomes[1].prompt_logprobs)[i].logprob, (*expected.prompt_logprobs)[i].logprob);
}

TEST(Executor, max_tokens_0_scores_the_prompt_and_generates_nothing) {
  Request request = request_of(1, 70, 0);
  request.sampling.num_prompt_logprobs = 0;
  Trial run(config_of(64));
  run.executor->submit(request);
  run.finish();
  EXPECT_TRUE(run.outcomes[1].tokens.empty());
  EXPECT_EQ(run.outcomes[1].finish, FinishReason::length);
  EXPECT_EQ(run.outcomes[1].prompt_logprobs->size(), 70u);
}

TEST(Executor, logits_that_are_not_finite_end_that_request_alone) {
  Trial run(config_of(64));
  const Request bad = request_of(1, 20, 10, 1), good = request_of(2, 20, 10, 2);
  run.backend->tamper = [&](const std::vector<int32_t>& seen, float* logits) {
    if (seen.size() == 23 && std::equal(bad.prompt.begin(), bad.prompt.end(), seen.begin())) logits[5] = std::numeric_limits<float>::quiet_NaN();
  };
  run.executor->submit(bad);
  run.executor->submit(good);
  run.finish();
  EXPECT_EQ(run.outcomes[1].finish, FinishReason::error);
  EXPECT_EQ(run.outcomes[1].error_code, "NUMERICS_ERROR");
  EXPECT_EQ(run.outcomes[2].tokens, alone(good));
}

TEST(Executor, small_pools_make_progress_under_every_policy) {
  for (const CapacityPolicy policy : {CapacityPolicy::guaranteed_no_evict, CapacityPolicy::max_utilization, CapacityPolicy::static_batch}) {
    ExecutorConfig config = config_of(7);
    config.capacity_policy = policy;
    config.max_num_tokens = 40;
    Trial run(config);
    for (uint64_t id = 1; id <= 12; ++id) run.executor->submit(request_of(id, 100, 100, id));  // each needs all seven blocks
    run.finish();
    for (uint64_t id = 1; id <= 12; ++id) EXPECT_EQ(run.outcomes[id].tokens.size(), 100u);
  }
}

TEST(Executor, without_chunks_a_prompt_comes_whole_and_none_is_passed_over) {
  ExecutorConfig config = config_of(64);
  config.enable_chunked_context = false;
  Trial run(config);
  run.backend->on_plan = [&](const StepPlan& plan) {
    for (int s = 0; s < plan.num_sequences(); ++s) EXPECT_TRUE(plan.sequence_num_rows[s] == plan.sequence_kv_length[s] || plan.sequence_num_rows[s] == 1);
  };
  for (uint64_t id = 1; id <= 10; ++id) run.executor->submit(request_of(id, id % 2 ? 64 : 3, 30, id));
  run.finish();
  EXPECT_EQ(refusal(run, request_of(11, 65, 1)), "REQUEST_TOO_LONG");
}

TEST(Executor, what_can_never_run_is_refused_by_name) {
  Trial run(config_of(6));
  EXPECT_EQ(refusal(run, request_of(1, 0, 5)), "REQUEST_INVALID");
  EXPECT_EQ(refusal(run, request_of(1, 500, 20)), "REQUEST_TOO_LONG");
  EXPECT_EQ(refusal(run, request_of(1, 190, 10)), "REQUEST_TOO_LONG") << "seven blocks of six";
  EXPECT_EQ(refusal(run, request_of(1, 5, -1)), "REQUEST_INVALID");
  Request request = request_of(1, 5, 5);
  request.prompt[2] = 97;
  EXPECT_EQ(refusal(run, request), "REQUEST_INVALID");
  request = request_of(1, 5, 5);
  request.sampling.top_p = 0;
  EXPECT_EQ(refusal(run, request), "REQUEST_INVALID");
  request.sampling = {.temperature = std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(refusal(run, request), "REQUEST_INVALID");
  EXPECT_EQ(refusal(run, request_of(1, 5, 5)), "accepted");
  EXPECT_EQ(refusal(run, request_of(1, 5, 5)), "REQUEST_INVALID") << "the id is live";
  run.finish();
}

TEST(Executor, a_full_queue_refuses) {
  ExecutorConfig config = config_of(64);
  config.max_queue_size = 3;
  Trial run(config);
  for (uint64_t id = 1; id <= 3; ++id) EXPECT_EQ(refusal(run, request_of(id, 5, 5)), "accepted");
  EXPECT_EQ(refusal(run, request_of(4, 5, 5)), "QUEUE_FULL");
  run.finish();
  EXPECT_EQ(refusal(run, request_of(4, 5, 5)), "accepted");
}

TEST(Executor, higher_priority_goes_first) {
  ExecutorConfig config = config_of(64);
  config.max_batch_size = 1;
  Trial run(config);
  Request low = request_of(1, 5, 5), high = request_of(2, 5, 5);
  low.priority = 10;
  high.priority = 90;
  run.executor->submit(low);
  run.executor->submit(high);
  while (run.outcomes[2].finish == FinishReason::none) run.step();
  EXPECT_TRUE(run.outcomes[1].tokens.empty());
  run.finish();
}

TEST(Executor, statistics_count_what_a_step_did) {
  Trial run(config_of(64));
  run.executor->submit(request_of(1, 40, 3));
  run.executor->submit(request_of(2, 10, 3, 1));
  const IterationStats first = run.step();
  EXPECT_EQ(first.num_new_active, 2);
  EXPECT_EQ(first.num_context_requests, 2);
  EXPECT_EQ(first.num_context_tokens, 50);
  EXPECT_EQ(first.used_blocks, 3);
  EXPECT_EQ(first.max_blocks, 64);
  const IterationStats second = run.step();
  EXPECT_EQ(second.num_generation_requests, 2);
  EXPECT_EQ(second.iteration, first.iteration + 1);
  const IterationStats last = run.step();
  EXPECT_EQ(last.num_completed, 2);
  EXPECT_EQ(last.free_blocks, 64);
}

}  // namespace
}  // namespace trtllm
