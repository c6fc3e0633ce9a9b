// Times the tactics of every linear of an engine on this machine, on the engine's own weights (engine-design 1.4).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "program/tactics.h"

namespace trtllm::tuner {

struct Options {
  std::string engine;
  ops::Isa isa = ops::Isa::scalar;
  int threads = 1;
  double seconds = 60;  // from the first case on; what is not timed by then keeps its default
};

struct Progress {
  int done = 0, total = 0;
  std::string linear;
  int rows = 0;
};

// What is faster than its default.
struct Gain {
  std::string linear;
  int rows = 0;
  program::TimedTactic timed;
};

struct Result {
  program::TimingCache cache;  // what was known and what was timed
  int timed = 0, reused = 0, left = 0;
  std::vector<Gain> gains;
};

// `known` is not timed again. Throws Error as CpuBackend does.
Result tune(const Options& options, const program::TimingCache& known, const std::function<void(const Progress&)>& on_progress);

}  // namespace trtllm::tuner
