// What passes through the tile unit: a row of activations in memory order (A), a column of weights in tile order (B), sums (C).
// A Format says
//   kElementBytes, kStepDepth    of a row; k of one tile (64 bytes of a row)
//   kFinishedAtOnce              rows that go through the epilogue in one step: blocks of 48 rows have 64 steps of bf16, 32 of int8
//   depth(weight)                inputs to run over: k and the padding that the rows have too
//   kStoredStepBytes             a column's weights for kStepDepth k, as the engine has them
//   kIsDecoded, decode(...)      whether those must become tiles first, and how: `depth` k from first_k on of one column
//   fetch_scales(weight, tile, k)  asks memory for what decoding needs besides
//   multiply_add<c, a, b>(unit)  C += A B
//   sum(line)                    16 finished sums as floats
//   kHasScale, kHasRowScale      whether outputs have a scale each, and rows: row_scale(args, row)
//   finish_column(...)           a row of one column of finished sums to the epilogue
#pragma once

#include "ops/cpu/tile_finish.h"
#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {

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
  TRTLLM_INLINE void fetch_scales(const PackedWeight&, int, int) {}
  static void decode(const PackedWeight&, int, int, int depth, const std::byte* column, std::byte* out) { decode_to_bf16<Int8Weights>(column, depth, out); }
};

// Where the scales, or multipliers, of a column's group lie.
TRTLLM_INLINE int64_t group_place(const PackedWeight& weight, int tile, int k) {
  return (int64_t{tile} * weight.num_groups() + k / weight.group_size) * 16;
}

TRTLLM_INLINE void store_scaled_pair(std::byte* line, const F32x16Pair& codes, F32x16 scale) {
  store_rounded_bf16_pairs(line, {mul(codes.even, scale), mul(codes.odd, scale)});
}

// `depth` int4 codes from first_k on of one column, each times its group's scale and rounded, as bf16 tiles.
static void decode_scaled_to_bf16(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
  const float* scales = weight.group_scale + group_place(weight, tile, 0);
  const int group_shift = __builtin_ctz(static_cast<unsigned>(weight.group_size));
  for_each_half<Int4Weights>(0, depth, [&]<int kHalf>(int begin, int end) __attribute__((always_inline)) {  // of one group
    const F32x16 scale = load(scales + ((first_k + begin) >> group_shift) * 16);
    std::byte* line = out + begin / 2 * kPairRowBytes;
    for (int k = begin; k < end; k += Int4Weights::kLineDepth, line += 2 * kPairRowBytes) {
      store_scaled_pair(line, Int4Weights{}.pair<kHalf, 0>(column, k), scale);
      store_scaled_pair(line + kPairRowBytes, Int4Weights{}.pair<kHalf, 1>(column, k), scale);
    }
  });
}

// int4 codes times their group's scale, rounded to bf16: what the checkpoint's dequantized weights are in bf16. Sums by groups, as the
// lanes take them, would cost the unit a drain every few steps.
struct Int4ToBFloat16 : BFloat16Rows {
  static constexpr bool kIsDecoded = true, kHasScale = false;
  static constexpr int kStoredStepBytes = kTileBytes / 4;
  TRTLLM_INLINE void fetch_scales(const PackedWeight& weight, int tile, int k) { __builtin_prefetch(weight.group_scale + group_place(weight, tile, k)); }
  static void decode(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
    decode_scaled_to_bf16(weight, tile, first_k, depth, column, out);
  }
};

// int4 codes times their group's multiplier as int8, exactly.
struct Int4ToInt8 : Int8TileRows {
  static constexpr bool kIsDecoded = true;
  static constexpr int kStoredStepBytes = kTileBytes / 2;
  TRTLLM_INLINE void fetch_scales(const PackedWeight& weight, int tile, int k) { __builtin_prefetch(weight.multiplier + group_place(weight, tile, k)); }
  static void decode(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
    decode_to_int8<I32x16, 0>(weight, tile, first_k, depth, column, out);
  }
};

}  // namespace trtllm::ops::TRTLLM_ISA
