#include "worker/limits.h"

#include <algorithm>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/types.h"

namespace trtllm::worker {
namespace {

constexpr int64_t kMaxBlocks = 1 << 26;  // slots of 32 tokens each are int32

int64_t blocks_of(int64_t tokens) { return (tokens + kBlockTokens - 1) / kBlockTokens; }

std::string mib(int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

int64_t blocks_by_memory(const Options& options, int64_t block_bytes, const MemoryBudget& memory) {
  const int64_t rest = memory.available_bytes - memory.weight_bytes - memory.working_bytes;
  const int64_t blocks = rest <= 0 ? 0 : static_cast<int64_t>(options.kv_fraction * static_cast<double>(rest)) / std::max<int64_t>(1, block_bytes);
  if (blocks == 0)
    throw Error("OUT_OF_MEMORY", "no room for the KV cache: " + mib(memory.available_bytes) + " available, weights take " + mib(memory.weight_bytes) +
                                     ", working memory " + mib(memory.working_bytes) + "; lower max_num_tokens or max_batch_size, or free memory");
  return blocks;
}

// How the engine wants its KV cache stored: quantization.kv_cache_quant_algo.
std::optional<DType> kv_cache_dtype(const nlohmann::json& manifest, const std::string& where) {
  const nlohmann::json algorithm = manifest.value(nlohmann::json::json_pointer("/pretrained_config/quantization/kv_cache_quant_algo"), nlohmann::json());
  if (algorithm.is_null()) return std::nullopt;
  if (algorithm == "INT8") return DType::int8;
  throw Error("ENGINE_INVALID", where + ", quantization: expected null or \"INT8\" as kv_cache_quant_algo, found " + algorithm.dump());
}

}  // namespace

EngineLimits parse_engine_limits(const std::string& manifest_text, const std::string& where) {
  const nlohmann::json manifest = parse_json(manifest_text, where, "ENGINE_INVALID");
  JsonFields fields(manifest, where, "ENGINE_INVALID");
  JsonFields build_config(fields.object("build_config"), where + ", build_config", "ENGINE_INVALID");
  return {.max_batch_size = static_cast<int>(build_config.integer("max_batch_size", 1, 1 << 16)),
          .max_num_tokens = static_cast<int>(build_config.integer("max_num_tokens", 1, 1 << 20)),
          .max_seq_len = static_cast<int>(build_config.integer("max_seq_len", 1, 1 << 24)),
          .kv_cache_dtype = kv_cache_dtype(manifest, where)};
}

ExecutorConfig resolve_limits(const Options& options, const EngineLimits& engine, int max_position_embeddings) {
  const auto chosen = [](int flag, int otherwise) { return flag > 0 ? flag : otherwise; };
  if (options.max_seq_len > max_position_embeddings)
    throw Error("BAD_FLAG", "--max_seq_len: the model has " + std::to_string(max_position_embeddings) + " positions, found " + std::to_string(options.max_seq_len));
  ExecutorConfig config;
  config.max_batch_size = chosen(options.max_batch_size, engine.max_batch_size);
  config.max_num_tokens = chosen(options.max_num_tokens, engine.max_num_tokens);
  config.max_seq_len = std::min(chosen(options.max_seq_len, engine.max_seq_len), max_position_embeddings);
  config.max_queue_size = chosen(options.max_queue_size, config.max_queue_size);
  config.enable_block_reuse = options.enable_block_reuse;
  config.enable_chunked_context = options.enable_chunked_context;
  config.capacity_policy = options.capacity_policy;
  config.chunking_policy = options.chunking_policy;
  config.target_itl_ms = options.target_itl_ms;
  return config;
}

void resolve_blocks(const Options& options, int64_t block_bytes, const MemoryBudget& memory, ExecutorConfig& config) {
  int64_t blocks = options.kv_blocks;
  if (blocks == 0) {
    blocks = std::min({blocks_by_memory(options, block_bytes, memory), config.max_batch_size * blocks_of(config.max_seq_len), kMaxBlocks});
    if (options.kv_max_tokens > 0) blocks = std::min(blocks, blocks_of(options.kv_max_tokens));
  }
  config.num_blocks = static_cast<int>(blocks);
  config.max_seq_len = static_cast<int>(std::min<int64_t>(config.max_seq_len, blocks * kBlockTokens));
}

}  // namespace trtllm::worker
