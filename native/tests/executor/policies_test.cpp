// Capacity and chunking policies, prefix reuse: who runs when, and that the text stays what the model says.
#include "executor/machine.h"

namespace trtllm::executor_test {
namespace {

constexpr CapacityPolicy kCapacityPolicies[] = {CapacityPolicy::guaranteed_no_evict, CapacityPolicy::max_utilization, CapacityPolicy::static_batch};

void expect_continuation(const Machine& machine, const Request& request) {
  EXPECT_EQ(machine.outcomes.at(request.id).tokens, continuation(request.prompt, request.max_tokens)) << "request " << request.id;
}

TEST(Policies, EveryCombinationFinishesEveryRequestWithTheModelsText) {
  for (CapacityPolicy capacity : kCapacityPolicies) {
    for (ChunkingPolicy chunking : {ChunkingPolicy::first_come_first_served, ChunkingPolicy::equal_progress}) {
      for (bool chunked : {true, false}) {
        Machine machine({.max_batch_size = 4, .max_num_tokens = 96, .num_blocks = 8, .enable_chunked_context = chunked, .capacity_policy = capacity, .chunking_policy = chunking});
        std::vector<Request> requests;
        for (unsigned i = 0; i < 12; ++i) requests.push_back(greedy(i, text(i % 5, 20 + static_cast<int>(i) * 6), 40));
        for (const Request& request : requests) machine.executor.submit(request);
        ASSERT_TRUE(machine.finish()) << "capacity " << static_cast<int>(capacity) << " chunking " << static_cast<int>(chunking) << " chunked " << chunked;
        for (const Request& request : requests) expect_continuation(machine, request);
      }
    }
  }
}

TEST(Policies, WithoutChunkingTwoLongPromptsShareNoStepAndBothRun) {
  Machine machine({.max_num_tokens = 96, .num_blocks = 16, .enable_chunked_context = false, .chunking_policy = ChunkingPolicy::equal_progress});
  for (unsigned i = 0; i < 2; ++i) machine.executor.submit(greedy(i, text(i, 90), 3));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(1).finish, FinishReason::length);
}

TEST(Policies, GuaranteedNoEvictNeverPausesAndWaitsForRoomToTheEnd) {
  Machine machine({.num_blocks = 5, .capacity_policy = CapacityPolicy::guaranteed_no_evict});
  for (unsigned i = 0; i < 3; ++i) machine.executor.submit(greedy(i, text(i, 32), 33));  // 2 blocks each to the end
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.num_paused, 0);
  EXPECT_EQ(machine.max_active, 2);
}

TEST(Policies, MaxUtilizationStartsMorePausesTheLatestAndResumesToTheSameText) {
  Machine machine({.num_blocks = 5, .capacity_policy = CapacityPolicy::max_utilization});
  std::vector<Request> requests;
  for (unsigned i = 0; i < 3; ++i) requests.push_back(greedy(i, text(i, 30), 60));  // 1 block at first, 3 in the end
  for (const Request& request : requests) machine.executor.submit(request);
  ASSERT_TRUE(machine.finish());
  EXPECT_GT(machine.num_paused, 0);
  EXPECT_EQ(machine.max_active, 3);
  for (const Request& request : requests) expect_continuation(machine, request);
  EXPECT_LT(machine.outcomes.at(0).finished_in_step, machine.outcomes.at(2).finished_in_step) << "the first to come is never paused";
  EXPECT_EQ(machine.outcomes.at(0).finished_in_step, 59) << "one token a step, from the first step on";
}

TEST(Policies, StaticBatchAdmitsNobodyUntilAllHaveEnded) {
  Machine machine({.max_batch_size = 2, .num_blocks = 16, .capacity_policy = CapacityPolicy::static_batch});
  machine.executor.submit(greedy(0, text(0, 10), 2));
  machine.executor.submit(greedy(1, text(1, 10), 9));
  machine.executor.submit(greedy(2, text(2, 10), 1));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(0).finished_in_step, 1);
  EXPECT_EQ(machine.outcomes.at(1).finished_in_step, 8);
  EXPECT_EQ(machine.outcomes.at(2).finished_in_step, 9);
}

TEST(Policies, AStaticBatchOfOnePromptRunsTogether) {
  Machine machine({.num_blocks = 16, .capacity_policy = CapacityPolicy::static_batch});
  for (unsigned i = 0; i < 3; ++i) machine.executor.submit(greedy(i, text(0, 40), 2));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.max_active, 3);
}

TEST(Policies, HigherPriorityStartsFirst) {
  Machine machine({.max_batch_size = 1, .num_blocks = 16});
  for (unsigned i = 0; i < 3; ++i) {
    Request request = greedy(i, text(i, 10), 2);
    request.priority = i == 2 ? 90 : 50;
    machine.executor.submit(request);
  }
  ASSERT_TRUE(machine.finish());
  EXPECT_LT(machine.outcomes.at(2).finished_in_step, machine.outcomes.at(0).finished_in_step);
  EXPECT_LT(machine.outcomes.at(0).finished_in_step, machine.outcomes.at(1).finished_in_step);
}

TEST(Policies, TwoHalfComputedPromptsDoNotWaitForEachOther) {
  Machine machine({.max_num_tokens = 64, .num_blocks = 6, .capacity_policy = CapacityPolicy::max_utilization, .chunking_policy = ChunkingPolicy::equal_progress});
  for (unsigned i = 0; i < 2; ++i) machine.executor.submit(greedy(i, text(i, 160), 20));  // 6 blocks each, 6 in all
  ASSERT_TRUE(machine.finish());
  for (unsigned i = 0; i < 2; ++i) expect_continuation(machine, greedy(i, text(i, 160), 20));
}

TEST(Policies, ALongRequestIsNotPassedOverForeverByShortOnes) {
  for (CapacityPolicy capacity : kCapacityPolicies) {
    Machine machine({.max_batch_size = 4, .max_num_tokens = 64, .num_blocks = 6, .capacity_policy = capacity});
    uint64_t id = 1;
    machine.executor.submit(greedy(id++, text(99, 20), 20));
    machine.executor.submit(greedy(0, text(0, 150), 40));  // the whole pool
    for (int step = 0; step < 300 && machine.outcomes[0].finish == FinishReason::none; ++step, ++id) {
      machine.executor.submit(greedy(id, text(static_cast<unsigned>(id), 20), 20));
      machine.step();
    }
    EXPECT_EQ(machine.outcomes.at(0).finish, FinishReason::length) << "capacity " << static_cast<int>(capacity);
  }
}

TEST(Reuse, APromptSeenBeforeIsTakenFromTheCacheButForItsLastToken) {
  Machine machine({.num_blocks = 16});
  for (uint64_t id = 0; id < 2; ++id) {
    machine.executor.submit(greedy(id, text(0, 96), 2));
    ASSERT_TRUE(machine.finish());
    expect_continuation(machine, greedy(id, text(0, 96), 2));
  }
  EXPECT_EQ(machine.outcomes.at(0).cached_tokens, 0);
  EXPECT_EQ(machine.outcomes.at(1).cached_tokens, 64) << "the third block has the last token, whose logits are wanted";
  EXPECT_EQ(machine.num_computed_rows(), 97 + 33);
}

TEST(Reuse, GeneratedTextIsTakenFromTheCacheToo) {
  Machine machine({.num_blocks = 16});
  machine.executor.submit(greedy(0, text(0, 30), 40));
  ASSERT_TRUE(machine.finish());
  std::vector<int32_t> longer = text(0, 30);
  for (int32_t token : continuation(longer, 40)) longer.push_back(token);
  machine.executor.submit(greedy(1, longer, 5));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(1).cached_tokens, 64);
  expect_continuation(machine, greedy(1, longer, 5));
}

TEST(Reuse, SaltsAndRefusalsShareNothing) {
  Machine machine({.num_blocks = 16});
  for (uint64_t id = 0; id < 3; ++id) {
    Request request = greedy(id, text(0, 70), 1);
    request.cache_salt = id == 1 ? "another" : "";
    request.allow_reuse = id != 2;
    machine.executor.submit(request);
    ASSERT_TRUE(machine.finish());
    EXPECT_EQ(machine.outcomes.at(id).cached_tokens, 0);
  }
}

TEST(Reuse, WhatWasCachedLongestIsGivenUpFirst) {
  Machine machine({.num_blocks = 4});
  for (unsigned id = 0; id < 3; ++id) {  // 2 blocks each: the third takes the place of the first
    machine.executor.submit(greedy(id, text(id, 40), 2));
    ASSERT_TRUE(machine.finish());
  }
  machine.executor.submit(greedy(10, text(2, 40), 2));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(10).cached_tokens, 32);
  machine.executor.submit(greedy(11, text(0, 40), 40));  // 3 blocks
  ASSERT_TRUE(machine.finish());
  machine.executor.submit(greedy(12, text(1, 40), 2));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(12).cached_tokens, 0);
}

TEST(Reuse, OfAPromptItsEndIsGivenUpBeforeItsBeginning) {
  Machine machine({.num_blocks = 4});
  machine.executor.submit(greedy(0, text(0, 97), 1));  // 3 full blocks stay
  ASSERT_TRUE(machine.finish());
  machine.executor.submit(greedy(1, text(1, 40), 1));  // takes the free one and one of the three
  ASSERT_TRUE(machine.finish());
  machine.executor.submit(greedy(2, text(0, 97), 1));
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(2).cached_tokens, 64);
}

TEST(Reuse, ARequestWaitsForAPrefixThatAnotherComputesAndOthersPassIt) {
  Machine machine({.max_num_tokens = 64, .num_blocks = 16});
  machine.executor.submit(greedy(0, text(0, 100), 3));
  machine.executor.submit(greedy(1, text(0, 100), 3));
  machine.executor.submit(greedy(2, text(2, 10), 3));
  const StepResult first = machine.step();
  EXPECT_EQ(first.stats.num_active, 2);
  EXPECT_EQ(first.stats.num_queued, 1);
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(1).cached_tokens, 96);
  EXPECT_EQ(machine.outcomes.at(1).tokens, machine.outcomes.at(0).tokens);
}

TEST(Reuse, EqualTextGrownSideBySideEndsUpInOneBlock) {
  Machine machine({.num_blocks = 16});
  for (uint64_t id = 0; id < 2; ++id) machine.executor.submit(greedy(id, text(0, 20), 40));  // no full block to wait for
  int used = 0;
  while (machine.executor.has_work()) used = std::max(used, machine.step().stats.used_blocks);
  EXPECT_EQ(used, 3) << "the first 32 tokens once, then one block each";
  EXPECT_EQ(machine.outcomes.at(1).tokens, machine.outcomes.at(0).tokens);
}

}  // namespace
}  // namespace trtllm::executor_test
