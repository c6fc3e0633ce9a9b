// The scheduler with integers alone: chunk sizes, order, blocks, admission. No backend, no tokens drawn but zeros.
#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

#include <memory>

namespace trtllm::scheduler {
namespace {

constexpr int kPromptLogitRows = 64;

class Bench {
 public:
  explicit Bench(const ExecutorConfig& config) : scheduler(config, kPromptLogitRows) {}

  // Prompts differ unless told otherwise.
  Sequence& add(int prompt, int max_tokens, int first_token = -1) {
    auto owned = std::make_unique<Sequence>();
    Sequence& sequence = *owned;
    sequence.id = sequence.arrival = sequences_.size();
    sequence.tokens.assign(static_cast<size_t>(prompt), 0);
    sequence.tokens[0] = first_token >= 0 ? first_token : 100 + static_cast<int>(sequence.id);
    sequence.num_prompt_tokens = prompt;
    sequence.max_total_tokens = prompt + max_tokens;
    sequences_.push_back(std::move(owned));
    return sequence;
  }
  Sequence& submit(int prompt, int max_tokens, int first_token = -1) {
    Sequence& sequence = add(prompt, max_tokens, first_token);
    scheduler.add(sequence);
    return sequence;
  }

  // Plans and commits; a sequence that is computed to its end gets a token or leaves.
  void step() {
    scheduler.plan(planned);
    for (const std::vector<Chunk>* chunks : {&planned.context, &planned.generation}) {
      for (const Chunk& chunk : *chunks) {
        ASSERT_GE(static_cast<int>(chunk.sequence->blocks.size()), blocks_for(chunk.sequence->num_computed + chunk.num_tokens));
        scheduler.commit(chunk);
        Sequence& sequence = *chunk.sequence;
        if (sequence.num_uncomputed() > 0) continue;
        if (sequence.num_tokens() < sequence.max_total_tokens) sequence.tokens.push_back(0);
        if (sequence.num_tokens() == sequence.max_total_tokens) scheduler.remove(sequence);
      }
    }
    scheduler.blocks().check_integrity();
  }

  std::vector<int> context_tokens() const {
    std::vector<int> tokens;
    for (const Chunk& chunk : planned.context) tokens.push_back(chunk.num_tokens);
    return tokens;
  }

  Scheduler scheduler;
  ScheduledStep planned;

 private:
  std::vector<std::unique_ptr<Sequence>> sequences_;
};

using Tokens = std::vector<int>;

TEST(BlocksFor, RoundsUpAndLeavesOutTheLastToken) {
  EXPECT_EQ(blocks_for(0), 0);
  EXPECT_EQ(blocks_for(1), 1);
  EXPECT_EQ(blocks_for(32), 1);
  EXPECT_EQ(blocks_for(33), 2);
  Bench bench({.num_blocks = 8});
  EXPECT_EQ(blocks_to_completion(bench.add(32, 1)), 1) << "the one token generated is never fed back";
  EXPECT_EQ(blocks_to_completion(bench.add(32, 2)), 2);
  EXPECT_EQ(blocks_to_completion(bench.add(33, 0)), 2) << "with max_tokens 0 the prompt is all there is";
}

TEST(Chunks, AreSmallBesideGeneratingSequencesWhereATargetSaysSo) {
  for (bool has_target : {false, true}) {
    Bench bench({.max_num_tokens = 512, .num_blocks = 64, .target_itl_ms = has_target ? 100.0 : 0.0});
    bench.submit(10, 50);
    bench.step();
    bench.scheduler.observe(bench.planned, 10);
    EXPECT_EQ(bench.context_tokens(), Tokens{10});
    bench.submit(400, 5);
    bench.step();
    EXPECT_EQ(bench.context_tokens(), Tokens{400}) << "a context row's cost is not known before one of 16 or more was seen";
    bench.scheduler.observe(bench.planned, 420);
    bench.step();
    bench.scheduler.observe(bench.planned, 20);
    bench.submit(400, 5);
    bench.step();
    EXPECT_EQ(bench.context_tokens(), has_target ? Tokens{64} : Tokens{400}) << "100 ms less 20 ms at some 1.05 ms a row, on a block's border";
    if (!has_target) continue;
    for (int i = 0; i < 7; ++i) bench.submit(100, 5);
    bench.step();
    int num_tokens = 0;
    for (int tokens : bench.context_tokens()) num_tokens += tokens;
    EXPECT_NEAR(num_tokens, 352, 32) << "eight wait, two generate: four times the target";
  }
}

TEST(Chunks, EndOnBlockBordersAndTheLastTakesTheRest) {
  Bench bench({.max_num_tokens = 50, .num_blocks = 8});
  bench.submit(100, 5);
  for (const Tokens& expected : {Tokens{32}, Tokens{32}, Tokens{36}}) {
    bench.step();
    EXPECT_EQ(bench.context_tokens(), expected);
  }
}

TEST(Chunks, BelowABlockOfBudgetAreAsLargeAsTheBudget) {
  Bench bench({.max_num_tokens = 20, .num_blocks = 8});
  bench.submit(70, 5);
  for (const Tokens& expected : {Tokens{20}, Tokens{12}, Tokens{20}, Tokens{18}}) {
    bench.step();
    EXPECT_EQ(bench.context_tokens(), expected);
  }
}

TEST(Chunks, FirstComeFirstServedFillsTheStepInOrder) {
  Bench bench({.max_num_tokens = 128, .num_blocks = 32});
  for (int i = 0; i < 3; ++i) bench.submit(80, 5);
  bench.step();
  EXPECT_EQ(bench.context_tokens(), (Tokens{80, 32, 16}));
  bench.step();
  EXPECT_EQ(bench.planned.generation.size(), 1u) << "generation first, one token each";
  EXPECT_EQ(bench.context_tokens(), (Tokens{48, 64})) << "the second ends, the third goes from 16 to the border at 80, its end";
}

TEST(Chunks, EqualProgressGivesEachPromptTheSame) {
  Bench bench({.max_num_tokens = 200, .num_blocks = 32, .chunking_policy = ChunkingPolicy::equal_progress});
  for (int i = 0; i < 3; ++i) bench.submit(100, 5);
  bench.step();
  EXPECT_EQ(bench.context_tokens(), (Tokens{64, 64, 64}));
}

TEST(Chunks, SwitchedOffAPromptComesWholeOrWaits) {
  for (ChunkingPolicy policy : {ChunkingPolicy::first_come_first_served, ChunkingPolicy::equal_progress}) {
    Bench bench({.max_num_tokens = 100, .num_blocks = 32, .enable_chunked_context = false, .chunking_policy = policy});
    bench.submit(90, 1);
    bench.submit(90, 1);
    bench.submit(5, 1);  // would fit beside the first, but does not pass the second
    for (const Tokens& expected : {Tokens{90}, Tokens{90, 5}}) {
      bench.step();
      EXPECT_EQ(bench.context_tokens(), expected);
    }
  }
}

TEST(Chunks, OfScoredPromptsStayWithinTheLogitRowsOfAStep) {
  Bench bench({.num_blocks = 32});
  for (int i = 0; i < 2; ++i) {
    Sequence& sequence = bench.add(100, 1);
    sequence.wants_prompt_logits = true;
    sequence.allow_reuse = false;
    bench.scheduler.add(sequence);
  }
  bench.step();
  EXPECT_EQ(bench.context_tokens(), (Tokens{64}));
}

TEST(Generation, IsOneTokenEachAndComesOutOfTheBudget) {
  Bench bench({.max_num_tokens = 34, .num_blocks = 32});
  for (int i = 0; i < 3; ++i) bench.submit(4, 50);
  bench.step();
  bench.submit(100, 1);
  bench.step();
  EXPECT_EQ(bench.planned.generation.size(), 3u);
  EXPECT_EQ(bench.context_tokens(), (Tokens{31}));
}

TEST(Admission, KeepsWithinTheBatchSize) {
  Bench bench({.max_batch_size = 2, .num_blocks = 32});
  for (int i = 0; i < 3; ++i) bench.submit(4, 3);
  bench.step();
  EXPECT_EQ(bench.scheduler.num_active(), 2);
  EXPECT_EQ(bench.scheduler.num_waiting(), 1);
}

TEST(Admission, PassesNobodyOverForBeingLarge) {
  Bench bench({.num_blocks = 4});
  bench.submit(64, 33);   // 3 blocks in the end
  bench.submit(64, 1);    // 2
  bench.submit(10, 1);    // 1, would fit
  bench.step();
  EXPECT_EQ(bench.scheduler.num_active(), 1);
  EXPECT_EQ(bench.scheduler.num_waiting(), 2);
}

TEST(Admission, OfAGuaranteedRequestCountsBlocksThatOthersWillTakeLater) {
  Bench bench({.num_blocks = 4});
  bench.submit(10, 80);  // 1 block now, 3 in the end
  bench.submit(10, 40);  // 2 in the end
  bench.step();
  EXPECT_EQ(bench.scheduler.blocks().num_used(), 1);
  EXPECT_EQ(bench.scheduler.num_active(), 1);
}

TEST(Admission, CountsASharedPrefixOnce) {
  for (int num_blocks : {6, 7}) {
    Bench bench({.num_blocks = num_blocks});
    for (int i = 0; i < 2; ++i) {
      bench.submit(64, 40, 7);  // 4 blocks in the end; the second shares the first of them
      bench.step();
    }
    EXPECT_EQ(bench.scheduler.num_active(), num_blocks == 7 ? 2 : 1);
  }
}

TEST(Pause, HitsTheLastInOrderAndKeepsItsPlaceInTheQueue) {
  Bench bench({.max_batch_size = 2, .num_blocks = 4, .capacity_policy = CapacityPolicy::max_utilization});
  const Sequence& first = bench.submit(32, 60);
  const Sequence& second = bench.submit(32, 60);
  const Sequence& third = bench.submit(4, 1);
  for (int steps = 0; steps < 100 && !second.was_paused; ++steps) bench.step();
  ASSERT_TRUE(second.was_paused);
  EXPECT_FALSE(first.was_paused);
  EXPECT_FALSE(second.is_active);
  EXPECT_TRUE(second.blocks.empty());
  EXPECT_EQ(second.num_computed, 0);
  for (int steps = 0; steps < 200 && third.num_generated() == 0; ++steps) bench.step();
  EXPECT_EQ(third.num_generated(), 1);
  EXPECT_TRUE(second.is_active || second.num_generated() == 60) << "the third may not pass it";
}

TEST(Remove, GivesBackTheBlocksOfActiveAndWaitingSequences) {
  Bench bench({.max_batch_size = 1, .num_blocks = 8});
  Sequence& active = bench.submit(100, 50);
  Sequence& waiting = bench.submit(100, 50);
  bench.step();
  bench.scheduler.remove(waiting);
  bench.scheduler.remove(active);
  EXPECT_EQ(bench.scheduler.blocks().num_used(), 0);
  EXPECT_EQ(bench.scheduler.num_active() + bench.scheduler.num_waiting(), 0);
}

TEST(Counters, SayHowManyPromptBlocksWereFound) {
  Bench bench({.num_blocks = 16});
  for (int i = 0; i < 2; ++i) {
    bench.submit(100, 1, 7);
    bench.step();
  }
  const kv_cache::BlockCounters& counters = bench.scheduler.blocks().counters();
  EXPECT_EQ(counters.missed, 3u);
  EXPECT_EQ(counters.reused, 3u);
  EXPECT_EQ(counters.alloc_new, 5u);
  EXPECT_EQ(counters.alloc_total, 8u);
}

}  // namespace
}  // namespace trtllm::scheduler
