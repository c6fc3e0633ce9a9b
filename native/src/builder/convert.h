// Source values -> float32, and what a conversion to bfloat16 loses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "builder/build_plan.h"

namespace trtllm::builder {

// IEEE half: exact in float32, subnormals and infinities included.
float half_to_float(uint16_t half);

// out[i] = value i of `raw` (out.size() values of the source's dtype, little-endian).
void to_float(SourceDtype dtype, const std::byte* raw, std::span<float> out);

struct ConversionStats {
  uint64_t num_nonfinite = 0;       // NaN, infinite, or rounded to infinity
  uint64_t num_changed = 0;         // values that bfloat16 cannot hold
  double max_relative_change = 0;   // |rounded - value| / |value| over normal values
  void merge(const ConversionStats& other);
};

// Counts what storing these values in `target` does to them.
void count_conversion(std::span<const float> values, DType target, ConversionStats& stats);

}  // namespace trtllm::builder
