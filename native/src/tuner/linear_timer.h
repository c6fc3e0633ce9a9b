// Runs linears of an engine on all threads, as a step does, and times them.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "engine_file/engine_reader.h"
#include "program/run_linear.h"

namespace trtllm::tuner {

// Linears that differ in their weights alone, one of each layer: by turns, so that no cache holds what is timed.
using Alike = std::vector<const program::LinearPhase*>;

class LinearTimer {
 public:
  // Room for max_rows rows, max_logit_rows of them with logits. Throws Error as CpuBackend does.
  LinearTimer(const std::string& engine, ops::Isa isa, int num_threads, int max_rows, int max_logit_rows);

  // Every group of the program, in its order.
  std::vector<Alike> groups() const;
  const ops::Kernels& kernels() const { return kernels_; }

  // Gaussian values as their input.
  void fill_input(const Alike& alike, int rows);
  // Microseconds of one, over `count` of them.
  double time(const Alike& alike, int rows, const program::Tactic& tactic, int count);

 private:
  std::unique_ptr<engine_file::EngineReader> engine_;  // owns the weights
  const ops::Kernels& kernels_;
  program::Program program_;
  program::Workspace workspace_;
  ThreadTeam team_;
  WorkRanges ranges_;
  size_t next_ = 0;  // of the group
};

}  // namespace trtllm::tuner
