// sums += x * W over one pair of k: fma(even, fma(odd, sum)). Rows of activations, and two ways to multiply: by fma in float32 lanes, or
// by vdpbf16ps, which does exactly these two steps on bf16 operands (tests/ops/linear_test.cpp compares the bits).
#pragma once

#include "ops/cpu/bf16_pairs.h"
#include "ops/cpu/lane_panel.h"

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
struct LanePairProducts {
  using Rows = InputRows<Arithmetic>;

  // The pairs of one line.
  template <int kHalf, int kRows, int kTiles>
  TRTLLM_INLINE void add_line(const Rows& x, const WeightColumns& weights, int line, F32x16 (&sum)[kRows][kTiles]) {
    if constexpr (kRows == 1) {
      for (int t = 0; t < kTiles; ++t) add_to_sum<kHalf>(x, weights.column(t), line, sum[0][t]);
    } else {
      add_pair<kHalf, 0>(x, weights, line, sum);
      if constexpr (Weights::kLineDepth == 4) add_pair<kHalf, 1>(x, weights, line, sum);
    }
  }

 private:
  // One row takes a line of one column after the other: the sums of four are half of avx2's registers, four lines would not fit besides.
  template <int kHalf>
  TRTLLM_INLINE void add_to_sum(const Rows& x, const std::byte* column, int line, F32x16& sum) {
    sum = plus_pair(x, line, Weights::template pair<kHalf, 0>(column, line), sum);
    if constexpr (Weights::kLineDepth == 4) sum = plus_pair(x, line + 2, Weights::template pair<kHalf, 1>(column, line), sum);
  }
  TRTLLM_INLINE F32x16 plus_pair(const Rows& x, int k, const F32x16Pair& w, F32x16 sum) {
    const F32x16 odd = splat(Arithmetic::activation(x.at(0, k + 1))), even = splat(Arithmetic::activation(x.at(0, k)));
    return fma(even, w.even, fma(odd, w.odd, sum));
  }

  // All odd k of the block before all even ones: the registers hold one half of the weights at a time.
  template <int kHalf, int kPart, int kRows, int kTiles>
  TRTLLM_INLINE void add_pair(const Rows& x, const WeightColumns& weights, int line, F32x16 (&sum)[kRows][kTiles]) {
    const int k = line + 2 * kPart;
    F32x16 w[kTiles];
    for (int t = 0; t < kTiles; ++t) w[t] = taken(Weights::template pair<kHalf, kPart>(weights.column(t), line).odd);
    add_one(x, k + 1, w, sum);
    for (int t = 0; t < kTiles; ++t) w[t] = taken(Weights::template pair<kHalf, kPart>(read_again(weights.column(t)), line).even);
    add_one(x, k, w, sum);
  }
  template <int kRows, int kTiles>
  TRTLLM_INLINE void add_one(const Rows& x, int k, const F32x16 (&w)[kTiles], F32x16 (&sum)[kRows][kTiles]) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const F32x16 input = splat(Arithmetic::activation(x.at(r, k)));
      for (int t = 0; t < kTiles; ++t) sum[r][t] = taken(fma(input, w[t], sum[r][t]));
    }
  }
};

#ifdef TRTLLM_BF16_DOT
// Two products and two sums in one instruction, over weights that bf16 holds.
template <class Weights>
struct DotPairProducts {
  template <int kHalf, int kRows, int kTiles>
  TRTLLM_INLINE void add_line(const InputRows<BFloat16Tiles>& x, const WeightColumns& weights, int line, F32x16 (&sum)[kRows][kTiles]) {
    add_pair<kHalf, 0>(x, weights, line, sum);
    if constexpr (Weights::kLineDepth == 4) add_pair<kHalf, 1>(x, weights, line, sum);
  }

 private:
  template <int kHalf, int kPart, int kRows, int kTiles>
  TRTLLM_INLINE void add_pair(const InputRows<BFloat16Tiles>& x, const WeightColumns& weights, int line, F32x16 (&sum)[kRows][kTiles]) {
    __m512i w[kTiles];
    for (int t = 0; t < kTiles; ++t) w[t] = bf16_pairs<kHalf, kPart>(Weights{}, weights.column(t), line);
    for (int r = 0; r < kRows; ++r) {
      int pair;
      __builtin_memcpy(&pair, x.at(r, line + 2 * kPart), 4);
      const __m512i both = _mm512_set1_epi32(pair);
      for (int t = 0; t < kTiles; ++t) sum[r][t].v = _mm512_dpbf16_ps(sum[r][t].v, (__m512bh)both, (__m512bh)w[t]);
    }
  }
};
#endif

// The faster way for a block of kRows.
template <class Arithmetic, class Weights, int kRows>
struct PairProducts : LanePairProducts<Arithmetic, Weights> {};
#ifdef TRTLLM_BF16_DOT
template <class Weights, int kRows>
  requires(kRows >= Weights::kDotRows)
struct PairProducts<BFloat16Tiles, Weights, kRows> : DotPairProducts<Weights> {};
#endif

}  // namespace trtllm::ops::TRTLLM_ISA
