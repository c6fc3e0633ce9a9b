// linear of one row on the class of the tile unit, by lanes. The unit takes as long for one row as for 16, and lines that are late hold it up;
// lanes read such weights at the speed of memory (NOTES.md). The sums are the unit's, bit for bit: over each 32 k one chain of the even and one of
// the odd, both from zero, are added to each other, then to the sum (Intel SDM, TDPBF16PS).
#pragma once

#include "ops/cpu/lane_linear.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kUnitDepth = 32;  // bf16 of a row of a tile

// A call's scratch: the row as floats.
static size_t one_row_scratch_bytes(int, int max_k_padded) { return static_cast<size_t>(round_up(max_k_padded, kUnitDepth)) * sizeof(float); }

static const float* row_as_floats(const LinearArgs& args) {
  auto* x = reinterpret_cast<float*>(args.scratch);
  const auto* stored = static_cast<const BFloat16Tiles::Activation*>(args.input);
  for (int k = 0; k < round_up(args.weight.k, kUnitDepth); k += 16) store(x + k, load_bf16(stored + k));
  return x;
}

TRTLLM_INLINE void add_pair(const F32x16Pair& weights, const float* x, F32x16& even, F32x16& odd) {
  even = fma(splat(x[0]), weights.even, even);
  odd = fma(splat(x[1]), weights.odd, odd);
}

// sum[t] += x . W[t] over kUnitDepth k.
template <class Weights, int kTiles>
TRTLLM_INLINE void add_unit_depth(const float* x, WeightColumns weights, WeightAhead ahead, int k, F32x16 (&sum)[kTiles]) {
  F32x16 even[kTiles], odd[kTiles];
  for (int t = 0; t < kTiles; ++t) even[t] = odd[t] = zero();
  constexpr int kDepth = Weights::kLineDepth;
#pragma GCC unroll 16
  for (int line = k; line < k + kUnitDepth; line += kDepth) {
    Fetch<Weights, kTiles>{weights, ahead}.at(line);
    for (int t = 0; t < kTiles; ++t) {
      add_pair(Weights::template pair<0, 0>(weights.column(t), line), x + line, even[t], odd[t]);
      if constexpr (kDepth == 4) add_pair(Weights::template pair<0, 1>(weights.column(t), line), x + line + 2, even[t], odd[t]);
    }
  }
  for (int t = 0; t < kTiles; ++t) sum[t] = add(sum[t], add(even[t], odd[t]));
}

template <class Weights, int kTiles>
void one_row_columns(const LinearArgs& args, const float* x, int tile) {
  const WeightColumns weights = columns_of<Weights>(args, tile, 0);
  const WeightAhead ahead{.own_bytes = ahead_bytes<kTiles>(args)};
  F32x16 sum[kTiles];
  for (F32x16& value : sum) value = zero();
  for (int k = 0; k < args.weight.k; k += kUnitDepth) add_unit_depth<Weights, kTiles>(x, weights, ahead, k, sum);
  finish_scaled_row<BFloat16Tiles, kTiles>(args, 0, tile, sum);
}

// Weights: bf16, or int8 whose codes are exact in it.
template <class Weights>
void one_row_linear(const LinearArgs& args) {
  const float* x = row_as_floats(args);
  int tile = args.tile_begin;
  for (; tile + 4 <= args.tile_end; tile += 4) one_row_columns<Weights, 4>(args, x, tile);
  for (; tile + 2 <= args.tile_end; tile += 2) one_row_columns<Weights, 2>(args, x, tile);
  if (tile < args.tile_end) one_row_columns<Weights, 1>(args, x, tile);
}

}  // namespace trtllm::ops::TRTLLM_ISA
