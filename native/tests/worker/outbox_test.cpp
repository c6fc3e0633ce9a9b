#include "worker/outbox.h"

#include <gtest/gtest.h>

#include <thread>

namespace trtllm::worker {
namespace {

RequestEvent event(uint64_t id, std::vector<int32_t> tokens, FinishReason finish = FinishReason::none) {
  RequestEvent made;
  made.id = id;
  made.tokens = std::move(tokens);
  made.finish = finish;
  return made;
}

StepBatch step(uint64_t iteration, std::vector<RequestEvent> events) { return {.iteration = iteration, .events = std::move(events)}; }

std::vector<StepBatch> all_steps(Outbox& outbox) {
  outbox.close();
  std::vector<StepBatch> steps;
  while (std::optional<Outgoing> item = outbox.take()) {
    if (StepBatch* batch = std::get_if<StepBatch>(&*item)) steps.push_back(std::move(*batch));
  }
  return steps;
}

TEST(Outbox, StepsThatWaitBecomeOneWithTokensInOrder) {
  Outbox outbox;
  outbox.put_step(step(1, {event(5, {10}), event(6, {20})}));
  outbox.put_step(step(2, {event(6, {21}, FinishReason::length), event(5, {11})}));
  outbox.put_step(step(3, {event(5, {12}, FinishReason::stop), event(7, {30})}));
  const std::vector<StepBatch> steps = all_steps(outbox);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].iteration, 3u);
  ASSERT_EQ(steps[0].events.size(), 3u);
  EXPECT_EQ(steps[0].events[0].tokens, (std::vector<int32_t>{10, 11, 12}));
  EXPECT_EQ(steps[0].events[0].finish, FinishReason::stop);
  EXPECT_EQ(steps[0].events[1].tokens, (std::vector<int32_t>{20, 21}));
  EXPECT_EQ(steps[0].events[1].finish, FinishReason::length);
}

TEST(Outbox, AnIdThatHasEndedAndIsTakenAgainNeedsAnotherFrame) {
  Outbox outbox;
  outbox.put_step(step(1, {event(5, {10}, FinishReason::stop)}));
  outbox.put_step(step(2, {event(5, {70})}));
  EXPECT_EQ(all_steps(outbox).size(), 2u);
}

TEST(Outbox, NothingOvertakesWhatWasPutBefore) {
  Outbox outbox;
  outbox.put_step(step(1, {event(5, {10})}));
  outbox.put("logits of 5");
  outbox.put_step(step(2, {event(5, {}, FinishReason::length)}));
  EXPECT_EQ(all_steps(outbox).size(), 2u);
}

TEST(Outbox, MergedLogprobsStayFarBelowTheHeaderLimit) {
  Outbox outbox;
  RequestEvent large = event(5, {1});
  large.logprobs = {{.logprob = -1, .rank = 1, .top = std::vector<std::pair<int32_t, float>>(1000)}};
  for (int i = 0; i < 200; ++i) outbox.put_step(step(static_cast<uint64_t>(i), {large}));
  outbox.close();
  size_t tokens = 0;
  while (const std::optional<Outgoing> item = outbox.take()) {
    EXPECT_LT(encode(*item).size(), 8u << 20);
    tokens += std::get<StepBatch>(*item).events[0].tokens.size();
  }
  EXPECT_EQ(tokens, 200u);
}

TEST(Outbox, UnsentRecordsBeyondAThousandAreDroppedOldestFirst) {
  Outbox outbox;
  for (uint64_t i = 0; i < 1500; ++i) {
    IterationStats record;
    record.iteration = i;
    outbox.put_stats({.limits = {}, .records = {record}, .free_blocks = static_cast<int>(i)});
  }
  outbox.close();
  const std::optional<Outgoing> item = outbox.take();
  const StatsBatch& stats = std::get<StatsBatch>(item.value());
  EXPECT_EQ(stats.records.size(), 1000u);
  EXPECT_EQ(stats.records.front().iteration, 500u);
  EXPECT_EQ(stats.records.back().iteration, 1499u);
  EXPECT_EQ(stats.free_blocks, 1499);
  EXPECT_FALSE(outbox.take());
}

TEST(Outbox, BulkWaitsForRoomAndGoesOnWhenThePeerIsGone) {
  Outbox outbox;
  const std::string bulk(100 << 20, 'x');
  outbox.put_when_room(bulk);
  outbox.put_when_room(bulk);
  std::thread engine([&] { outbox.put_when_room("one more"); });
  outbox.abandon();
  engine.join();
  EXPECT_FALSE(outbox.take());
}

}  // namespace
}  // namespace trtllm::worker
