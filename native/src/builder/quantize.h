// Round-to-nearest quantization of one row of weights, as docs/engine-format.md ("Quantized weights") says.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "builder/build_plan.h"

namespace trtllm::builder {

struct QuantizedRow {
  std::vector<int8_t> codes;        // [k]
  float scale = 0;                  // int8, int4_two_level
  std::vector<float> group_scales;  // int4_group
  std::vector<int8_t> multipliers;  // int4_two_level
};

void quantize_row(std::span<const float> weights, Scheme scheme, int group_size, QuantizedRow& row);

}  // namespace trtllm::builder
