// From flags to an executor that is ready to step: the engine mapped and bound, limits resolved, memory reserved.
#pragma once

#include <memory>
#include <string>

#include "executor/executor.h"
#include "worker/options.h"
#include "worker/stats.h"

namespace trtllm::worker {

// What `ready` tells the runtime.
struct LoadedEngine {
  std::unique_ptr<Executor> executor;
  std::string isa;
  int threads = 0;
  std::string dtype, kv_cache_dtype;
  BackendInfo info;
  int64_t working_bytes = 0;
  double load_ms = 0;

  StatsLimits stats_limits() const;
};

// Throws Error with a code of error-codes.ts.
LoadedEngine load_engine(const Options& options);
std::string encode_ready(const LoadedEngine& engine);

}  // namespace trtllm::worker
