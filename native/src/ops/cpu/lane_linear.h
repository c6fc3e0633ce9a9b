// linear with 16 outputs in the lanes of each accumulator. Every sum is one chain of fma over the pairs of k in order, in a pair the odd
// k first (as vdpbf16ps does), whatever the block's shape. A weight with groups has a chain for each group, whose end is
// multiplied by the group's scale and added to the total.
#pragma once

#include "ops/cpu/epilogue.h"
#include "ops/cpu/lane_panel.h"
#include "ops/cpu/pair_products.h"
#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {

// sums[r][t] += x[r] . W[t] over k in [begin, end), counted from the first of the columns and of x.
template <class Arithmetic, class Weights, int kRows, int kTiles>
TRTLLM_INLINE void add_products(InputRows<Arithmetic> x, WeightColumns weights, int begin, int end, WeightAhead ahead, SumBlock<F32x16> sums) {
  using Products = PairProducts<Arithmetic, Weights, kRows>;
  F32x16 sum[kRows][kTiles];
  sums.read(sum);
  for_each_half<Weights>(begin, end, [&]<int kHalf>(int first, int last) __attribute__((always_inline)) {
    for (int k = first; k < last; k += Weights::kLineDepth) {
      Fetch<Weights, kTiles>{weights, ahead}.at(k);
      Products::template add_line<kHalf>(x, weights, k, sum);
    }
  });
  sums.write(sum);
}

// The same for a weight with groups: total = fma(the group's chain, its scale, total).
template <class Arithmetic, class Weights, int kRows, int kTiles>
TRTLLM_INLINE void add_groups(const PanelBlock& block, InputRows<Arithmetic> x, WeightColumns weights, int tile, WeightAhead ahead, SumBlock<F32x16> totals) {
  const PackedWeight& weight = block.args.weight;
  const int num_groups = weight.num_groups();
  for (int group = block.k.begin / weight.group_size; group < num_groups; ++group) {
    const int begin = group * weight.group_size - block.k.begin, end = smaller(begin + weight.group_size, block.k.depth());
    if (begin >= end) break;
    totals.stay_in_memory();
    F32x16 sum[kRows][kTiles];
    for (auto& row : sum) {
      for (F32x16& value : row) value = zero();
    }
    add_products<Arithmetic, Weights, kRows, kTiles>(x, weights, begin, end, ahead, {sum[0], kTiles});
    for (int t = 0; t < kTiles; ++t) {
      const F32x16 scale = load(weight.group_scale + (int64_t{tile + t} * num_groups + group) * 16);
      for (int r = 0; r < kRows; ++r) totals.first[r * totals.stride + t] = fma(sum[r][t], scale, totals.first[r * totals.stride + t]);
    }
  }
}

template <class Arithmetic, class Weights>
struct FloatFormat {
  static constexpr int64_t kColumnBytes = Weights::kColumnBytes;
  static constexpr int kBlockRows = Weights::kLineDepth == 2 ? kPlainRows : kPackedRows;
  static constexpr bool kSpreadsRows = kHasWideBlocks, kIsSlowChain = Weights::kLineDepth > 2;
  using Decoded = FloatFormat<Arithmetic, typename Weights::template Decoded<Arithmetic>>;
  static constexpr int kDecodeRows = Weights::kDecodeRows;

  static int depth(const PackedWeight& weight) { return static_cast<int>(round_up(weight.k, 32)); }
  static void decode(const LinearArgs&, int, DepthRange k, const std::byte* column, std::byte* out) { decode_line_pairs<Weights>(column, k.depth(), out); }

  // Begins with zero or with what the range before put aside; ends in the epilogue or aside.
  template <int kRows, int kTiles, int kAtOnce>
  static void block(const PanelBlock& block) {
    const InputRows<Arithmetic> x(block.args, block.row, block.k.begin);
    auto* aside = reinterpret_cast<float*>(block.aside);
    F32x16 sum[kRows][kTiles];
    for (int r = 0; r < kRows; ++r) {
      for (int t = 0; t < kTiles; ++t) sum[r][t] = block.k.begin == 0 ? zero() : load(aside + (r * kTiles + t) * 16);
    }
    if (kSpreadsRows && kRows > 1 && block.k.is_last) fetch_outputs<Arithmetic, kRows, kTiles>(block.args, block.row, block.tile);
    for (int t = 0; t < kTiles; t += kAtOnce) {
      const WeightColumns weights{block.weights.column(t), block.weights.stride};
      const WeightAhead ahead = block.ahead_of<kAtOnce>(t);
      if constexpr (Weights::kHasGroups) {
        add_groups<Arithmetic, Weights, kRows, kAtOnce>(block, x, weights, block.tile + t, ahead, {&sum[0][t], kTiles});
      } else {
        add_products<Arithmetic, Weights, kRows, kAtOnce>(x, weights, 0, block.k.depth(), ahead, {&sum[0][t], kTiles});
      }
    }
    for (int r = 0; r < kRows; ++r) {
      if (block.k.is_last) {
        finish_scaled_row<Arithmetic, kTiles>(block.args, block.row + r, block.tile, sum[r]);
      } else {
        for (int t = 0; t < kTiles; ++t) store(aside + (r * kTiles + t) * 16, sum[r][t]);
      }
    }
  }
};

template <class Arithmetic>
void linear(const LinearArgs& args) {
  if constexpr (Arithmetic::kDType == DType::bfloat16) {
    if (args.weight.dtype == DType::int8) return walk_panels<FloatFormat<Arithmetic, Int8Weights>>(args);
    if (args.weight.dtype == DType::int4) return walk_panels<FloatFormat<Arithmetic, Int4Weights>>(args);
  }
  walk_panels<FloatFormat<Arithmetic, PlainWeights<Arithmetic>>>(args);
}

}  // namespace trtllm::ops::TRTLLM_ISA
