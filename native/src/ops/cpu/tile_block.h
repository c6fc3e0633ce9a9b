// The register block of linear on a tile unit: up to 2 x 2 or 1 x 4 tiles of sums, over a range of k.
#pragma once

#include "ops/cpu/arithmetic.h"
#include "ops/cpu/epilogue.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kWeightTileBytes = 1024, kSumTileBytes = 1024;  // 32 k x 16 outputs bf16; 16 x 16 float32
inline constexpr int kLineBytes = 64, kTileLines = kWeightTileBytes / kLineBytes;
// How far ahead of its use a stream of weights is asked for (cpu-measurements: 1-4 KiB).
inline constexpr int kNearPrefetchBytes = 4096;

// Rows that a walk keeps together, and tile columns whose sums it may have to put aside (tile_linear.h).
inline constexpr int kWalkRows = 256, kWalkTiles = 32;

// Sixteen rows of activations in memory. All sixteen may be read; results of rows past the end are dropped.
struct RowTile {
  const std::byte* rows;
  int64_t stride_bytes;
};

// One call of linear.
struct TileCall {
  const LinearArgs& args;
  RowTile tail;             // the last rows % 16 rows, padded
  float* sums;              // [32, 64] at most: a finished block on its way through the epilogue
  std::byte* unfinished;    // [kWalkRows / 16, kWalkTiles] sum tiles between two ranges of k
  int first_row, first_tile;  // where `unfinished` begins
  TileUnit unit;

  int64_t column_bytes() const { return int64_t{args.weight.k_padded} * 32; }
  const std::byte* weight_tile(int tile, int k) const { return args.weight.data + tile * column_bytes() + k * 32; }
  std::byte* unfinished_tile(int row, int tile) const {
    return unfinished + ((row - first_row) / 16 * kWalkTiles + tile - first_tile) * kSumTileBytes;
  }
  RowTile row_tile(int row) const {
    if (row + 16 > args.rows) return tail;
    return {static_cast<const std::byte*>(args.input) + row * args.input_stride * 2, args.input_stride * 2};
  }
};

struct KRange {
  int begin, end;
};

// What each step over 32 k asks memory for: lines [first_line, last_line) of each column's tile, `ahead` bytes from the one in use.
struct WeightPrefetch {
  int64_t ahead;
  int first_line, last_line;
};

template <int kValue>
struct Index {
  constexpr operator int() const { return kValue; }
};

// body(Index<0>), body(Index<1>), ...: tile numbers must be constants.
template <int kCount, int kFirst = 0, class Body>
TRTLLM_INLINE void unrolled(Body body) {
  if constexpr (kFirst < kCount) {
    body(Index<kFirst>{});
    unrolled<kCount, kFirst + 1>(body);
  }
}

// Which of the eight tiles hold what: C first, then A, and B takes turns in the rest.
template <int kRowTiles, int kColumnTiles>
struct Registers {
  static constexpr int kFirstA = kRowTiles * kColumnTiles, kFirstB = kFirstA + kRowTiles;
  static_assert(kFirstB < 8);
  static constexpr int c(int r, int t) { return r * kColumnTiles + t; }
  static constexpr int a(int r) { return kFirstA + r; }
  static constexpr int b(int t) { return kFirstB + t % (8 - kFirstB); }
};

// body(row tile, column tile) for each of a block.
template <int kRowTiles, int kColumnTiles, class Body>
TRTLLM_INLINE void for_each_sum(Body body) {
  unrolled<kRowTiles>([&](auto r) { unrolled<kColumnTiles>([&](auto t) { body(r, t); }); });
}

// Finished sums, through memory, to the epilogue.
template <int kRowTiles, int kColumnTiles>
void finish_block(TileCall& call, int row, int tile) {
  using R = Registers<kRowTiles, kColumnTiles>;
  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) {
    call.unit.template store<R::c(r, t)>(call.sums + (r * 16 * kColumnTiles + t) * 16, kColumnTiles * kLineBytes);
  });
  const int count = smaller(call.args.rows - row, 16 * kRowTiles);
  for (int i = 0; i < count; ++i) {
    F32x16 sum[kColumnTiles];
    for (int t = 0; t < kColumnTiles; ++t) sum[t] = load(call.sums + (i * kColumnTiles + t) * 16);
    finish_row<BFloat16Tiles, kColumnTiles>(call.args, row + i, tile, sum);
  }
}

// Rows [row, row + 16 kRowTiles) times tile columns [tile, tile + kColumnTiles). Sums of an earlier range of k are taken up, those that
// are not complete put aside; both as they are, so that ranges do not show.
template <int kRowTiles, int kColumnTiles>
void tile_block(TileCall& call, int row, int tile, KRange k, WeightPrefetch prefetch) {
  using R = Registers<kRowTiles, kColumnTiles>;
  RowTile a[kRowTiles];
  for (int r = 0; r < kRowTiles; ++r) a[r] = call.row_tile(row + 16 * r);

  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) {
    if (k.begin == 0) {
      call.unit.template zero<R::c(r, t)>();
    } else {
      call.unit.template load<R::c(r, t)>(call.unfinished_tile(row + 16 * r, tile + t), kLineBytes);
    }
  });
  for (int step = k.begin; step < k.end; step += 32) {
    const std::byte* weights = call.weight_tile(tile, step);
    for (int t = 0; t < kColumnTiles; ++t) {
      const std::byte* next = weights + t * call.column_bytes() + prefetch.ahead;
      for (int line = prefetch.first_line; line < prefetch.last_line; ++line) __builtin_prefetch(next + line * kLineBytes);
    }
    unrolled<kRowTiles>([&](auto r) { call.unit.template load<R::a(r)>(a[r].rows + step * 2, a[r].stride_bytes); });
    unrolled<kColumnTiles>([&](auto t) {
      call.unit.template load<R::b(t)>(weights + t * call.column_bytes(), kLineBytes);
      unrolled<kRowTiles>([&](auto r) { call.unit.template multiply_add<R::c(r, t), R::a(r), R::b(t)>(); });
    });
  }
  if (k.end == call.args.weight.k_padded) return finish_block<kRowTiles, kColumnTiles>(call, row, tile);
  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) {
    call.unit.template store<R::c(r, t)>(call.unfinished_tile(row + 16 * r, tile + t), kLineBytes);
  });
}

}  // namespace trtllm::ops::TRTLLM_ISA
