#include "builder/convert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace trtllm::builder {

float half_to_float(uint16_t half) {
  const uint32_t sign = uint32_t{half & 0x8000u} << 16;
  const uint32_t exponent = (half >> 10) & 0x1f, mantissa = half & 0x3ff;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;  // subnormal: mantissa * 2^-24, exact
  return sign != 0 ? -magnitude : magnitude;
}

void to_float(SourceDtype dtype, const std::byte* raw, std::span<float> out) {
  if (dtype == SourceDtype::f32) {
    std::memcpy(out.data(), raw, out.size() * sizeof(float));
    return;
  }
  const auto* halves = reinterpret_cast<const uint16_t*>(raw);
  if (dtype == SourceDtype::bf16) {
    for (size_t i = 0; i < out.size(); ++i) out[i] = bf16_to_float(halves[i]);
  } else {
    for (size_t i = 0; i < out.size(); ++i) out[i] = half_to_float(halves[i]);
  }
}

void ConversionStats::merge(const ConversionStats& other) {
  num_nonfinite += other.num_nonfinite;
  num_changed += other.num_changed;
  max_relative_change = std::max(max_relative_change, other.max_relative_change);
}

void count_conversion(std::span<const float> values, DType target, ConversionStats& stats) {
  uint32_t nonfinite = 0;
  for (float value : values) nonfinite += (std::bit_cast<uint32_t>(value) & 0x7f800000u) == 0x7f800000u;
  stats.num_nonfinite += nonfinite;
  if (target != DType::bfloat16) return;
  for (float value : values) {
    const float rounded = round_to_bf16(value);
    if (rounded == value || !std::isfinite(value)) continue;
    if (!std::isfinite(rounded)) {
      ++stats.num_nonfinite;
      continue;
    }
    ++stats.num_changed;
    if (std::isnormal(value)) stats.max_relative_change = std::max(stats.max_relative_change, std::abs(double{rounded} - value) / std::abs(double{value}));
  }
}

}  // namespace trtllm::builder
