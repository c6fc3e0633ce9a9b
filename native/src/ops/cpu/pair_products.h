// sums += x * W over one pair of k: fma(even, fma(odd, sum)). Rows of activations, and two ways to multiply: by fma in float32 lanes, or
// by vdpbf16ps, which does exactly these two steps on bf16 operands (tests/ops/linear_test.cpp compares the bits).
#pragma once

#include "ops/cpu/lane_panel.h"
#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {

// Some rows of activations from one k on.
template <class Arithmetic>
struct InputRows {
  using Activation = typename Arithmetic::Activation;
  InputRows(const LinearArgs& args, int row, int k)
      : first(static_cast<const Activation*>(args.input) + row * args.input_stride + k), stride(args.input_stride) {}
  const Activation* at(int r, int k) const { return first + r * stride + k; }

  const Activation* first;
  int64_t stride;
};

template <class Arithmetic, class Weights>
struct PairProducts {
  // All odd k of the block before all even ones: the registers hold one half of the weights at a time.
  template <int kRows, int kTiles>
  TRTLLM_INLINE void add(const InputRows<Arithmetic>& x, const WeightColumns& weights, int k, F32x16 (&sum)[kRows][kTiles]) {
    F32x16Pair w[kTiles];
    for (int t = 0; t < kTiles; ++t) w[t] = Weights::pair(weights.column(t), k);
    for (int r = 0; r < kRows; ++r) {
      const F32x16 odd = splat(Arithmetic::activation(x.at(r, k + 1)));
      for (int t = 0; t < kTiles; ++t) sum[r][t] = fma(odd, w[t].odd, sum[r][t]);
    }
    for (int r = 0; r < kRows; ++r) {
      const F32x16 even = splat(Arithmetic::activation(x.at(r, k)));
      for (int t = 0; t < kTiles; ++t) sum[r][t] = fma(even, w[t].even, sum[r][t]);
    }
  }
};

#ifdef __AVX512BF16__
// Two products and two sums in one instruction, over weights that lie as bf16 pairs.
struct DotProducts {
  template <int kRows, int kTiles>
  TRTLLM_INLINE void add(const InputRows<BFloat16Tiles>& x, const WeightColumns& weights, int k, F32x16 (&sum)[kRows][kTiles]) {
    __m512i w[kTiles];
    for (int t = 0; t < kTiles; ++t) w[t] = _mm512_loadu_si512(weights.column(t) + int64_t{k / 2} * kPairRowBytes);
    for (int r = 0; r < kRows; ++r) {
      int pair;
      __builtin_memcpy(&pair, x.at(r, k), 4);
      const __m512i both = _mm512_set1_epi32(pair);
      for (int t = 0; t < kTiles; ++t) sum[r][t].v = _mm512_dpbf16_ps(sum[r][t].v, (__m512bh)both, (__m512bh)w[t]);
    }
  }
};
template <>
struct PairProducts<BFloat16Tiles, PlainWeights<BFloat16Tiles>> : DotProducts {};
template <>
struct PairProducts<BFloat16Tiles, GroupedWeights<BFloat16Tiles>> : DotProducts {};
#endif

}  // namespace trtllm::ops::TRTLLM_ISA
