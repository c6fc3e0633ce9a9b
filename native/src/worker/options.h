// Flags of trtllm-worker: docs/worker-protocol.md lists them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "ops/isa.h"
#include "scheduler/scheduler_config.h"

namespace trtllm::worker {

struct Options {
  std::string engine = {};
  std::string connect = {};
  int threads = 0;               // 0: every core the process may use
  std::optional<ops::Isa> isa = {};   // unset: the best of the machine
  // Limits; 0 takes the engine's own.
  int max_batch_size = 0, max_num_tokens = 0, max_seq_len = 0, max_queue_size = 0;
  int kv_blocks = 0;             // 0: derived from memory
  std::optional<DType> kv_cache_dtype = {};  // unset: what the engine was built for
  double kv_fraction = 0.9;      // of available memory, (0, 1]
  int64_t kv_max_tokens = 0;     // 0: no limit
  CapacityPolicy capacity_policy = CapacityPolicy::guaranteed_no_evict;
  ChunkingPolicy chunking_policy = ChunkingPolicy::first_come_first_served;
  double target_itl_ms = 100;    // 0: no target
  bool enable_block_reuse = true, enable_chunked_context = true;
  bool verify_engine = false;    // compare every section with its checksum before use
};

// Throws Error{BAD_FLAG}.
Options parse_options(const std::vector<std::string>& arguments);
std::string capacity_policy_name(CapacityPolicy policy);

}  // namespace trtllm::worker
