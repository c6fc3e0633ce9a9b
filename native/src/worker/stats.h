// Iteration records: gathered by the engine thread, sent at most every 100 ms and when the worker falls idle.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "executor/executor.h"

namespace trtllm::worker {

// What records repeat of the worker's limits.
struct StatsLimits {
  int max_batch_size = 0, max_num_tokens = 0;
  int64_t memory_bytes = 0;  // weights, KV cache and working memory
};

struct StatsBatch {
  StatsLimits limits;
  std::vector<IterationStats> records = {};
  int total_blocks = 0, free_blocks = 0, num_active = 0, num_queued = 0;
};

class StatsCollector {
 public:
  explicit StatsCollector(const StatsLimits& limits) : limits_(limits) {}
  void add(const IterationStats& record);
  // The records that are due, or nothing.
  std::optional<StatsBatch> take(bool falls_idle);

 private:
  StatsLimits limits_;
  std::vector<IterationStats> records_;
  std::chrono::steady_clock::time_point next_;
};

// The `stats` frame; records have the names of GET /metrics.
std::string encode_stats(const StatsBatch& stats);
// MM-DD-YYYY HH:MM:SS.ffffff, UTC.
std::string timestamp_text(double seconds_since_epoch);

}  // namespace trtllm::worker
