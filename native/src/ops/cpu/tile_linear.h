// linear on a tile unit: 16 rows x 32 k of activations times 32 k x 16 outputs of weights at a time. Up to 16 rows walk
// four columns of weights at once (memory is the limit); more rows go in blocks of 2 x 2 tiles inside a panel of two columns, while
// the next panel is fetched. Accumulators stay in tiles over the whole of k, and the unit treats each row alone: rows and ranges do not show.
#pragma once

#include "ops/cpu/arithmetic.h"
#include "ops/cpu/epilogue.h"
#include "ops/cpu/row_table.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kWeightTileBytes = 1024;
inline constexpr int kLineBytes = 64;
// One row block: each stream of weights is asked for this far ahead (cpu-measurements: 1-4 KiB).
inline constexpr int kNearPrefetchBytes = 4096;

// Sixteen rows of activations in memory. All sixteen may be read; results of rows past the end are dropped.
struct RowTile {
  const std::byte* rows;
  int64_t stride_bytes;
};

// What a step over 32 k asks memory for besides its own tiles.
struct WeightPrefetch {
  bool is_near;           // the columns at hand, a little further on
  const std::byte* next;  // otherwise the next panel, spread evenly over the row blocks of this one
  int lines_per_step;
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

static size_t tail_bytes(int k_padded) { return size_t{16} * static_cast<size_t>(k_padded) * sizeof(uint16_t); }

// Room for the padded tail rows and for a block of sums: float32 [32 rows, 4 tiles * 16] at most.
static size_t tile_scratch_bytes(int, int max_k_padded) { return tail_bytes(max_k_padded) + size_t{32} * 64 * sizeof(float); }

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

static RowTile row_tile(const LinearArgs& args, const RowTile& tail, int row) {
  if (row + 16 > args.rows) return tail;
  return {static_cast<const std::byte*>(args.input) + row * args.input_stride * 2, args.input_stride * 2};
}

template <int kColumnTiles>
TRTLLM_INLINE void prefetch_weights(WeightPrefetch& prefetch, const std::byte* weights, int64_t column_bytes) {
  if (prefetch.is_near) {
    for (int t = 0; t < kColumnTiles; ++t) {
      const std::byte* ahead = weights + t * column_bytes + kNearPrefetchBytes;
      for (int line = 0; line < kWeightTileBytes; line += kLineBytes) __builtin_prefetch(ahead + line);
    }
    return;
  }
  for (int line = 0; line < prefetch.lines_per_step; ++line) __builtin_prefetch(prefetch.next + line * kLineBytes);
  prefetch.next += prefetch.lines_per_step * kLineBytes;
}

// Rows [row, row + 16 kRowTiles) times tile columns [tile, tile + kColumnTiles).
template <int kRowTiles, int kColumnTiles>
void tile_block(TileUnit& unit, const LinearArgs& args, const RowTile& tail, int row, int tile, WeightPrefetch& prefetch) {
  using R = Registers<kRowTiles, kColumnTiles>;
  const int64_t column_bytes = int64_t{args.weight.k_padded} * 32;
  const std::byte* weights = args.weight.data + tile * column_bytes;
  RowTile a[kRowTiles];
  for (int r = 0; r < kRowTiles; ++r) a[r] = row_tile(args, tail, row + 16 * r);

  unrolled<kRowTiles * kColumnTiles>([&](auto c) { unit.template zero<c>(); });
  for (int k = 0; k < args.weight.k_padded; k += 32, weights += kWeightTileBytes) {
    prefetch_weights<kColumnTiles>(prefetch, weights, column_bytes);
    unrolled<kRowTiles>([&](auto r) { unit.template load<R::a(r)>(a[r].rows + k * 2, a[r].stride_bytes); });
    unrolled<kColumnTiles>([&](auto t) {
      unit.template load<R::b(t)>(weights + t * column_bytes, kLineBytes);
      unrolled<kRowTiles>([&](auto r) { unit.template multiply_add<R::c(r, t), R::a(r), R::b(t)>(); });
    });
  }

  float* sums = reinterpret_cast<float*>(args.scratch + tail_bytes(args.weight.k_padded));  // [16 kRowTiles, 16 kColumnTiles]
  unrolled<kRowTiles>([&](auto r) {
    unrolled<kColumnTiles>([&](auto t) {
      unit.template store<R::c(r, t)>(sums + (r * 16 * kColumnTiles + t) * 16, kColumnTiles * 16 * sizeof(float));
    });
  });
  const int count = smaller(args.rows - row, 16 * kRowTiles);
  for (int i = 0; i < count; ++i) {
    F32x16 sum[kColumnTiles];
    for (int t = 0; t < kColumnTiles; ++t) sum[t] = load(sums + (i * kColumnTiles + t) * 16);
    finish_row<BFloat16Tiles, kColumnTiles>(args, row + i, tile, sum);
  }
}

template <int kColumnTiles>
void tile_panel(TileUnit& unit, const LinearArgs& args, const RowTile& tail, int tile) {
  const int64_t panel_bytes = int64_t{args.weight.k_padded} * 32 * kColumnTiles;
  const std::byte* next_panel = args.weight.data + tile * int64_t{args.weight.k_padded} * 32 + panel_bytes;
  const int blocks = (args.rows + 31) / 32;
  WeightPrefetch prefetch{blocks == 1, next_panel, (16 * kColumnTiles + blocks - 1) / blocks};
  int row = 0;
  if constexpr (kColumnTiles <= 2) {
    for (; row + 16 < args.rows; row += 32) tile_block<2, kColumnTiles>(unit, args, tail, row, tile, prefetch);
  }
  if (row < args.rows) tile_block<1, kColumnTiles>(unit, args, tail, row, tile, prefetch);
}

static void tile_linear(const LinearArgs& args) {
  TileUnit unit;
  const RowTile tail = padded_tail(args);
  int tile = args.tile_begin;
  if (args.rows <= 16) {
    for (; tile + 4 <= args.tile_end; tile += 4) tile_panel<4>(unit, args, tail, tile);
  }
  for (; tile + 2 <= args.tile_end; tile += 2) tile_panel<2>(unit, args, tail, tile);
  if (tile < args.tile_end) tile_panel<1>(unit, args, tail, tile);
}

// Row kernels of the 512-bit class with activations in bf16, linear on tiles.
constexpr Kernels tile_kernels(Isa isa) {
  Kernels table = row_kernels<BFloat16Tiles>(isa);
  table.preferred_tiles = 8;
  table.linear_scratch_bytes = tile_scratch_bytes;
  table.thread_begin = configure_tiles;
  table.thread_end = release_tiles;
  table.linear = tile_linear;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
