// linear on a tile unit. Up to 48 rows walk two columns of weights at once, up to 16 four: memory is the limit, and several streams use it best.
// More rows are limited by what the caches deliver to the tiles: 1 MiB of activations stays in the second level while panels of
// two columns pass, each fetched while the one before is multiplied (cpu-measurements 3b).
// Weights that are not tiles become them first: for few rows 64 k while those before are multiplied, for many a panel's whole range.
// The unit treats each row alone and sums leave it unrounded: neither rows nor ranges show in the results.
// Rows up to the next multiple of 16 are read, never used.
#pragma once

#include "ops/cpu/lane_linear_int8.h"
#include "ops/cpu/tile_block.h"
#include "ops/cpu/tile_one_row.h"

namespace trtllm::ops::TRTLLM_ISA {

// What stays in the second level: 4 KiB of each of 256 rows, or rows half as long twice.
inline constexpr int kWalkRowBytes = 4096, kWalkRows = kAsideRowTiles * kTileRows;

// How far ahead of its use a stream of weights is asked for (NOTES.md).
inline constexpr int kStreamAheadBytes = 2048;

// A call's scratch: two blocks of sums, unfinished sums, decoded tiles: two columns of 4 KiB of each row, which is 128 KiB.
inline constexpr int kUnfinishedBytes = kAsideRowTiles * kWalkTiles * kTileBytes;
inline constexpr int kDecodedColumnBytes = kWalkRowBytes / kLineBytes * kTileBytes;
static size_t tile_scratch_bytes(int, int) { return 2 * kBlockBytes + kUnfinishedBytes + 2 * kDecodedColumnBytes; }

// Few rows decode so many k at once, those of a whole int4 tile.
inline constexpr int kNearDepth = 64;

// The weights of a range as tiles: where they lie, or decoded into the call's scratch.
template <class Format, int kColumnTiles>
WeightColumns tiles_of(TileCall<Format>& call, int tile, int begin, int depth) {
  const WeightColumns stored = call.stored(tile, begin);
  if constexpr (Format::kIsDecoded) {
    const int64_t stride = int64_t{depth / Format::kStepDepth} * kTileBytes;
    for (int t = 0; t < kColumnTiles; ++t) {
      Format::decode(call.args.weight, tile + t, begin, depth, stored.column(t), call.decoded + t * stride);
    }
    return {call.decoded, stride};
  } else {
    return stored;
  }
}

// A panel in the next ones' shadow: `part` of `parts` of the following panel's weights, line after line, as the memory foresees it best.
template <class Format, int kColumnTiles>
WeightPrefetch panel_prefetch(const TileCall<Format>& call, int tile, DepthRange k, int part, int parts) {
  constexpr int kLines = Format::kStoredStepBytes / kLineBytes;
  const WeightColumns next = call.stored(tile + kColumnTiles, k.begin);
  const int bytes = (kLines + parts - 1) / parts * kLineBytes;
  return {next.first + int64_t{part} * bytes * (k.depth() / Format::kStepDepth), next.stride, bytes};
}

// Weights that pass once: each column's a little ahead of its use, at its end those of the next columns.
template <class Format, int kColumnTiles>
WeightPrefetch stream_prefetch(const TileCall<Format>& call, int tile) {
  const WeightColumns stored = call.stored(tile, 0);
  const int64_t turn_step = (stored.stride - kStreamAheadBytes) / Format::kStoredStepBytes;
  return {stored.first + kStreamAheadBytes, stored.stride, Format::kStoredStepBytes, turn_step < 0 ? 0 : static_cast<int>(turn_step), (kColumnTiles - 1) * stored.stride};
}

// Rows [first_row, last_row) of one panel over one range of k, in blocks of three tiles of rows; where one would be left, two of two
// tiles: a block of one waits for its sums.
template <class Format, int kColumnTiles>
void tile_panel(TileCall<Format>& call, int last_row, int tile, DepthRange k) {
  const WeightColumns weights = tiles_of<Format, kColumnTiles>(call, tile, k.begin, k.depth());
  const int row_tiles = (last_row - call.first_row + kTileRows - 1) / kTileRows, blocks = (row_tiles + kMaxRowTiles - 1) / kMaxRowTiles;
  for (int block = 0, first = 0; block < blocks; ++block) {
    const int row = call.first_row + first * kTileRows, left = row_tiles - first;
    const WeightPrefetch prefetch = panel_prefetch<Format, kColumnTiles>(call, tile, k, block, blocks);
    if (left == 3 || left > 4) {
      tile_block<Format, 3, kColumnTiles>(call, row, tile, k, weights, prefetch);
      first += 3;
    } else if (left > 1) {
      tile_block<Format, 2, kColumnTiles>(call, row, tile, k, weights, prefetch);
      first += 2;
    } else {
      tile_block<Format, 1, kColumnTiles>(call, row, tile, k, weights, prefetch);
      first += 1;
    }
  }
}

// The next kNearDepth k of kColumnTiles columns become tiles, a column after some of the products.
template <class Format, int kColumnTiles>
struct NextTiles {
  const PackedWeight& weight;
  WeightColumns stored;
  int tile, k;
  std::byte* out;  // [kColumnTiles] columns of kNearDepth k

  template <int kPart, int kParts>
  TRTLLM_INLINE_METHOD void part() {
    constexpr int kPartsAColumn = kParts / kColumnTiles;
    if constexpr (kPart % kPartsAColumn == 0) {
      if (k < Format::depth(weight)) decode(kPart / kPartsAColumn);
    }
  }
  // bf16 rows may end after half of the last kNearDepth k, and the scales with them.
  TRTLLM_INLINE_METHOD void decode(int t) const {
    fetch_ahead(t);
    const int depth = Format::kStepDepth == kNearDepth ? kNearDepth : smaller(kNearDepth, Format::depth(weight) - k);
    Format::decode(weight, tile + t, k, depth, stored.column(t), out + t * kColumnBytes);
  }
  // Weights a little ahead, at the column's end those of the next columns; and the next columns' scales.
  TRTLLM_INLINE_METHOD void fetch_ahead(int t) const {
    constexpr int kBytes = kNearDepth / Format::kStepDepth * Format::kStoredStepBytes;
    const int64_t left = stored.stride - int64_t{k / Format::kStepDepth} * Format::kStoredStepBytes;
    const std::byte* ahead = stored.column(t) + kStreamAheadBytes + (left > kStreamAheadBytes ? 0 : (kColumnTiles - 1) * stored.stride);
#pragma GCC unroll 32
    for (int byte = 0; byte < kBytes; byte += kLineBytes) __builtin_prefetch(ahead + byte);
    Format::fetch_scales(weight, tile + t + kColumnTiles, k);
  }
  static constexpr int kColumnBytes = kNearDepth / Format::kStepDepth * kTileBytes;
};

// Sums += all rows times kNearDepth k of decoded tiles, from k on. What is beside happens within the first step.
template <class Format, int kRowTiles, int kColumnTiles, class Beside>
TRTLLM_INLINE void multiply_decoded(TileCall<Format>& call, int k, const std::byte* tiles, Beside& beside) {
  const int64_t row_bytes = Format::row_bytes(call.args);
  const std::byte* a = call.row(0) + int64_t{k} * Format::kElementBytes;
  multiply_step<Format, kRowTiles, kColumnTiles>(call.unit, a, row_bytes, tiles, NextTiles<Format, kColumnTiles>::kColumnBytes, beside);
  Nothing nothing;
  for (int step = 1; step < smaller(kNearDepth, Format::depth(call.args.weight) - k) / Format::kStepDepth; ++step) {
    multiply_step<Format, kRowTiles, kColumnTiles>(call.unit, a + step * kLineBytes, row_bytes, tiles + step * kTileBytes, NextTiles<Format, kColumnTiles>::kColumnBytes, nothing);
  }
}

// All k of weights that must be decoded: the next ones while these are multiplied, in two buffers by turns.
template <class Format, int kRowTiles, int kColumnTiles>
void stream_decoded(TileCall<Format>& call, int tile) {
  using Next = NextTiles<Format, kColumnTiles>;
  const int depth = Format::depth(call.args.weight);
  std::byte *tiles = call.decoded, *others = call.decoded + kColumnTiles * Next::kColumnBytes;
  const Next first{call.args.weight, call.stored(tile, 0), tile, 0, tiles};
  for (int t = 0; t < kColumnTiles; ++t) first.decode(t);
  int k = 0;
  const auto turn = [&] {
    std::byte* free = tiles;
    tiles = others;
    others = free;
    k += kNearDepth;
  };
  if constexpr (kColumnTiles > 1) {
    if (has_rows_beside<Format, kColumnTiles>(call.finished)) {
      constexpr int kRows = kRowsAStep<Format, kColumnTiles>;
      RowsBeside<Format, kColumnTiles, kRows> rows(call.args, call.finished.tile);
      for (; k < depth && call.finished.rows() >= kRows; call.finished.advance(kRows), turn()) {
        rows.begin(call.finished.next, call.finished.sums);
        Next next{call.args.weight, call.stored(tile, k + kNearDepth), tile, k + kNearDepth, others};
        Both<RowsBeside<Format, kColumnTiles, kRows>, Next> both{rows, next};
        multiply_decoded<Format, kRowTiles, kColumnTiles>(call, k, tiles, both);
      }
    }
  }
  for (; k < depth; turn()) {
    Next next{call.args.weight, call.stored(tile, k + kNearDepth), tile, k + kNearDepth, others};
    multiply_decoded<Format, kRowTiles, kColumnTiles>(call, k, tiles, next);
  }
}

// All rows, all k: the sums stay in the unit while the weights pass.
template <class Format, int kRowTiles, int kColumnTiles>
void stream_columns(TileCall<Format>& call, int tile) {
  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) { call.unit.template zero<Registers<kRowTiles, kColumnTiles>::c(r, t)>(); });
  if constexpr (Format::kIsDecoded) {
    stream_decoded<Format, kRowTiles, kColumnTiles>(call, tile);
  } else {
    const DepthRange all{0, Format::depth(call.args.weight), true};
    const WeightPrefetch prefetch = stream_prefetch<Format, kColumnTiles>(call, tile);
    multiply_range<Format, kRowTiles, kColumnTiles, CacheLevel::first>(call, 0, all, call.stored(tile, 0), prefetch);
  }
  finish_block<Format, kRowTiles, kColumnTiles>(call, 0, tile);
}

// At most three tiles of rows, which is what memory's speed allows; one of them leaves room for four columns.
template <class Format, int kRowTiles>
void walk_few_rows(TileCall<Format>& call) {
  int tile = call.args.tile_begin;
  if constexpr (kRowTiles == 1) {
    for (; tile + 4 <= call.args.tile_end; tile += 4) stream_columns<Format, 1, 4>(call, tile);
  }
  for (; tile + 2 <= call.args.tile_end; tile += 2) stream_columns<Format, kRowTiles, 2>(call, tile);
  if (tile < call.args.tile_end) stream_columns<Format, kRowTiles, 1>(call, tile);
}

// Rows [first_row, last_row) times at most kWalkTiles tile columns from first_tile.
template <class Format>
void walk_block(TileCall<Format>& call, int last_row, int last_tile) {
  const int depth = Format::depth(call.args.weight);
  constexpr int kRangeDepth = kWalkRowBytes / Format::kElementBytes;
  for (int k = 0; k < depth; k += kRangeDepth) {
    const DepthRange range{k, smaller(k + kRangeDepth, depth), k + kRangeDepth >= depth};
    int tile = call.first_tile;
    for (; tile + 2 <= last_tile; tile += 2) tile_panel<Format, 2>(call, last_row, tile, range);
    if (tile < last_tile) tile_panel<Format, 1>(call, last_row, tile, range);
  }
}

template <class Format>
void walk_many_rows(TileCall<Format>& call) {
  const LinearArgs& args = call.args;
  const bool is_short = Format::depth(args.weight) * Format::kElementBytes <= kWalkRowBytes / 2;
  const int walk_rows = is_short ? 2 * kWalkRows : kWalkRows;
  for (call.first_tile = args.tile_begin; call.first_tile < args.tile_end; call.first_tile += kWalkTiles) {
    const int last_tile = smaller(call.first_tile + kWalkTiles, args.tile_end);
    for (call.first_row = 0; call.first_row < args.rows; call.first_row += walk_rows) {
      walk_block(call, smaller(call.first_row + walk_rows, args.rows), last_tile);
    }
  }
}

template <class Format>
void walk_with_epilogue(const LinearArgs& args) {
  std::byte* unfinished = args.scratch + 2 * kBlockBytes;
  TileCall<Format> call{args, {args.scratch, args.scratch + kBlockBytes}, unfinished, unfinished + kUnfinishedBytes};
  const int row_tiles = (args.rows + kTileRows - 1) / kTileRows;
  if (row_tiles <= 1) walk_few_rows<Format, 1>(call);
  else if (row_tiles == 2) walk_few_rows<Format, 2>(call);
  else if (row_tiles == 3) walk_few_rows<Format, 3>(call);
  else walk_many_rows(call);
  call.drain();
}

template <class Format>
void tile_walk(const LinearArgs& args) {
  if (args.epilogue == Epilogue::swiglu) return walk_with_epilogue<Then<Format, Epilogue::swiglu>>(args);
  if (args.epilogue == Epilogue::add_residual) return walk_with_epilogue<Then<Format, Epilogue::add_residual>>(args);
  walk_with_epilogue<Then<Format, Epilogue::store>>(args);
}

static void tile_linear(const LinearArgs& args) {
  if (args.rows == 1 && args.weight.dtype == DType::bfloat16) return one_row_linear<PlainWeights<BFloat16Tiles>>(args);
  if (args.rows == 1 && args.weight.dtype == DType::int8) return one_row_linear<Int8Weights>(args);
  if (args.weight.dtype == DType::int8) return tile_walk<Int8ToBFloat16>(args);
  if (args.weight.dtype == DType::int4) return tile_walk<Int4ToBFloat16>(args);
  tile_walk<StoredTiles<BFloat16Rows>>(args);
}

// Sums are exact, so that few rows may take the lanes, which read such weights as they lie, at the speed of memory.
static void tile_linear_int8(const LinearArgs& args) {
  if (args.rows <= kPackedRows) return linear_int8<BFloat16Tiles>(args);
  if (args.weight.dtype == DType::int4) return tile_walk<Int4ToInt8>(args);
  tile_walk<StoredTiles<Int8TileRows>>(args);
}

static size_t tile_or_lane_scratch_bytes(int max_rows, int max_k_padded) {
  const size_t tile = tile_scratch_bytes(max_rows, max_k_padded), lane = lane_scratch_bytes(max_rows, max_k_padded), one_row = one_row_scratch_bytes(max_rows, max_k_padded);
  const size_t more = tile > lane ? tile : lane;
  return more > one_row ? more : one_row;
}

}  // namespace trtllm::ops::TRTLLM_ISA
