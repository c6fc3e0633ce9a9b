#include "worker/stats.h"

#include <cmath>
#include <ctime>

#include "base/types.h"
#include "worker/frame_codec.h"

namespace trtllm::worker {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

double ratio(uint64_t part, uint64_t rest) { return part + rest == 0 ? 0 : static_cast<double>(part) / static_cast<double>(part + rest); }

nlohmann::json kv_cache_json(const IterationStats& record) {
  return {{"maxNumBlocks", record.max_blocks},
          {"freeNumBlocks", record.free_blocks},
          {"usedNumBlocks", record.used_blocks},
          {"tokensPerBlock", kBlockTokens},
          {"allocTotalBlocks", record.alloc_total_blocks},
          {"allocNewBlocks", record.alloc_new_blocks},
          {"reusedBlocks", record.reused_blocks},
          {"missedBlocks", record.missed_blocks},
          {"cacheHitRate", ratio(record.reused_blocks, record.missed_blocks)}};
}

nlohmann::json inflight_json(const IterationStats& record) {
  return {{"numScheduledRequests", record.num_context_requests + record.num_generation_requests},
          {"numContextRequests", record.num_context_requests},
          {"numGenRequests", record.num_generation_requests},
          {"numPausedRequests", record.num_paused},
          {"numCtxTokens", record.num_context_tokens},
          {"microBatchId", 0},
          {"avgNumDecodedTokensPerIter", record.num_generation_requests > 0 ? 1.0 : 0.0}};
}

nlohmann::json record_json(const IterationStats& record, const StatsLimits& limits) {
  return {{"timestamp", timestamp_text(record.timestamp_s)},
          {"iter", record.iteration},
          {"iterLatencyMS", record.latency_ms},
          {"forwardLatencyMS", record.forward_ms},
          {"newActiveRequestsQueueLatencyMS", record.queue_latency_ms},
          {"numNewActiveRequests", record.num_new_active},
          {"numActiveRequests", record.num_active},
          {"numQueuedRequests", record.num_queued},
          {"numCompletedRequests", record.num_completed},
          {"maxNumActiveRequests", limits.max_batch_size},
          {"maxBatchSizeStatic", limits.max_batch_size},
          {"maxBatchSizeTunerRecommended", 0},
          {"maxBatchSizeRuntime", limits.max_batch_size},
          {"maxNumTokensStatic", limits.max_num_tokens},
          {"maxNumTokensTunerRecommended", 0},
          {"maxNumTokensRuntime", limits.max_num_tokens},
          {"gpuMemUsage", 0},
          {"cpuMemUsage", limits.memory_bytes},
          {"pinnedMemUsage", 0},
          {"kvCacheStats", kv_cache_json(record)},
          {"inflightBatchingStats", inflight_json(record)}};
}

}  // namespace

void StatsCollector::add(const IterationStats& record) { records_.push_back(record); }

std::optional<StatsBatch> StatsCollector::take(bool falls_idle) {
  const auto now = std::chrono::steady_clock::now();
  if (records_.empty() || (now < next_ && !falls_idle)) return std::nullopt;
  next_ = now + kInterval;
  const IterationStats& newest = records_.back();
  StatsBatch batch{.limits = limits_,
                   .total_blocks = newest.max_blocks,
                   .free_blocks = newest.free_blocks,
                   .num_active = newest.num_active,
                   .num_queued = newest.num_queued};
  batch.records = std::move(records_);
  records_.clear();
  return batch;
}

std::string encode_stats(const StatsBatch& stats) {
  nlohmann::json records = nlohmann::json::array();
  for (const IterationStats& record : stats.records) records.push_back(record_json(record, stats.limits));
  return encode_frame({{"type", "stats"},
                       {"records", std::move(records)},
                       {"total_blocks", stats.total_blocks},
                       {"free_blocks", stats.free_blocks},
                       {"num_active", stats.num_active},
                       {"num_queued", stats.num_queued}});
}

std::string timestamp_text(double seconds_since_epoch) {
  const int64_t micros = std::llround(seconds_since_epoch * 1e6);
  const std::time_t seconds = static_cast<std::time_t>(micros / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32], fraction[16];
  std::strftime(text, sizeof text, "%m-%d-%Y %H:%M:%S", &parts);
  std::snprintf(fraction, sizeof fraction, ".%06d", static_cast<int>(micros % 1'000'000));
  return std::string(text) + fraction;
}

}  // namespace trtllm::worker
