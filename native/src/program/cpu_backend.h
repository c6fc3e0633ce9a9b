// The Backend of a CPU: an engine directory mapped and bound, and a team of threads that walk its program.
#pragma once

#include <memory>
#include <string>

#include "base/thread_team.h"
#include "engine_file/engine_reader.h"
#include "executor/backend.h"
#include "program/forward.h"

namespace trtllm::program {

struct CpuBackendOptions {
  ops::Isa isa = ops::Isa::scalar;
  int num_threads = 1;
  bool pin_threads = false;
  std::optional<DType> kv_dtype = {};  // unset: the engine's arithmetic
  int max_seq_len = 0;  // positions to prepare for; 0: what the model allows
  TimingCache timings = {};
};

class CpuBackend final : public Backend {
 public:
  // Throws Error: GRAPH_INVALID, ENGINE_TENSOR_MISMATCH, ISA_UNAVAILABLE, OUT_OF_MEMORY.
  CpuBackend(std::unique_ptr<engine_file::EngineReader> engine, const Graph& graph, const CpuBackendOptions& options);

  BackendInfo info() const override;
  HostCompute host() override { return {.team = &team_, .kernels = machine_.kernels}; }
  // What reserve() would take for so many rows.
  int64_t working_bytes(int max_rows, int max_logit_rows) const;
  void allocate_kv(int num_blocks) override;
  void reserve(int max_rows, int max_sequences, int max_logit_rows) override;
  // The caller is thread 0 of the team, so the step is computed here; wait() only hands out its logits.
  void enqueue(const StepPlan& plan) override;
  std::span<const float> wait() override;

 private:
  std::unique_ptr<engine_file::EngineReader> engine_;  // owns the weights that the program points into
  int max_seq_len_ = 0;
  Machine machine_;
  ThreadTeam team_;
  ForwardPass forward_;
  size_t num_logits_ = 0;
};

}  // namespace trtllm::program
