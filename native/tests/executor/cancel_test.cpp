// Requests that leave early, in whatever state: their blocks are free at once, the others' text stays the model's.
#include "executor/machine.h"
#include "repetitions.h"

namespace trtllm::executor_test {
namespace {

void expect_cancelled(Machine& machine, uint64_t id) {
  machine.executor.cancel(id);
  machine.executor.check_integrity();
  EXPECT_TRUE(machine.executor.has_work()) << "the end is still to be reported";
  machine.step();
  EXPECT_EQ(machine.outcomes.at(id).finish, FinishReason::cancelled);
}

TEST(Cancel, InTheQueueInAPromptAndWhileGenerating) {
  Machine machine({.max_batch_size = 2, .max_num_tokens = 33, .num_blocks = 12});
  machine.executor.submit(greedy(0, text(0, 5), 30));    // generates
  machine.executor.submit(greedy(1, text(1, 200), 30));  // in its prompt
  machine.executor.submit(greedy(2, text(2, 5), 5));     // waits
  machine.executor.submit(greedy(3, text(3, 5), 5));
  machine.step();
  machine.step();
  ASSERT_FALSE(machine.outcomes[0].tokens.empty());
  ASSERT_TRUE(machine.outcomes[1].tokens.empty());
  for (uint64_t id : {2, 1, 0}) expect_cancelled(machine, id);
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(3).tokens, continuation(text(3, 5), 5));
}

TEST(Cancel, OfTheOneWhosePrefixAnotherWaitsForLetsThatOneCompute) {
  Machine machine({.max_num_tokens = 32, .num_blocks = 16});
  machine.executor.submit(greedy(0, text(0, 128), 4));
  machine.executor.submit(greedy(1, text(0, 128), 4));
  machine.step();
  expect_cancelled(machine, 0);
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(1).cached_tokens, 32) << "what the first had computed";
  EXPECT_EQ(machine.outcomes.at(1).tokens, continuation(text(0, 128), 4));
}

TEST(Cancel, OfAPausedRequestAndOfADeferredOne) {
  Machine machine({.num_blocks = 4, .capacity_policy = CapacityPolicy::max_utilization});
  for (unsigned i = 0; i < 2; ++i) machine.executor.submit(greedy(i, text(i, 40), 60));
  while (machine.num_paused == 0) machine.step();
  expect_cancelled(machine, 1);
  machine.executor.submit(greedy(2, text(7, 33), 1));
  machine.executor.submit(greedy(3, text(7, 33), 1));
  expect_cancelled(machine, 3);
  ASSERT_TRUE(machine.finish());
  EXPECT_EQ(machine.outcomes.at(0).tokens, continuation(text(0, 40), 60));
}

TEST(Cancel, OfASharerLeavesTheSharedBlocksToTheOther) {
  Machine machine({.num_blocks = 8});
  for (uint64_t id = 0; id < 3; ++id) {
    machine.executor.submit(greedy(id, text(0, 70), 50));
    machine.step();
  }
  machine.step();
  expect_cancelled(machine, 0);
  for (unsigned i = 0; i < 4; ++i) machine.executor.submit(greedy(10 + i, text(10 + i, 64), 30));  // wants every free block
  ASSERT_TRUE(machine.finish());
  for (uint64_t id : {1, 2}) EXPECT_EQ(machine.outcomes.at(id).tokens, continuation(text(0, 70), 50));
}

TEST(Cancel, OfAnUnknownOrEndedRequestDoesNothing) {
  Machine machine({.num_blocks = 4});
  machine.executor.cancel(5);
  EXPECT_FALSE(machine.executor.has_work());
  machine.executor.submit(greedy(1, text(1, 4), 1));
  ASSERT_TRUE(machine.finish());
  machine.executor.cancel(1);
  EXPECT_FALSE(machine.executor.has_work());
}

TEST(Cancel, AnIdIsFreeAgainAtOnce) {
  Machine machine({.num_blocks = 4});
  machine.executor.submit(greedy(1, text(1, 4), 9));
  machine.executor.cancel(1);
  machine.executor.submit(greedy(1, text(2, 4), 2));
  const StepResult result = machine.executor.step();
  ASSERT_EQ(result.events.size(), 2u);
  EXPECT_EQ(result.events[0].finish, FinishReason::cancelled);
  EXPECT_EQ(result.events[1].tokens, continuation(text(2, 4), 1));
}

// Shared prefixes, priorities, poison, all policies; every step checks blocks, every outcome is compared with the model.
TEST(Cancel, ManyRequestsWithAbortsLoseNoBlockAndNoText) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    Machine machine({.max_batch_size = 1 + below(8), .max_num_tokens = 8 + below(120), .num_blocks = 7 + below(20),
                     .capacity_policy = static_cast<CapacityPolicy>(seed % 3), .chunking_policy = static_cast<ChunkingPolicy>(seed / 3)});
    std::map<uint64_t, Request> requests;
    int num_whole = 0, num_cancelled = 0, num_failed = 0;
    for (uint64_t id = 0; id < repetitions(350); ++id) {
      Request request = greedy(id, text(static_cast<unsigned>(below(4)), 1 + below(120)), below(80));
      for (int32_t token : text(static_cast<unsigned>(id), below(20))) request.prompt.push_back(token);
      if (below(20) == 0) request.prompt.push_back(kPoison);
      request.priority = below(3) * 50;
      requests[id] = request;
      machine.executor.submit(request);
      for (int steps = below(12); steps > 0; --steps) machine.step();
      if (below(4) == 0) machine.executor.cancel(id - std::min<uint64_t>(id, static_cast<uint64_t>(below(6))));
    }
    ASSERT_TRUE(machine.finish());
    for (const auto& [id, request] : requests) {
      const Outcome& outcome = machine.outcomes.at(id);
      if (outcome.finish == FinishReason::error) {
        EXPECT_EQ(request.prompt.back(), kPoison);
        ++num_failed;
        continue;
      }
      num_cancelled += outcome.finish == FinishReason::cancelled;
      num_whole += outcome.finish == FinishReason::length;
      if (outcome.finish == FinishReason::length) {
        EXPECT_EQ(outcome.tokens.size(), static_cast<size_t>(request.max_tokens));
      }
      EXPECT_EQ(outcome.tokens, continuation(request.prompt, static_cast<int>(outcome.tokens.size()))) << "request " << id;
    }
    EXPECT_GT(num_whole, repetitions(100));
    EXPECT_GT(num_cancelled, repetitions(10));
    EXPECT_GT(num_failed, repetitions(2));
  }
}

}  // namespace
}  // namespace trtllm::executor_test
