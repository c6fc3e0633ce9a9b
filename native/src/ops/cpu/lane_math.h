// exp and silu on 16 lanes: one polynomial with written-out fma, so that every ISA class gives the same bits.
#pragma once

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

// exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln(2)/2; exp(r) is its Taylor sum up to r^7 (remainder below 2^-27).
// Relative error below 2 ulp. Below the smallest normal number the result is 0, exp(-inf) included; above 2.3e38 it stays there.
// In parts, for loops that do other work between them: begin, all seven terms of the series, value.
struct ExpParts {
  static constexpr float kLowest = -87.33f, kHighest = 88.37f;  // n in [-126, 127]
  static constexpr int kNumTerms = 7;
  static constexpr float kTerms[kNumTerms] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};

  TRTLLM_INLINE_METHOD void begin(F32x16 of) {
    constexpr float kLog2E = 1.44269504f;
    constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;  // Cody and Waite: n * kLn2High is exact
    constexpr float kRoundToWhole = 12582912.0f;                         // 1.5 * 2^23: adding it rounds to a whole number
    x = of;
    const F32x16 clamped = min(splat(kHighest), max(splat(kLowest), x));
    n = sub(fma(clamped, splat(kLog2E), splat(kRoundToWhole)), splat(kRoundToWhole));
    r = fma(n, splat(-kLn2Low), fma(n, splat(-kLn2High), clamped));
    sum = splat(1.0f / 5040);
  }
  template <int kFirst, int kLast>
  TRTLLM_INLINE_METHOD void add_terms() {
#pragma GCC unroll 7
    for (int i = kFirst; i < kLast; ++i) sum = fma(sum, r, splat(kTerms[i]));
  }
  TRTLLM_INLINE_METHOD F32x16 value() const { return zero_where_less(scale_by_power_of_2(sum, n), x, splat(kLowest)); }

  F32x16 x, n, r, sum;
};

TRTLLM_INLINE F32x16 exp(F32x16 x) {
  ExpParts parts;
  parts.begin(x);
  parts.add_terms<0, ExpParts::kNumTerms>();
  return parts.value();
}

// x * sigmoid(x)
TRTLLM_INLINE F32x16 silu(F32x16 x) { return div(x, add(splat(1.0f), exp(sub(zero(), x)))); }

}  // namespace trtllm::ops::TRTLLM_ISA
