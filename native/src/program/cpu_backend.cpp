#include "program/cpu_backend.h"

#include <algorithm>

namespace trtllm::program {
namespace {

Machine make_machine(const engine_file::EngineReader& engine, const Graph& graph, const CpuBackendOptions& options, int max_seq_len) {
  Machine machine;
  machine.kernels = &ops::kernels(options.isa, graph.dtype);
  machine.program = bind_program(graph, WeightSource(engine), options.kv_dtype);
  for (const RopeTableSpec& spec : graph.rope_tables) machine.rope_tables.push_back(make_rope_table(spec, max_seq_len));
  return machine;
}

int positions(const Graph& graph, int wanted) {
  return wanted == 0 ? graph.max_position_embeddings : std::min(wanted, graph.max_position_embeddings);
}

}  // namespace

CpuBackend::CpuBackend(std::unique_ptr<engine_file::EngineReader> engine, const Graph& graph, const CpuBackendOptions& options)
    : engine_(std::move(engine)),
      max_seq_len_(positions(graph, options.max_seq_len)),
      machine_(make_machine(*engine_, graph, options, max_seq_len_)),
      team_(options.num_threads, options.pin_threads),
      forward_(machine_, team_) {
  forward_.use_tactics(options.timings, options.isa);
}

BackendInfo CpuBackend::info() const {
  return {.vocab_size = machine_.program.vocab_size,
          .max_seq_len = max_seq_len_,
          .block_bytes = machine_.program.block_bytes,
          .weight_bytes = static_cast<int64_t>(engine_->file_bytes())};
}

int64_t CpuBackend::working_bytes(int max_rows, int max_logit_rows) const {
  return static_cast<int64_t>(Workspace(machine_.program, *machine_.kernels, team_.size(), max_rows, max_logit_rows).bytes());
}

void CpuBackend::allocate_kv(int num_blocks) { machine_.kv = KvPool(machine_.program, num_blocks); }

void CpuBackend::reserve(int max_rows, int max_sequences, int max_logit_rows) {
  machine_.workspace = Workspace(machine_.program, *machine_.kernels, team_.size(), max_rows, max_logit_rows);
  forward_.reserve(max_rows, max_sequences);
}

void CpuBackend::enqueue(const StepPlan& plan) {
  forward_.run(plan);
  num_logits_ = plan.logit_rows.size() * static_cast<size_t>(machine_.program.vocab_size);
}

std::span<const float> CpuBackend::wait() { return {machine_.workspace.logits(), num_logits_}; }

}  // namespace trtllm::program
