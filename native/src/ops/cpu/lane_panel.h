// The walk of linear on the lane classes: panels of a few tile columns, over which blocks of rows pass. With many rows a panel is taken
// in ranges of k that stay in the second cache level; sums between two ranges are put aside as they are. For many rows quantized
// weights are decoded once a range; fewer read them as they lie.
//
// A Format says how a block is computed:
//   template <int kRows, int kTiles, int kAtOnce> static void block(const PanelBlock&), kAtOnce columns side by side
//   kIsSlowChain                 whether a column's chain of sums takes longer than memory does
//   depth(weight)                inputs to run over: k and padding that the input has too
//   kColumnBytes                 bytes of a column of tiles for each k
//   kBlockRows                   rows of a block
//   kSpreadsRows                 whether blocks get about as many rows each (those of few rows would wait for their chains of sums) and fetch their
//                                output's lines: where sums are taken as fast as one instruction allows (NOTES.md)
//   Decoded, kDecodeRows         the format of that many rows and more; where it is another one, decode(args, tile, k, column, out) makes it
#pragma once

#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {

// What fits in registers: rows x tile columns of sums beside the weights. A panel is at least two columns (swiglu needs a gate
// and its up), summed one after the other if need be. One row takes four columns, in as many streams of weights as the class's memory serves best.
// Weights that need no unpacking leave registers for more rows.
inline constexpr int kPackedRows = kAccumulators >= 24 ? 6 : kAccumulators >= 6 ? 4 : 2;
inline constexpr int kPlainRows = kAccumulators >= 6 ? 6 : 2;
inline constexpr int kBlockTiles = kAccumulators >= 24 ? 4 : 1;
inline constexpr bool kHasWideBlocks = kBlockTiles > 1;  // avx512
inline constexpr int kPanelTiles = kBlockTiles > 2 ? kBlockTiles : 2;
inline constexpr int kOneRowTiles = 4;

// Columns of a block that are summed side by side, each a stream of weights. One row takes all four where chains are slow.
template <class Format, int kRows, int kTiles>
constexpr int columns_at_once() {
  const int most = kRows > 1 ? kBlockTiles : Format::kIsSlowChain ? kOneRowTiles : kOneRowStreams;
  return kTiles < most ? kTiles : most;
}

// A range of k: four columns of bf16 are 256 KiB. A multiple of every group size.
inline constexpr int kRangeDepth = 2048;
inline constexpr int kPanelRows = 240;   // whose sums may be put aside at once; a multiple of all blocks' rows
inline constexpr int kVectorBytes = 64;  // 16 sums

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
  // Between groups of k: the registers belong to the sums of a group, not to these.
  [[gnu::always_inline]] void stay_in_memory() const { __asm__ volatile("" : : "r"(first) : "memory"); }
};

// Weights to fetch while a block is computed: its own columns' a little ahead, and some columns of what is needed next, as much of each as
// the block has passed of its own.
struct WeightAhead {
  const std::byte* first = nullptr;
  int64_t stride = 0;
  int columns = 0;
  int64_t column_bytes = 0;  // as stored, for each k
  int own_bytes = 0;         // how far ahead
};

// kStreams columns side by side are asked for so far ahead.
template <int kStreams>
TRTLLM_INLINE int ahead_bytes(const LinearArgs& args) {
  constexpr int kOfClass = kStreams == 1 ? kPrefetchBytes : kStreamsAheadBytes;
  return args.tactic.ahead_bytes > 0 ? args.tactic.ahead_bytes : kOfClass;
}

// Weights of 16 bits take avx2 about as long to pass as to fetch; fetching the next ones besides does not pay there (NOTES.md).
template <class Format>
constexpr bool fetches_ahead() {
  return Format::kColumnBytes <= (kHasWideBlocks ? 32 : 16);
}

// What the memory is asked for at every step: the block's own columns a little ahead, from their ends on those of the next panel; and
// its share of the next panel's.
template <class Format, int kTiles>
struct Fetch {
  WeightColumns own;
  WeightAhead ahead;
  [[gnu::always_inline]] void at(int k) const {
    const std::byte* next = own.first + place_ahead(k);
    for (int t = 0; t < kTiles; ++t) __builtin_prefetch(next + t * own.stride);
    if constexpr (!fetches_ahead<Format>()) return;
    for (int t = 0; t < ahead.columns; ++t) __builtin_prefetch(ahead.first + t * ahead.stride + int64_t{k} * ahead.column_bytes);
  }

 private:
  [[gnu::always_inline]] int64_t place_ahead(int k) const {
    const int64_t place = int64_t{k} * Format::kColumnBytes + ahead.own_bytes;
    return place < own.stride ? place : place + (kTiles - 1) * own.stride;
  }
};

struct PanelBlock {
  const LinearArgs& args;
  DepthRange k;
  WeightColumns weights;  // at k.begin
  int row, tile;
  std::byte* aside;   // [kRows, kTiles] vectors of sums
  WeightAhead ahead;

  // What kAtOnce columns from t on fetch: the first ones for the others too.
  template <int kAtOnce>
  TRTLLM_INLINE_METHOD WeightAhead ahead_of(int t) const {
    WeightAhead what = t == 0 ? ahead : WeightAhead{};
    what.own_bytes = ahead_bytes<kAtOnce>(args);
    return what;
  }
};

// A call's scratch: sums put aside, then a decoded range.
inline constexpr int64_t kAsideBytes = int64_t{kPanelRows} * kPanelTiles * kVectorBytes;
inline constexpr int64_t kDecodedBytes = int64_t{kPanelTiles} * kRangeDepth * 32;  // bf16: 32 bytes for each k of a column
static size_t lane_scratch_bytes(int, int) { return kAsideBytes + kDecodedBytes; }

template <class Format>
WeightColumns columns_of(const LinearArgs& args, int tile, int k) {
  const int64_t stride = args.weight.k_padded * Format::kColumnBytes;
  return {args.weight.data + tile * stride + int64_t{k} * Format::kColumnBytes, stride};
}

template <class Format, int kRows, int kTiles>
void block_in_streams(const PanelBlock& block) {
  if constexpr (kRows == 1 && kTiles == kOneRowTiles && !Format::kIsSlowChain) {
    if (block.args.tactic.one_row_streams == 1) return Format::template block<1, kTiles, 1>(block);
    if (block.args.tactic.one_row_streams == kTiles) return Format::template block<1, kTiles, kTiles>(block);
  }
  Format::template block<kRows, kTiles, columns_at_once<Format, kRows, kTiles>()>(block);
}

// A block of exactly `rows`, at most kRows.
template <class Format, int kRows, int kTiles>
void block_of(int rows, const PanelBlock& block) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return block_in_streams<Format, kRows, kTiles>(block);
    block_of<Format, kRows - 1, kTiles>(rows, block);
  }
}

// `part` of `parts` blocks fetches its share of the columns of a panel.
TRTLLM_INLINE WeightAhead share_of(WeightAhead panel, int part, int parts) {
  const int begin = panel.columns * part / parts, end = panel.columns * (part + 1) / parts;
  return {panel.first + begin * panel.stride, panel.stride, end - begin, panel.column_bytes};
}

template <class Format>
TRTLLM_INLINE int first_of_block(int rows, int block, int blocks) {
  return Format::kSpreadsRows ? rows * block / blocks : smaller(rows, block * Format::kBlockRows);
}

// Rows [first, last) of a panel over one range of k. Several blocks share the fetching of the weights that come next.
template <class Format, int kTiles>
void pass_rows(PanelBlock block, int first, int last) {
  constexpr int kBlockRows = Format::kBlockRows;
  constexpr int kMostRows = kTiles > kPanelTiles ? 1 : kBlockRows;  // more columns than a panel has are for one row alone
  const PanelBlock panel = block;
  const int all = last - first, blocks = (all + kBlockRows - 1) / kBlockRows;
  for (int i = 0; i < blocks; ++i) {
    const int begin = first_of_block<Format>(all, i, blocks), end = first_of_block<Format>(all, i + 1, blocks);
    block.row = first + begin;
    block.aside = panel.aside + int64_t{begin} * kTiles * kVectorBytes;
    block.ahead = share_of(panel.ahead, i, blocks);
    block_of<Format, kMostRows, kTiles>(end - begin, block);
  }
}

// The weights of one range, decoded into scratch.
template <class Format, int kTiles>
WeightColumns decoded_range(const LinearArgs& args, int tile, DepthRange k) {
  const WeightColumns stored = columns_of<Format>(args, tile, k.begin);
  std::byte* decoded = args.scratch + kAsideBytes;
  const int64_t stride = kRangeDepth * Format::Decoded::kColumnBytes;
  for (int t = 0; t < kTiles; ++t) Format::decode(args, tile + t, k, stored.column(t), decoded + t * stride);
  return {decoded, stride};
}

// The weights after a range: of the next range, or of the next panel.
template <class Format, int kTiles>
WeightAhead weights_after(const LinearArgs& args, int tile, DepthRange k) {
  if constexpr (!fetches_ahead<Format>()) return {};
  const WeightColumns next = k.is_last ? columns_of<Format>(args, tile + kTiles, 0) : columns_of<Format>(args, tile, k.end);
  return {next.first, next.stride, kTiles, Format::kColumnBytes};
}

// Few rows take all k at once.
template <class Format, int kTiles>
void walk_one_block(const LinearArgs& args, int tile) {
  const DepthRange all{0, Format::depth(args.weight), true};
  pass_rows<Format, kTiles>({args, all, columns_of<Format>(args, tile, 0), 0, tile, args.scratch, {}}, 0, args.rows);
}

template <class Format, int kTiles>
void walk_range(const LinearArgs& args, int tile, DepthRange k, int first_row, int last_row) {
  const WeightAhead ahead = weights_after<Format, kTiles>(args, tile, k);
  if constexpr (!__is_same(Format, typename Format::Decoded)) {
    if (args.rows >= Format::kDecodeRows) {
      const WeightColumns decoded = decoded_range<Format, kTiles>(args, tile, k);
      return pass_rows<typename Format::Decoded, kTiles>({args, k, decoded, 0, tile, args.scratch, ahead}, first_row, last_row);
    }
  }
  pass_rows<Format, kTiles>({args, k, columns_of<Format>(args, tile, k.begin), 0, tile, args.scratch, ahead}, first_row, last_row);
}

template <class Format, int kTiles>
void walk_panel(const LinearArgs& args, int tile) {
  if (args.rows <= Format::kBlockRows) return walk_one_block<Format, kTiles>(args, tile);
  const int depth = Format::depth(args.weight);
  for (int row = 0; row < args.rows; row += kPanelRows) {
    for (int k = 0; k < depth; k += kRangeDepth) {
      const DepthRange range{k, smaller(k + kRangeDepth, depth), k + kRangeDepth >= depth};
      walk_range<Format, kTiles>(args, tile, range, row, smaller(row + kPanelRows, args.rows));
    }
  }
}

template <class Format>
void walk_panels(const LinearArgs& args) {
  int tile = args.tile_begin;
  if (args.rows == 1) {
    for (; tile + kOneRowTiles <= args.tile_end; tile += kOneRowTiles) walk_one_block<Format, kOneRowTiles>(args, tile);
  }
  for (; tile + kPanelTiles <= args.tile_end; tile += kPanelTiles) walk_panel<Format, kPanelTiles>(args, tile);
  if (tile + 2 <= args.tile_end) {
    walk_panel<Format, 2>(args, tile);
    tile += 2;
  }
  if (tile < args.tile_end) walk_panel<Format, 1>(args, tile);
}

}  // namespace trtllm::ops::TRTLLM_ISA
