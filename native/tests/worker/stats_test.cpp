#include "worker/stats.h"

#include <gtest/gtest.h>

#include "worker/frame_codec.h"

namespace trtllm::worker {
namespace {

nlohmann::json header_of(const std::string& frame) {
  FrameDecoder decoder;
  decoder.push(std::as_bytes(std::span(frame)));
  return decoder.next().value().header;
}

TEST(Stats, TimestampsHaveMicroseconds) {
  EXPECT_EQ(timestamp_text(0), "01-01-1970 00:00:00.000000");
  EXPECT_EQ(timestamp_text(1700000000.25), "11-14-2023 22:13:20.250000");
}

TEST(Stats, RecordsHaveTheNamesOfTheMetricsEndpoint) {
  IterationStats record;
  record.iteration = 3;
  record.latency_ms = 1.5;
  record.forward_ms = 1.25;
  record.num_context_requests = 2;
  record.num_generation_requests = 4;
  record.reused_blocks = 3;
  record.missed_blocks = 1;
  record.max_blocks = 10;
  const nlohmann::json header = header_of(encode_stats({.limits = {.max_batch_size = 8, .max_num_tokens = 64}, .records = {record}, .total_blocks = 10}));
  const nlohmann::json& json = header["records"][0];
  EXPECT_EQ(json["iter"], 3);
  EXPECT_EQ(json["iterLatencyMS"], 1.5);
  EXPECT_EQ(json["forwardLatencyMS"], 1.25);
  EXPECT_EQ(json["maxBatchSizeStatic"], 8);
  EXPECT_EQ(json["kvCacheStats"]["cacheHitRate"], 0.75);
  EXPECT_EQ(json["kvCacheStats"]["tokensPerBlock"], 32);
  EXPECT_EQ(json["inflightBatchingStats"]["numScheduledRequests"], 6);
  EXPECT_EQ(header["total_blocks"], 10);
}

TEST(Stats, AreDueEvery100MsAndWhenTheWorkerFallsIdle) {
  StatsCollector collector({});
  EXPECT_FALSE(collector.take(true));
  collector.add({});
  EXPECT_TRUE(collector.take(false));
  collector.add({});
  EXPECT_FALSE(collector.take(false));
  const std::optional<StatsBatch> batch = collector.take(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->records.size(), 1u);
}

}  // namespace
}  // namespace trtllm::worker
