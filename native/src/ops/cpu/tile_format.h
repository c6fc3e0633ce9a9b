// What passes through the tile unit: a row of activations in memory order (A), a column of weights in tile order (B), sums (C).
// A Format says
//   kElementBytes, kStepDepth    of a row; k of one tile (64 bytes of a row)
//   kFinishedAtOnce              rows that go through the epilogue in one step: blocks of 48 rows have 64 steps of bf16, 32 of int8
//   depth(weight)                inputs to run over: k and the padding that the rows have too
//   kStoredStepBytes             a column's weights for kStepDepth k, as the engine has them
//   kIsDecoded, decode(...)      whether those must become tiles first, and how: `depth` k from first_k on of one column
//   multiply_add<c, a, b>(unit)  C += A B
//   sum(line)                    16 finished sums as floats
//   kHasScale, kHasRowScale      whether outputs have a scale each, and rows: row_scale(args, row)
//   finish_column(...)           a row of one column of finished sums to the epilogue
#pragma once

#include "ops/cpu/tile_finish.h"
#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kInt4AheadBytes = 512;  // how far ahead of its decoding int4 is asked for (NOTES.md)
inline constexpr int kTileRows = 16, kTileBytes = kTileRows * kLineBytes;

struct BFloat16Rows {
  static constexpr int kElementBytes = 2, kStepDepth = 32, kFinishedAtOnce = 1;
  static int64_t row_bytes(const LinearArgs& args) { return args.input_stride * 2; }
  static int depth(const PackedWeight& weight) { return static_cast<int>(round_up(weight.k, 32)); }

  template <int kC, int kA, int kB>
  TRTLLM_INLINE void multiply_add(TileUnit& unit) {
    unit.template multiply_add<kC, kA, kB>();
  }
  static constexpr bool kHasRowScale = false;
  TRTLLM_INLINE F32x16 sum(const std::byte* line) { return load(reinterpret_cast<const float*>(line)); }
  static void finish_column(const LinearArgs& args, int row, int tile, const std::byte* sums) {
    F32x16 y = sum(sums);
    finish_scaled_row<BFloat16Tiles, 1>(args, row, tile, &y);
  }
};

struct Int8TileRows {
  static constexpr int kElementBytes = 1, kStepDepth = 64, kFinishedAtOnce = 2;
  static int64_t row_bytes(const LinearArgs& args) { return args.input_stride; }
  static int depth(const PackedWeight& weight) { return weight.k_padded; }

  template <int kC, int kA, int kB>
  TRTLLM_INLINE void multiply_add(TileUnit& unit) {
    unit.template multiply_add_int8<kC, kA, kB>();
  }
  static constexpr bool kHasScale = true, kHasRowScale = true;
  TRTLLM_INLINE F32x16 sum(const std::byte* line) { return to_float(load_int(line)); }
  TRTLLM_INLINE float row_scale(const LinearArgs& args, int row) { return Int8Rows(args, row, 0).scale(0); }
  static void finish_column(const LinearArgs& args, int row, int tile, const std::byte* sums) {
    const I32x16 sum = load_int(sums);
    finish_int8_row<BFloat16Tiles, 1>(args, row, tile, row_scale(args, row), &sum);
  }
};

// Weights that lie in the engine as the tiles they are.
template <class Rows>
struct StoredTiles : Rows {
  static constexpr bool kIsDecoded = false, kHasScale = Rows::kHasRowScale;
  static constexpr int kStoredStepBytes = kTileBytes;
};

// A format and what happens to its sums.
template <class Format, Epilogue kAfter>
struct Then : Format {
  static constexpr Epilogue kEpilogue = kAfter;
};

// int8 codes as bf16; the scale is left to the sums.
struct Int8ToBFloat16 : BFloat16Rows {
  static constexpr bool kIsDecoded = true, kHasScale = true;
  static constexpr int kStoredStepBytes = kTileBytes / 2;
  static void decode(const PackedWeight&, int, int, int depth, const std::byte* column, std::byte* out) { decode_to_bf16<Int8Weights>(column, depth, out); }
};

// `depth` int4 codes from first_k on of one column, each times its group's scale and rounded, as bf16 tiles.
static void decode_scaled_to_bf16(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
  const float* scales = weight.group_scale + int64_t{tile} * weight.num_groups() * 16;
  for_each_pair<Int4Weights>(column, depth, [&](int k, const F32x16Pair& codes) {
    const F32x16 scale = load(scales + (first_k + k) / weight.group_size * 16);
    store_bf16_pairs(out + k / 2 * kPairRowBytes, {round_to_bf16(mul(codes.even, scale)), round_to_bf16(mul(codes.odd, scale))});
  });
}

// int4 codes times their group's scale, rounded to bf16: what the checkpoint's dequantized weights are in bf16. Sums by groups, as the
// lanes take them, would cost the unit a drain every few steps.
struct Int4ToBFloat16 : BFloat16Rows {
  static constexpr bool kIsDecoded = true, kHasScale = false;
  static constexpr int kStoredStepBytes = kTileBytes / 4;
  static void decode(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
    decode_scaled_to_bf16(weight, tile, first_k, depth, column, out);
  }
};

// int4 codes times their group's multiplier as int8, exactly.
struct Int4ToInt8 : Int8TileRows {
  static constexpr bool kIsDecoded = true;
  static constexpr int kStoredStepBytes = kTileBytes / 2;
  static void decode(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
    decode_to_int8<I32x16, kInt4AheadBytes>(weight, tile, first_k, depth, column, out);
  }
};

}  // namespace trtllm::ops::TRTLLM_ISA
