// linear of int8 rows: quads of codes multiplied and summed in int32, exactly, so that no order and no class shows. Then
// y = float(sum) * the row's scale * the output's scale.
#pragma once

#include <type_traits>

#include "ops/cpu/int8_rows.h"
#include "ops/cpu/lane_panel.h"
#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {

// Codes as they lie, or code * multiplier decoded: an int8 each.
struct Int8Products {
  using Decoded = Int8Products;
  static constexpr int kDecodeRows = 0;
  static constexpr int64_t kColumnBytes = 16;
  static constexpr int kOffset = kInt8Offset;  // of every weight, through all k

  template <int kRows, int kTiles>
  TRTLLM_INLINE void add(const PanelBlock& block, const Int8Rows& x, WeightColumns weights, int, WeightAhead ahead, SumBlock<I32x16> sums) {
    I32x16 sum[kRows][kTiles];
    sums.read(sum);
    for (int k = 0; k < block.k.depth(); k += 4) {
      Fetch<Int8Products, kTiles>{weights, ahead}.at(k);
      WeightQuads w[kTiles];
      for (int t = 0; t < kTiles; ++t) w[t] = int8_quads(weights.column(t) + int64_t{k / 4} * kQuadRowBytes);
      for (int r = 0; r < kRows; ++r) {
        const InputQuad quad = splat_quad(x.codes(r, k));
        for (int t = 0; t < kTiles; ++t) sum[r][t] = dot(w[t], quad, sum[r][t]);
      }
    }
    sums.write(sum);
  }
};

// int4 codes, group by group: the group's sum, less the codes' offset, times the group's multiplier.
struct Int4Products {
  using Decoded = std::conditional_t<kDecodesInt4, Int8Products, Int4Products>;
  static constexpr int kDecodeRows = kDecodeInt4Rows;
  static constexpr int64_t kColumnBytes = 8;
  static constexpr int kOffset = 0;

  // 32 k of a group: the rows of a tile hold 32 k in their low halves and the next 32 in their high halves.
  template <int kHalf, int kRows, int kTiles>
  TRTLLM_INLINE void add_half_tile(const Int8Rows& x, WeightColumns weights, int k, WeightAhead ahead, I32x16 (&sum)[kRows][kTiles]) {
    HalfTileSum half[kRows][kTiles];
    const int8_t* input[kRows];
    for (int r = 0; r < kRows; ++r) {
      for (int t = 0; t < kTiles; ++t) half[r][t] = start_half_tile(sum[r][t]);
      input[r] = x.codes(r, k);
    }
    const std::byte* quads[kTiles];
    for (int t = 0; t < kTiles; ++t) quads[t] = weights.column(t) + int64_t{k / 64} * kInt4TileBytes;
#pragma GCC unroll kHalfTileUnroll
    for (int row = 0; row < kInt4TileRows; ++row) {
      if (row % 2 == 0) Fetch<Int4Products, kTiles>{weights, ahead}.at(k + 4 * row);  // a line of a column holds 8 k
      Int4Quads w[kTiles];
      for (int t = 0; t < kTiles; ++t) w[t] = int4_quads<kHalf>(quads[t] + row * kQuadRowBytes);
      for (int r = 0; r < kRows; ++r) {
        const InputQuad quad = splat_quad(input[r] + 4 * row);
        for (int t = 0; t < kTiles; ++t) half[r][t] = dot(w[t], quad, half[r][t]);
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int t = 0; t < kTiles; ++t) sum[r][t] = end_half_tile(half[r][t], sum[r][t]);
    }
  }

  // A tile of one row, 64 k of a group.
  template <int kTiles>
  TRTLLM_INLINE void add_tile(const Int8Rows& x, WeightColumns weights, int k, WeightAhead ahead, I32x16 (&low)[kTiles], I32x16 (&high)[kTiles]) {
    for (int row = 0; row < kInt4TileRows; ++row) {
      Fetch<Int4Products, kTiles>{weights, ahead}.at(k + 8 * row);
      const InputQuad first = splat_quad(x.codes(0, k) + 4 * row), second = splat_quad(x.codes(0, k + 32) + 4 * row);
      for (int t = 0; t < kTiles; ++t) {
        const std::byte* quads = weights.column(t) + int64_t{k / 64} * kInt4TileBytes + row * kQuadRowBytes;
        low[t] = dot(int4_quads<0>(quads), first, low[t]);
        high[t] = dot(int4_quads<1>(quads), second, high[t]);
      }
    }
  }

  // sum += x * the codes of [begin, end) of a group.
  template <int kRows, int kTiles>
  TRTLLM_INLINE void add_codes(const Int8Rows& x, WeightColumns weights, int begin, int end, WeightAhead ahead, I32x16 (&sum)[kRows][kTiles]) {
    int k = begin;
    if constexpr (kRows == 1 && kTakesWholeTiles) {
      I32x16 high[kTiles];
      for (I32x16& value : high) value = splat_int(0);
      if (k % 64 == 0) {
        for (; k + 64 <= end; k += 64) add_tile(x, weights, k, ahead, sum[0], high);
      }
      for (int t = 0; t < kTiles; ++t) sum[0][t] = add_int(sum[0][t], high[t]);
    }
    for (; k < end; k += 32) {
      if (k % 64 == 0) add_half_tile<0, kRows, kTiles>(x, weights, k, ahead, sum);
      else add_half_tile<1, kRows, kTiles>(x, weights, k, ahead, sum);
    }
  }

  template <int kRows, int kTiles>
  TRTLLM_INLINE void add(const PanelBlock& block, const Int8Rows& x, WeightColumns weights, int tile, WeightAhead ahead, SumBlock<I32x16> totals) {
    const PackedWeight& weight = block.args.weight;
    const int num_groups = weight.num_groups();
    for (int group = block.k.begin / weight.group_size; group < num_groups; ++group) {
      const int begin = group * weight.group_size - block.k.begin, end = smaller(begin + weight.group_size, block.k.depth());
      if (begin >= end) break;
      totals.stay_in_memory();
      I32x16 sum[kRows][kTiles];
#pragma GCC unroll 8  // or g++ 12 keeps these in memory and copies them by halves, whose reading as a whole then waits
      for (int r = 0; r < kRows; ++r) {
        const I32x16 offset = splat_int(-kInt4Offset * x.sum(r, begin, end));
        for (int t = 0; t < kTiles; ++t) sum[r][t] = offset;
      }
      add_codes<kRows, kTiles>(x, weights, begin, end, ahead, sum);
      for (int t = 0; t < kTiles; ++t) {
        const I32x16 multiplier = load_int8(weight.multiplier + (int64_t{tile + t} * num_groups + group) * 16);
        for (int r = 0; r < kRows; ++r) {
          I32x16& total = totals.first[r * totals.stride + t];
          total = multiply_add(sum[r][t], multiplier, total);
        }
      }
    }
  }
};

template <class Arithmetic, class Products>
struct Int8Format {
  using Decoded = Int8Format<Arithmetic, typename Products::Decoded>;
  static constexpr int64_t kColumnBytes = Products::kColumnBytes;
  static constexpr int kBlockRows = kInt8Rows, kDecodeRows = Products::kDecodeRows;
  static constexpr bool kSpreadsRows = kHasWideBlocks || kHasVnni, kIsSlowChain = false;

  static int depth(const PackedWeight& weight) { return weight.k_padded; }
  static void decode(const LinearArgs& args, int tile, DepthRange k, const std::byte* column, std::byte* out) {
    decode_to_int8<I32x16, kPrefetchBytes>(args.weight, tile, k.begin, k.depth(), column, out);
  }

  template <int kRows, int kTiles, int kAtOnce>
  static void block(const PanelBlock& block) {
    const Int8Rows x(block.args, block.row, block.k.begin);
    I32x16 sum[kRows][kTiles];
    for (int r = 0; r < kRows; ++r) {
      const int start = -Products::kOffset * x.total(r);
      for (int t = 0; t < kTiles; ++t) {
        sum[r][t] = block.k.begin == 0 ? splat_int(start) : load_int(block.aside + (r * kTiles + t) * kVectorBytes);
      }
    }
    if (kSpreadsRows && kRows > 1 && block.k.is_last) fetch_outputs<Arithmetic, kRows, kTiles>(block.args, block.row, block.tile);
    for (int t = 0; t < kTiles; t += kAtOnce) {
      const WeightColumns weights{block.weights.column(t), block.weights.stride};
      const WeightAhead ahead = block.ahead_of<kAtOnce>(t);
      Products::template add<kRows, kAtOnce>(block, x, weights, block.tile + t, ahead, {&sum[0][t], kTiles});
    }
    for (int r = 0; r < kRows; ++r) {
      if (block.k.is_last) {
        finish_int8_row<Arithmetic, kTiles>(block.args, block.row + r, block.tile, x.scale(r), sum[r]);
      } else {
        for (int t = 0; t < kTiles; ++t) store_int(block.aside + (r * kTiles + t) * kVectorBytes, sum[r][t]);
      }
    }
  }
};

template <class Arithmetic>
void linear_int8(const LinearArgs& args) {
  if (args.weight.dtype == DType::int4) return walk_panels<Int8Format<Arithmetic, Int4Products>>(args);
  walk_panels<Int8Format<Arithmetic, Int8Products>>(args);
}

}  // namespace trtllm::ops::TRTLLM_ISA
