// How long a step takes, learnt from steps that were: generation rows cost what such a batch costs alone, each context row its share on top.
// Says how many context rows a step may take before its generating sequences feel it. Results do not depend on it: a prompt
// gives the same bits however it is cut.
#pragma once

#include <array>

namespace trtllm::scheduler {

class StepTimeModel {
 public:
  void observe(int generation_rows, int context_rows, double milliseconds);
  // Context rows with which the step stays within target_ms, or within 1.15 times what the generation rows take alone, if that is
  // more. No limit (INT_MAX) without generation rows, and until a context row's cost is known. Never below one block.
  int context_rows_within(int generation_rows, double target_ms) const;

 private:
  double generation_ms(int rows) const;

  std::array<double, 32> generation_ms_{};  // by the power of two that rows reach; 0: never seen
  double context_row_ms_ = 0;
};

}  // namespace trtllm::scheduler
