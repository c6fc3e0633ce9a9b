// cos and sin of every position and pair, computed once at load.
#pragma once

#include <vector>

#include "program/graph.h"

namespace trtllm::program {

struct RopeTable {
  int rotary_dim = 0;
  std::vector<float> cos = {}, sin = {};  // [positions, rotary_dim / 2], attention factor multiplied in
};

RopeTable make_rope_table(const RopeTableSpec& spec, int num_positions);

}  // namespace trtllm::program
