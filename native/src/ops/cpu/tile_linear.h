// linear on a tile unit. Up to 16 rows walk four columns of weights at once: memory is the limit, and four streams use it best.
// More rows are limited by what the caches deliver to the tiles: 256 rows and 2,048 k of activations (1 MiB) stay in the second
// level while panels of two columns pass, each fetched while the one before is multiplied (cpu-measurements 3b).
// The unit treats each row alone and sums leave the tiles unrounded: neither rows nor ranges show in the results.
#pragma once

#include "ops/cpu/lane_linear.h"
#include "ops/cpu/lane_linear_int8.h"
#include "ops/cpu/row_table.h"
#include "ops/cpu/tile_block.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kWalkDepth = 2048;

// A call's scratch: padded tail rows, a block of sums, and for more k than one range the unfinished sums.
static size_t tail_bytes(int k_padded) { return size_t{32} * static_cast<size_t>(k_padded); }
inline constexpr size_t kSumsBytes = 32 * 64 * sizeof(float);
inline constexpr size_t kUnfinishedBytes = size_t{kWalkRows / 16} * kWalkTiles * kSumTileBytes;

static size_t tile_scratch_bytes(int, int max_k_padded) {
  return tail_bytes(max_k_padded) + kSumsBytes + (max_k_padded > kWalkDepth ? kUnfinishedBytes : 0);
}

// The last rows % 16 rows in scratch, with zeros below; a single row needs no copy, it is read sixteen times.
static RowTile padded_tail(const LinearArgs& args) {
  const int count = args.rows % 16;
  const int64_t stride_bytes = args.input_stride * 2, row_bytes = int64_t{args.weight.k_padded} * 2;
  const std::byte* first = static_cast<const std::byte*>(args.input) + (args.rows - count) * stride_bytes;
  if (count <= 1) return {first, 0};
  for (int row = 0; row < count; ++row) __builtin_memcpy(args.scratch + row * row_bytes, first + row * stride_bytes, row_bytes);
  __builtin_memset(args.scratch + count * row_bytes, 0, (16 - count) * row_bytes);
  return {args.scratch, row_bytes};
}

// Rows [first_row, last_row) of one panel over one range of k. Several row blocks share the fetching of the next panel evenly.
template <int kColumnTiles>
void tile_panel(TileCall& call, int last_row, int tile, KRange k) {
  const int blocks = (last_row - call.first_row + 31) / 32;
  int row = call.first_row;
  for (int block = 0; row < last_row; ++block, row += 32) {
    WeightPrefetch prefetch{kNearPrefetchBytes, 0, kTileLines};
    if (blocks > 1) prefetch = {kColumnTiles * call.column_bytes(), kTileLines * block / blocks, kTileLines * (block + 1) / blocks};
    if (row + 16 < last_row) {
      tile_block<2, kColumnTiles>(call, row, tile, k, prefetch);
    } else {
      tile_block<1, kColumnTiles>(call, row, tile, k, prefetch);
    }
  }
}

// At most 16 rows.
static void walk_few_rows(TileCall& call) {
  const LinearArgs& args = call.args;
  const KRange all{0, args.weight.k_padded};
  const WeightPrefetch prefetch{kNearPrefetchBytes, 0, kTileLines};
  int tile = args.tile_begin;
  for (; tile + 4 <= args.tile_end; tile += 4) tile_block<1, 4>(call, 0, tile, all, prefetch);
  if (tile + 2 <= args.tile_end) {
    tile_block<1, 2>(call, 0, tile, all, prefetch);
    tile += 2;
  }
  if (tile < args.tile_end) tile_block<1, 1>(call, 0, tile, all, prefetch);
}

// At most kWalkRows rows from call.first_row and kWalkTiles tile columns from call.first_tile.
static void walk_block(TileCall& call, int last_row, int last_tile) {
  const int k_padded = call.args.weight.k_padded;
  const bool fits = (last_row - call.first_row) * k_padded <= kWalkRows * kWalkDepth;
  const int depth = fits ? k_padded : kWalkDepth;
  for (int k = 0; k < k_padded; k += depth) {
    const KRange range{k, smaller(k + depth, k_padded)};
    int tile = call.first_tile;
    for (; tile + 2 <= last_tile; tile += 2) tile_panel<2>(call, last_row, tile, range);
    if (tile < last_tile) tile_panel<1>(call, last_row, tile, range);
  }
}

static void tile_linear(const LinearArgs& args) {
  std::byte* sums = args.scratch + tail_bytes(args.weight.k_padded);
  TileCall call{args, padded_tail(args), reinterpret_cast<float*>(sums), sums + kSumsBytes, 0, args.tile_begin, {}};
  if (args.rows <= 16) return walk_few_rows(call);
  for (; call.first_tile < args.tile_end; call.first_tile += kWalkTiles) {
    const int last_tile = smaller(call.first_tile + kWalkTiles, args.tile_end);
    for (call.first_row = 0; call.first_row < args.rows; call.first_row += kWalkRows) {
      walk_block(call, smaller(call.first_row + kWalkRows, args.rows), last_tile);
    }
  }
}

// Quantized weights go by the lanes of the 512-bit class, whose bits they then have.
static void tile_or_lane_linear(const LinearArgs& args) {
  if (args.weight.dtype == DType::bfloat16) return tile_linear(args);
  linear<BFloat16Tiles>(args);
}

static size_t tile_or_lane_scratch_bytes(int max_rows, int max_k_padded) {
  const size_t tile = tile_scratch_bytes(max_rows, max_k_padded), lane = lane_scratch_bytes(max_rows, max_k_padded);
  return tile > lane ? tile : lane;
}

static void begin_tiles() {
  flush_denormals();
  configure_tiles();
}
static void end_tiles() {
  release_tiles();
  keep_denormals();
}

// Row kernels of the 512-bit class with activations in bf16, linear on tiles.
constexpr Kernels tile_kernels(Isa isa) {
  Kernels table = row_kernels<BFloat16Tiles>(isa);
  table.preferred_tiles = 8;
  table.preferred_tiles_many_rows = kWalkTiles;
  table.linear_scratch_bytes = tile_or_lane_scratch_bytes;
  table.thread_begin = begin_tiles;
  table.thread_end = end_tiles;
  table.linear = tile_or_lane_linear;
  table.linear_int8 = linear_int8<BFloat16Tiles>;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
