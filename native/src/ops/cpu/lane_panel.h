// The walk of linear on the lane classes: panels of a few tile columns, over which blocks of rows pass. With many rows a panel is taken
// in ranges of k that stay in the second cache level; sums between two ranges are put aside as they are. Quantized weights are
// decoded once a range for all rows; few rows read them as they lie.
//
// A Format says how a block is computed:
//   template <int kRows, int kTiles> static void block(const PanelBlock&)
//   depth(weight)                inputs to run over: k and padding that the input has too
//   kColumnBits                  bits of a column of tiles for each k
//   Decoded                      the format of many rows; where that is another one, decode(args, tile, k, column, out) makes it
#pragma once

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

// What fits in registers: rows x tile columns of sums beside the weights. A panel is at least two columns (swiglu needs a gate
// and its up), summed one after the other if need be. One row takes four columns: four streams of weights, which memory serves best.
inline constexpr int kBlockRows = kAccumulators >= 24 ? 6 : 4;
inline constexpr int kBlockTiles = kAccumulators >= 24 ? 4 : 1;
inline constexpr int kPanelTiles = kBlockTiles > 2 ? kBlockTiles : 2;
inline constexpr int kOneRowTiles = 4;

// A range of k: four columns of bf16 are 256 KiB. A multiple of every group size.
inline constexpr int kRangeDepth = 2048;
inline constexpr int kPanelRows = 40 * kBlockRows;  // whose sums may be put aside at once
inline constexpr int kVectorBytes = 64;            // 16 sums

struct DepthRange {
  int begin, end;
  bool is_last;
  int depth() const { return end - begin; }
};

// Columns of tiles from one k on.
struct WeightColumns {
  const std::byte* first;
  int64_t stride;
  const std::byte* column(int t) const { return first + t * stride; }
};

// kRows x kTiles of a block's sums, the others between them; they are in registers from read to write.
template <class Sum>
struct SumBlock {
  Sum* first;
  int stride;
  template <int kRows, int kTiles>
  [[gnu::always_inline]] void read(Sum (&sum)[kRows][kTiles]) const {
    for (int r = 0; r < kRows; ++r) {
      for (int t = 0; t < kTiles; ++t) sum[r][t] = first[r * stride + t];
    }
  }
  template <int kRows, int kTiles>
  [[gnu::always_inline]] void write(const Sum (&sum)[kRows][kTiles]) const {
    for (int r = 0; r < kRows; ++r) {
      for (int t = 0; t < kTiles; ++t) first[r * stride + t] = sum[r][t];
    }
  }
};

struct PanelBlock {
  const LinearArgs& args;
  DepthRange k;
  WeightColumns weights;  // at k.begin
  int row, tile;
  std::byte* aside;  // [kRows, kTiles] vectors of sums
};

// A call's scratch: sums put aside, then a decoded range.
inline constexpr int64_t kAsideBytes = int64_t{kPanelRows} * kPanelTiles * kVectorBytes;
inline constexpr int64_t kDecodedBytes = int64_t{kPanelTiles} * kRangeDepth * 32;  // bf16: 32 bytes for each k of a column
static size_t lane_scratch_bytes(int, int) { return kAsideBytes + kDecodedBytes; }

template <class Format, int kTiles>
WeightColumns columns_of(const LinearArgs& args, int tile, int k) {
  const int64_t stride = int64_t{args.weight.k_padded} * Format::kColumnBits / 8;
  return {args.weight.data + tile * stride + int64_t{k} * Format::kColumnBits / 8, stride};
}

// The last rows of a panel: a block of exactly `rows`.
template <class Format, int kRows, int kTiles>
void tail_block(int rows, const PanelBlock& block) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return Format::template block<kRows, kTiles>(block);
    tail_block<Format, kRows - 1, kTiles>(rows, block);
  }
}

// Rows [first, last) of a panel over one range of k.
template <class Format, int kTiles>
void pass_rows(PanelBlock block, int first, int last) {
  std::byte* aside = block.aside;
  for (block.row = first; block.row + kBlockRows <= last; block.row += kBlockRows) {
    block.aside = aside + int64_t{block.row - first} * kTiles * kVectorBytes;
    Format::template block<kBlockRows, kTiles>(block);
  }
  block.aside = aside + int64_t{block.row - first} * kTiles * kVectorBytes;
  tail_block<Format, kBlockRows - 1, kTiles>(last - block.row, block);
}

// The weights of one range: where they lie, or decoded into scratch.
template <class Format, int kTiles>
WeightColumns range_weights(const LinearArgs& args, int tile, DepthRange k) {
  if constexpr (__is_same(Format, typename Format::Decoded)) {
    return columns_of<Format, kTiles>(args, tile, k.begin);
  } else {
    const WeightColumns stored = columns_of<Format, kTiles>(args, tile, k.begin);
    std::byte* decoded = args.scratch + kAsideBytes;
    const int64_t stride = int64_t{kRangeDepth} * Format::Decoded::kColumnBits / 8;
    for (int t = 0; t < kTiles; ++t) Format::decode(args, tile + t, k, stored.column(t), decoded + t * stride);
    return {decoded, stride};
  }
}

template <class Format, int kTiles>
void walk_panel(const LinearArgs& args, int tile) {
  const int depth = Format::depth(args.weight);
  if (args.rows <= kBlockRows) {
    return pass_rows<Format, kTiles>({args, {0, depth, true}, columns_of<Format, kTiles>(args, tile, 0), 0, tile, args.scratch}, 0, args.rows);
  }
  for (int row = 0; row < args.rows; row += kPanelRows) {
    for (int k = 0; k < depth; k += kRangeDepth) {
      const DepthRange range{k, smaller(k + kRangeDepth, depth), k + kRangeDepth >= depth};
      const WeightColumns weights = range_weights<Format, kTiles>(args, tile, range);
      pass_rows<typename Format::Decoded, kTiles>({args, range, weights, 0, tile, args.scratch}, row, smaller(row + kPanelRows, args.rows));
    }
  }
}

template <class Format>
void walk_panels(const LinearArgs& args) {
  int tile = args.tile_begin;
  if (args.rows == 1) {
    for (; tile + kOneRowTiles <= args.tile_end; tile += kOneRowTiles) walk_panel<Format, kOneRowTiles>(args, tile);
  }
  for (; tile + kPanelTiles <= args.tile_end; tile += kPanelTiles) walk_panel<Format, kPanelTiles>(args, tile);
  if (tile + 2 <= args.tile_end) {
    walk_panel<Format, 2>(args, tile);
    tile += 2;
  }
  if (tile < args.tile_end) walk_panel<Format, 1>(args, tile);
}

}  // namespace trtllm::ops::TRTLLM_ISA
