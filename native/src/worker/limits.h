// Flags, the engine's manifest and the machine's memory -> the limits an executor runs with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "executor/backend.h"
#include "scheduler/scheduler_config.h"
#include "worker/options.h"

namespace trtllm::worker {

// build_config of config.json, where no flag says otherwise, and how the engine wants its KV cache stored.
struct EngineLimits {
  int max_batch_size = 0, max_num_tokens = 0, max_seq_len = 0;
  std::optional<DType> kv_cache_dtype = {};  // quantization.kv_cache_quant_algo
};

// Throws Error{ENGINE_INVALID}.
EngineLimits parse_engine_limits(const std::string& manifest_text, const std::string& where);

// Everything but the KV blocks. Throws Error{BAD_FLAG} where a flag asks for more positions than the model has.
ExecutorConfig resolve_limits(const Options& options, const EngineLimits& engine, int max_position_embeddings);

// What memory may be shared out: bytes available now, and those that weights and working memory will take of them.
struct MemoryBudget {
  int64_t available_bytes = 0;
  int64_t weight_bytes = 0;
  int64_t working_bytes = 0;
};

// Fills num_blocks, and lowers max_seq_len to what the blocks can hold. Throws Error{OUT_OF_MEMORY}.
void resolve_blocks(const Options& options, int64_t block_bytes, const MemoryBudget& memory, ExecutorConfig& config);

}  // namespace trtllm::worker
