#include "builder/quantize.h"

#include <algorithm>
#include <cmath>

namespace trtllm::builder {
namespace {

constexpr float kLargestInt8 = 127, kLowestInt4 = -8, kHighestInt4 = 7, kLargestMultiplier = 15;

// The default rounding mode is to nearest, ties to even.
int8_t code_of(float weight, float scale, float lowest, float highest) {
  if (scale == 0) return 0;
  return static_cast<int8_t>(std::clamp(std::nearbyint(weight / scale), lowest, highest));
}

// The value of largest magnitude, with its sign.
float extreme(std::span<const float> weights) {
  float value = 0;
  for (float weight : weights) value = std::abs(weight) > std::abs(value) ? weight : value;
  return value;
}

void quantize_int8(std::span<const float> weights, QuantizedRow& row) {
  row.scale = std::abs(extreme(weights)) / kLargestInt8;
  for (size_t i = 0; i < weights.size(); ++i) row.codes[i] = code_of(weights[i], row.scale, -kLargestInt8, kLargestInt8);
}

int8_t multiplier_of(float group_scale, float scale) {
  if (group_scale == 0 || scale == 0) return 0;
  const float multiplier = std::clamp(std::nearbyint(group_scale / scale), -kLargestMultiplier, kLargestMultiplier);
  return static_cast<int8_t>(multiplier == 0 ? std::copysign(1.0f, group_scale) : multiplier);
}

void quantize_int4(std::span<const float> weights, Scheme scheme, int group_size, QuantizedRow& row) {
  const size_t size = static_cast<size_t>(group_size), groups = (weights.size() + size - 1) / size;
  row.group_scales.resize(groups);
  row.multipliers.assign(groups, 0);
  const auto group = [&](size_t index) { return weights.subspan(index * size, std::min(size, weights.size() - index * size)); };
  float largest = 0;
  for (size_t g = 0; g < groups; ++g) {
    row.group_scales[g] = extreme(group(g)) / kLowestInt4;
    largest = std::max(largest, std::abs(row.group_scales[g]));
  }
  row.scale = largest / kLargestMultiplier;
  for (size_t g = 0; g < groups; ++g) {
    row.multipliers[g] = multiplier_of(row.group_scales[g], row.scale);
    const float scale = scheme == Scheme::int4_group ? row.group_scales[g] : row.scale * static_cast<float>(row.multipliers[g]);
    for (size_t i = 0; i < group(g).size(); ++i) row.codes[g * size + i] = code_of(group(g)[i], scale, kLowestInt4, kHighestInt4);
  }
}

}  // namespace

void quantize_row(std::span<const float> weights, Scheme scheme, int group_size, QuantizedRow& row) {
  row.codes.assign(weights.size(), 0);
  if (scheme == Scheme::int8) quantize_int8(weights, row);
  else quantize_int4(weights, scheme, group_size, row);
}

}  // namespace trtllm::builder
