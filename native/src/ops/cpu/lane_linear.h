// y[rows, n] = x[rows, k] * W[n, k]^T with 16 outputs in the lanes of each accumulator. A block of rows x tile columns lives in
// registers while k runs from 0 to the end, so every y is one chain of fma in order of k, whatever the block's shape.
#pragma once

#include "ops/cpu/arithmetic.h"
#include "ops/cpu/epilogue.h"
#include "ops/cpu/row_table.h"

namespace trtllm::ops::TRTLLM_ISA {

// What fits in registers: rows x tile columns of sums beside the weights. A panel is at least two columns (swiglu needs a gate
// and its up), summed one after the other if need be. One row takes four columns: four streams of weights, which memory serves best.
inline constexpr int kBlockRows = kAccumulators >= 24 ? 6 : 4;
inline constexpr int kBlockTiles = kAccumulators >= 24 ? 4 : 1;
inline constexpr int kPanelTiles = kBlockTiles > 2 ? kBlockTiles : 2;
inline constexpr int kOneRowTiles = 4;

// Weights are asked for this far ahead of their use: 2 KiB of each stream (cpu-measurements: 1-4 KiB is best).
inline constexpr int kPrefetchBytes = 2048;

// sums[r * sums_stride + t] = x[row + r] . W[tile + t]
template <class Arithmetic, int kRows, int kTiles>
TRTLLM_INLINE void sum_products(const LinearArgs& args, int row, int tile, F32x16* sums, int sums_stride) {
  constexpr int kPairBytes = 32 * Arithmetic::kElementBytes;
  const int64_t column_bytes = int64_t{args.weight.k_padded} * 16 * Arithmetic::kElementBytes;
  const std::byte* column = args.weight.data + tile * column_bytes;
  const float* x = static_cast<const float*>(args.input) + row * args.input_stride;
  F32x16 sum[kRows][kTiles];
  for (int r = 0; r < kRows; ++r) {
    for (int t = 0; t < kTiles; ++t) sum[r][t] = zero();
  }
  for (int k = 0; k < args.weight.k_padded; k += 2) {
    F32x16Pair w[kTiles];
    for (int t = 0; t < kTiles; ++t) {
      w[t] = Arithmetic::weight_pair(column + t * column_bytes, k);
      __builtin_prefetch(column + t * column_bytes + k / 2 * kPairBytes + kPrefetchBytes);
    }
    for (int r = 0; r < kRows; ++r) {
      const F32x16 even = splat(x[r * args.input_stride + k]);
      for (int t = 0; t < kTiles; ++t) sum[r][t] = fma(even, w[t].even, sum[r][t]);
    }
    for (int r = 0; r < kRows; ++r) {
      const F32x16 odd = splat(x[r * args.input_stride + k + 1]);
      for (int t = 0; t < kTiles; ++t) sum[r][t] = fma(odd, w[t].odd, sum[r][t]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int t = 0; t < kTiles; ++t) sums[r * sums_stride + t] = sum[r][t];
  }
}

template <class Arithmetic, int kRows, int kTiles>
void linear_block(const LinearArgs& args, int row, int tile) {
  constexpr int kAtOnce = kRows == 1 || kTiles < kBlockTiles ? kTiles : kBlockTiles;
  F32x16 sums[kRows][kTiles];
  for (int t = 0; t < kTiles; t += kAtOnce) sum_products<Arithmetic, kRows, kAtOnce>(args, row, tile + t, &sums[0][t], kTiles);
  for (int r = 0; r < kRows; ++r) finish_row<Arithmetic, kTiles>(args, row + r, tile, sums[r]);
}

// The last rows of a panel: a block of exactly `rows`.
template <class Arithmetic, int kRows, int kTiles>
void linear_tail(const LinearArgs& args, int rows, int row, int tile) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return linear_block<Arithmetic, kRows, kTiles>(args, row, tile);
    linear_tail<Arithmetic, kRows - 1, kTiles>(args, rows, row, tile);
  }
}

// All rows of a panel of kTiles columns, which stays in the cache while the row blocks pass.
template <class Arithmetic, int kTiles>
void linear_panel(const LinearArgs& args, int tile) {
  int row = 0;
  for (; row + kBlockRows <= args.rows; row += kBlockRows) linear_block<Arithmetic, kBlockRows, kTiles>(args, row, tile);
  linear_tail<Arithmetic, kBlockRows - 1, kTiles>(args, args.rows - row, row, tile);
}

template <class Arithmetic>
void linear(const LinearArgs& args) {
  int tile = args.tile_begin;
  if (args.rows == 1) {
    for (; tile + kOneRowTiles <= args.tile_end; tile += kOneRowTiles) linear_block<Arithmetic, 1, kOneRowTiles>(args, 0, tile);
  }
  for (; tile + kPanelTiles <= args.tile_end; tile += kPanelTiles) linear_panel<Arithmetic, kPanelTiles>(args, tile);
  if (tile + 2 <= args.tile_end) {
    linear_panel<Arithmetic, 2>(args, tile);
    tile += 2;
  }
  if (tile < args.tile_end) linear_panel<Arithmetic, 1>(args, tile);
}

static size_t no_scratch(int, int) { return 0; }
static void no_thread_state() {}

template <class Arithmetic>
constexpr Kernels lane_kernels(Isa isa) {
  Kernels table = row_kernels<Arithmetic>(isa);
  table.linear_scratch_bytes = no_scratch;
  table.thread_begin = no_thread_state;
  table.thread_end = no_thread_state;
  table.linear = linear<Arithmetic>;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
