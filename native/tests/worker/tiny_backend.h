// A tiny engine, opened as the worker opens one.
#pragma once

#include <memory>

#include "program/cpu_backend.h"
#include "program/tiny_engine.h"

namespace trtllm::worker {

inline std::unique_ptr<Backend> open_backend(const program::TinyEngine& engine, ops::Isa isa, int num_threads, std::optional<DType> kv_dtype = std::nullopt) {
  auto reader = std::make_unique<engine_file::EngineReader>(engine.directory(), 0);
  const program::Graph graph = program::parse_graph(reader->graph_text());
  return std::make_unique<program::CpuBackend>(std::move(reader), graph, program::CpuBackendOptions{.isa = isa, .num_threads = num_threads, .kv_dtype = kv_dtype});
}

}  // namespace trtllm::worker
