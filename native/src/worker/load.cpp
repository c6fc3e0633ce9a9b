#include "worker/load.h"

#include <chrono>
#include <filesystem>

#include "base/host_limits.h"
#include "engine_file/engine_reader.h"
#include "program/cpu_backend.h"
#include "worker/frame_codec.h"
#include "worker/limits.h"

namespace trtllm::worker {
namespace {

// What was timed for this engine, if anything was.
program::TimingCache read_timings(const std::string& directory) {
  const std::string path = directory + "/" + program::kTimingCacheFile;
  return std::filesystem::exists(path) ? program::read_timing_cache(path, program::kTimingCacheMend) : program::TimingCache();
}

std::unique_ptr<engine_file::EngineReader> open_engine(const Options& options) {
  auto engine = std::make_unique<engine_file::EngineReader>(options.engine, 0);
  if (options.verify_engine) engine->verify_sections();
  engine->will_need();
  return engine;
}

}  // namespace

StatsLimits LoadedEngine::stats_limits() const {
  const ExecutorConfig& config = executor->config();
  return {.max_batch_size = config.max_batch_size,
          .max_num_tokens = config.max_num_tokens,
          .memory_bytes = info.weight_bytes + working_bytes + config.num_blocks * info.block_bytes};
}

LoadedEngine load_engine(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  auto reader = open_engine(options);
  const program::Graph graph = program::parse_graph(reader->graph_text());
  const EngineLimits engine_limits = parse_engine_limits(reader->manifest_text(), options.engine + "/config.json");
  ExecutorConfig config = resolve_limits(options, engine_limits, graph.max_position_embeddings);

  LoadedEngine loaded;
  const ops::Isa isa = options.isa.value_or(ops::best_isa());
  loaded.isa = ops::isa_name(isa);
  loaded.threads = options.threads > 0 ? options.threads : usable_cores();
  loaded.dtype = graph.dtype == DType::float32 ? "float32" : "bfloat16";
  const std::optional<DType> kv_dtype = options.kv_cache_dtype ? options.kv_cache_dtype : engine_limits.kv_cache_dtype;
  loaded.kv_cache_dtype = dtype_name(kv_dtype.value_or(graph.dtype));
  auto backend = std::make_unique<program::CpuBackend>(
      std::move(reader), graph, program::CpuBackendOptions{.isa = isa,
                                                              .num_threads = loaded.threads,
                                                              .kv_dtype = kv_dtype,
                                                              .max_seq_len = config.max_seq_len,
                                                              .timings = read_timings(options.engine)});
  loaded.info = backend->info();
  loaded.working_bytes = backend->working_bytes(config.max_num_tokens, config.max_batch_size);
  const MemoryBudget memory{
      .available_bytes = available_memory_bytes(), .weight_bytes = loaded.info.weight_bytes, .working_bytes = loaded.working_bytes};
  resolve_blocks(options, loaded.info.block_bytes, memory, config);
  loaded.executor = std::make_unique<Executor>(std::move(backend), config);
  loaded.load_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return loaded;
}

std::string encode_ready(const LoadedEngine& engine) {
  const ExecutorConfig& config = engine.executor->config();
  return encode_frame({{"type", "ready"},
                       {"isa", engine.isa},
                       {"threads", engine.threads},
                       {"dtype", engine.dtype},
                       {"kv_cache_dtype", engine.kv_cache_dtype},
                       {"vocab_size", engine.info.vocab_size},
                       {"max_batch_size", config.max_batch_size},
                       {"max_num_tokens", config.max_num_tokens},
                       {"max_seq_len", config.max_seq_len},
                       {"max_queue_size", config.max_queue_size},
                       {"num_blocks", engine.executor->num_blocks()},
                       {"tokens_per_block", kBlockTokens},
                       {"block_bytes", engine.info.block_bytes},
                       {"weight_bytes", engine.info.weight_bytes},
                       {"cpu_features", ops::cpu_feature_text()},
                       {"capacity_policy", capacity_policy_name(config.capacity_policy)},
                       {"enable_block_reuse", config.enable_block_reuse},
                       {"enable_chunked_context", config.enable_chunked_context},
                       {"load_ms", engine.load_ms}});
}

}  // namespace trtllm::worker
