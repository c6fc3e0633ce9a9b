// One linear of a program by a team: y[rows, n] = x[rows, k] * W[n, k]^T, some tile columns at a time.
#pragma once

#include "base/work_ranges.h"
#include "program/tactics.h"
#include "program/workspace.h"

namespace trtllm::program {

struct LinearRun {
  const LinearPhase& phase;
  const ops::Kernels& kernels;
  const Workspace& workspace;
  int rows = 1;
  int num_threads = 1;
  int vocab_size = 0;  // the row length of logits
  Tactic tactic = {};
};

// Tile columns that a piece has where no tactic says it. Many rows like wide pieces (activations are read again for each), but every
// thread should get a few.
int default_grain(const ops::Kernels& kernels, int rows, int num_tiles, int num_threads);

// Each thread deals its own share; a barrier has to lie between that and run_linear.
void deal_linear(const LinearPhase& phase, WorkRanges& ranges, int thread);
// Takes pieces until none is left.
void run_linear(const LinearRun& run, WorkRanges& ranges, int thread);

}  // namespace trtllm::program
