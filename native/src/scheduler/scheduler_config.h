// Limits and policies of one executor, resolved before it starts.
#pragma once

#include <cstdint>

namespace trtllm {

// Names as TensorRT-LLM's CapacitySchedulerPolicy and ContextChunkingPolicy.
enum class CapacityPolicy { guaranteed_no_evict, max_utilization, static_batch };
enum class ChunkingPolicy { first_come_first_served, equal_progress };

struct ExecutorConfig {
  int max_batch_size = 64;    // sequences in one step
  int max_num_tokens = 2048;  // rows in one step
  int max_seq_len = 0;        // prompt + output of one request; 0: what the model allows
  int max_queue_size = 1000;  // waiting requests
  int num_blocks = 0;         // KV blocks
  // Prompts beside generating sequences get so many tokens that a step stays within it, if it can; 0: as many as there is room for.
  double target_itl_ms = 0;
  bool enable_block_reuse = true;
  bool enable_chunked_context = true;
  CapacityPolicy capacity_policy = CapacityPolicy::guaranteed_no_evict;
  ChunkingPolicy chunking_policy = ChunkingPolicy::first_come_first_served;
};

}  // namespace trtllm
