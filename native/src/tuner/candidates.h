// The tactics worth timing for a linear at some number of rows; the first is the default.
#pragma once

#include <vector>

#include "program/run_linear.h"

namespace trtllm::tuner {

std::vector<program::Tactic> candidates(const ops::Kernels& kernels, const program::LinearPhase& phase, int rows, int num_threads);

}  // namespace trtllm::tuner
