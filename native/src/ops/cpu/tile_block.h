// The register block of linear on a tile unit: up to 3 x 2, or 1 x 4, tiles of sums over a range of k. Its finished sums leave by way
// of memory, and their epilogue runs a row or two at a step inside the block that follows: the unit does not wait for it.
#pragma once

#include "ops/cpu/lane_panel.h"
#include "ops/cpu/tile_format.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kMaxRowTiles = 3;
// Row tiles and tile columns that a walk keeps together and whose sums it may have to put aside (tile_linear.h).
inline constexpr int kAsideRowTiles = 16, kWalkTiles = 64;
inline constexpr int kBlockBytes = 6 * kTileBytes;  // 3 x 2 tiles of sums; 1 x 4 is less

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

// Which of the eight tiles hold what: the sums, then one tile of A, and B takes turns in the rest.
template <int kRowTiles, int kColumnTiles>
struct Registers {
  static constexpr int kSums = kRowTiles * kColumnTiles, kA = kSums, kNumB = 7 - kSums;
  static_assert(kNumB > 0);
  static constexpr int c(int r, int t) { return r * kColumnTiles + t; }
  static constexpr int b(int t) { return kA + 1 + t % kNumB; }
  static constexpr bool kHoldsB = kColumnTiles <= kNumB;
};

// body(row tile, column tile) for each of a block.
template <int kRowTiles, int kColumnTiles, class Body>
TRTLLM_INLINE void for_each_sum(Body body) {
  unrolled<kRowTiles>([&](auto r) { unrolled<kColumnTiles>([&](auto t) { body(r, t); }); });
}

// A block whose sums are on their way through the epilogue.
struct FinishedBlock {
  const std::byte* sums = nullptr;  // [last - next rows, tiles] lines
  int tile = 0, tiles = 0;
  int next = 0, last = 0;  // rows

  int rows() const { return last - next; }
  void advance(int rows) { next += rows, sums += int64_t{rows} * tiles * kLineBytes; }
};

// One call of linear.
template <class Format>
struct TileCall {
  const LinearArgs& args;
  std::byte* sums[2];     // kBlockBytes each, in turns: one fills while the other's epilogue runs
  std::byte* unfinished;  // [kAsideRowTiles, kWalkTiles] sum tiles between two ranges of k
  std::byte* decoded;     // tiles of a range of weights
  int first_row = 0, first_tile = 0;  // where `unfinished` begins
  FinishedBlock finished{};
  TileUnit unit{};

  WeightColumns stored(int tile, int k) const {
    const int64_t stride = args.weight.column_bytes();
    return {args.weight.data + tile * stride + int64_t{k / Format::kStepDepth} * Format::kStoredStepBytes, stride};
  }
  const std::byte* row(int index) const { return static_cast<const std::byte*>(args.input) + index * Format::row_bytes(args); }
  std::byte* unfinished_tile(int row, int tile) const {
    return unfinished + ((row - first_row) / kTileRows * kWalkTiles + tile - first_tile) * kTileBytes;
  }
  // The epilogue of all that is finished.
  void drain() {
    if (finished.tiles == 4) drain<4>();
    if (finished.tiles == 2) drain<2>();
    if (finished.tiles == 1) drain<1>();
  }

 private:
  template <int kTiles>
  void drain() {
    finish_rows<Format, kTiles>(args, finished.next, finished.last, finished.tile, finished.sums);
    finished = {};
  }
};

// What each step asks memory for: the next `bytes` of each column; from turn_step on, where these columns end, `turn` bytes further.
struct WeightPrefetch {
  const std::byte* first;
  int64_t column_stride;
  int bytes;
  int turn_step = -1;
  int64_t turn = 0;
};

// The cache that it is asked into.
enum class CacheLevel { first = 3, second = 2 };  // __builtin_prefetch's `locality`

// What is done beside products: nothing, or two things.
struct Nothing {
  template <int kPart, int kParts>
  TRTLLM_INLINE_METHOD void part() {}
};
template <class First, class Second>
struct Both {
  First& first;
  Second& second;
  template <int kPart, int kParts>
  TRTLLM_INLINE_METHOD void part() {
    first.template part<kPart, kParts>();
    second.template part<kPart, kParts>();
  }
};

// One step: every tile of A, [kRowTiles] from a on, times every tile of B, from left to right and back: where a single register is left
// for B, the column at the turn need not be loaded again. A part of `beside` after each product. All by value, with no lambda: g++ 12 kept
// captured addresses in memory.
template <class Format, int kRowTiles, int kColumnTiles, int kProduct = 0, class Beside>
TRTLLM_INLINE void multiply_step(TileUnit& unit, const std::byte* a, int64_t row_bytes, const std::byte* b, int64_t column_bytes, Beside& beside) {
  using R = Registers<kRowTiles, kColumnTiles>;
  if constexpr (kProduct < R::kSums) {
    constexpr int kRow = kProduct / kColumnTiles, kPlace = kProduct % kColumnTiles;
    constexpr int kColumn = kRow % 2 == 0 ? kPlace : kColumnTiles - 1 - kPlace;
    if constexpr (kPlace == 0) unit.template load<R::kA>(a + kRow * kTileRows * row_bytes, row_bytes);
    if constexpr (kRow == 0 || (!R::kHoldsB && kPlace > 0)) unit.template load<R::b(kColumn)>(b + kColumn * column_bytes, kLineBytes);
    Format::template multiply_add<R::c(kRow, kColumn), R::kA, R::b(kColumn)>(unit);
    beside.template part<kProduct, R::kSums>();
    multiply_step<Format, kRowTiles, kColumnTiles, kProduct + 1>(unit, a, row_bytes, b, column_bytes, beside);
  }
}

// Where a step's operands lie, and what it asks memory for.
struct StepPlace {
  const std::byte *a, *b, *next;
};

template <class Format, int kColumnTiles, CacheLevel kCache>
TRTLLM_INLINE StepPlace fetch_and_advance(StepPlace place, int step, const WeightPrefetch& prefetch) {
  if (kCache == CacheLevel::first && step == prefetch.turn_step) place.next += prefetch.turn;
  for (int byte = 0; byte < prefetch.bytes; byte += kLineBytes) {
#pragma GCC unroll 4
    for (int t = 0; t < kColumnTiles; ++t) __builtin_prefetch(place.next + t * prefetch.column_stride + byte, 0, static_cast<int>(kCache));
  }
  return {place.a + kLineBytes, place.b + kTileBytes, place.next + prefetch.bytes};
}

// Rows of a finished block that a step takes along; none where a single column was left.
template <class Format, int kColumnTiles>
inline constexpr int kRowsAStep = kColumnTiles == 4 ? 1 : Format::kFinishedAtOnce;

template <class Format, int kColumnTiles>
bool has_rows_beside(const FinishedBlock& finished) {
  return kColumnTiles > 1 && finished.tiles == kColumnTiles && finished.rows() >= kRowsAStep<Format, kColumnTiles>;
}

// Sums += rows times `weights` (tiles, from k.begin on) over a range of k. The first steps take rows of the finished block along.
template <class Format, int kRowTiles, int kColumnTiles, CacheLevel kCache>
TRTLLM_INLINE void multiply_range(TileCall<Format>& call, int row, DepthRange k, WeightColumns weights, WeightPrefetch prefetch) {
  const int steps = k.depth() / Format::kStepDepth;
  const int64_t row_bytes = Format::row_bytes(call.args), column_bytes = weights.stride;
  StepPlace place{call.row(row) + int64_t{k.begin} * Format::kElementBytes, weights.first, prefetch.first};
  int step = 0;
  if constexpr (kColumnTiles > 1) {
    if (has_rows_beside<Format, kColumnTiles>(call.finished)) {
      constexpr int kRows = kRowsAStep<Format, kColumnTiles>;
      RowsBeside<Format, kColumnTiles, kRows> beside(call.args, call.finished.tile);
      FinishedBlock finished = call.finished;
      for (; step < steps && finished.rows() >= kRows; ++step, finished.advance(kRows)) {
        beside.begin(finished.next, finished.sums);
        const StepPlace here = place;
        place = fetch_and_advance<Format, kColumnTiles, kCache>(place, step, prefetch);
        multiply_step<Format, kRowTiles, kColumnTiles>(call.unit, here.a, row_bytes, here.b, column_bytes, beside);
      }
      call.finished = finished;
    }
  }
  Nothing nothing;
  for (; step < steps; ++step) {
    const StepPlace here = place;
    place = fetch_and_advance<Format, kColumnTiles, kCache>(place, step, prefetch);
    multiply_step<Format, kRowTiles, kColumnTiles>(call.unit, here.a, row_bytes, here.b, column_bytes, nothing);
  }
}

// Sums as they leave the unit, into the buffer that is free; the epilogue of the other one must be over by then.
template <class Format, int kRowTiles, int kColumnTiles>
void finish_block(TileCall<Format>& call, int row, int tile) {
  using R = Registers<kRowTiles, kColumnTiles>;
  call.drain();
  std::byte* sums = call.sums[0];
  call.sums[0] = call.sums[1];
  call.sums[1] = sums;
  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) {
    call.unit.template store<R::c(r, t)>(sums + (r * kTileRows * kColumnTiles + t) * kLineBytes, kColumnTiles * kLineBytes);
  });
  const int last = smaller(row + kTileRows * kRowTiles, call.args.rows);
  call.finished = {sums, tile, kColumnTiles, row, last};
}

// Rows [row, row + 16 kRowTiles) times tile columns [tile, tile + kColumnTiles). Sums of an earlier range of k are taken up, those that
// are not complete put aside; both as they are, so that ranges do not show.
template <class Format, int kRowTiles, int kColumnTiles>
void tile_block(TileCall<Format>& call, int row, int tile, DepthRange k, WeightColumns weights, WeightPrefetch prefetch) {
  using R = Registers<kRowTiles, kColumnTiles>;
  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) {
    if (k.begin == 0) {
      call.unit.template zero<R::c(r, t)>();
    } else {
      call.unit.template load<R::c(r, t)>(call.unfinished_tile(row + kTileRows * r, tile + t), kLineBytes);
    }
  });
  multiply_range<Format, kRowTiles, kColumnTiles, CacheLevel::second>(call, row, k, weights, prefetch);
  if (k.is_last) return finish_block<Format, kRowTiles, kColumnTiles>(call, row, tile);
  for_each_sum<kRowTiles, kColumnTiles>([&](auto r, auto t) {
    call.unit.template store<R::c(r, t)>(call.unfinished_tile(row + kTileRows * r, tile + t), kLineBytes);
  });
}

}  // namespace trtllm::ops::TRTLLM_ISA
