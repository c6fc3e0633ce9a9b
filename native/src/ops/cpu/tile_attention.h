// Attention on a tile unit: 16 query vectors at a time, each a row of A; K pages are B of q K^T, V pages B of the weighted sum. A split's
// scores are all there before its weights are made, so that its V sums are never rescaled. Splits and their merging are attention.h's.
//
// Positions that a vector must not see have weight 0, and the unit multiplies them all the same: 0 * V is 0 for every finite V and
// adds nothing to any sum. V that is not finite, or was never written, must not meet such a weight. What lies outside the batch's
// positions is blanked in a copy of its page; if a position that only some vectors see is not finite, each row goes alone. Codes of
// int8 pages, which become tiles of bf16 before they are multiplied, are finite whatever they stand for: nothing of that concerns them.
#pragma once

#include "ops/cpu/attention.h"
#include "ops/cpu/tile_block.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kPageTokens = kBlockTokens;         // 32: one step of A in the weighted sum
inline constexpr int kWeightRowBytes = kSplitTokens * 2;  // a vector's weights as bf16
inline constexpr int kValueTiles = 4;                    // tiles of 16 dims summed at once

constexpr int64_t page_bytes(int padded_dim) { return int64_t{padded_dim} * kPageTokens * 2; }

struct TileBatch {
  QueryBatch queries;
  std::byte* page;     // a V page with blanks, or a decoded one
  TileUnit unit{};
  Span all() const { return {queries.begin[0], queries.end[queries.count - 1]}; }  // rows ascend, and so do both borders
};

static size_t tile_attention_scratch_bytes(int head_dim, int) { return batch_bytes(kTileRows, head_dim) + static_cast<size_t>(page_bytes(padded_head(head_dim))); }

inline constexpr int kPagesAhead = 2;
TRTLLM_INLINE void fetch(const std::byte* first, int bytes) {
  for (int byte = 0; byte < bytes; byte += kLineBytes) __builtin_prefetch(first + byte, 0, 2);
}

// Scores of one page: [16 vectors, 32 tokens], not yet scaled. `next`: the stored page to fetch meanwhile.
template <class Pages>
void tile_score_page(TileBatch& batch, const std::byte* page, const std::byte* next, float* scores) {
  constexpr int kStoredStepBytes = Pages::kHasScales ? kTileBytes : 2 * kTileBytes;
  const int padded = batch.queries.padded_dim;
  batch.unit.template zero<0>();
  batch.unit.template zero<1>();
  for (int step = 0; step < padded / 32; ++step) {
    batch.unit.template load<2>(batch.queries.q_pairs + step * 32, padded * 2);
    batch.unit.template load<3>(page + 2 * step * kTileBytes, kLineBytes);
    batch.unit.template load<4>(page + (2 * step + 1) * kTileBytes, kLineBytes);
    batch.unit.template multiply_add<0, 2, 3>();
    batch.unit.template multiply_add<1, 2, 4>();
    fetch(next + step * kStoredStepBytes, kStoredStepBytes);
  }
  batch.unit.template store<0>(scores, kSplitTokens * sizeof(float));
  batch.unit.template store<1>(scores + 16, kSplitTokens * sizeof(float));
}

// int8 codes of a K page as bf16 tiles.
static void decode_keys(const std::byte* page, int padded_dim, std::byte* tiles) {
  for (int i = 0; i < padded_dim; i += 2) {
    for (int t = 0; t < 2; ++t) store_bf16_pairs(tiles + (i / 32 * 2 + t) * kTileBytes + i % 32 / 2 * kLineBytes, Int8Pages::key_pair(page, i, t));
  }
}
// The same of a V page, 16 dims a tile.
static void decode_values(const std::byte* page, int dim_tile, int count, std::byte* tiles) {
  for (int tile = 0; tile < count; ++tile) {
    const std::byte* codes = page + (dim_tile + tile) * Int8Pages::kValueTileBytes;
    for (int t = 0; t < kPageTokens; t += 2) store_bf16_pairs(tiles + tile * kTileBytes + t / 2 * kLineBytes, load_int8_pairs(codes + t / 4 * kLineBytes, t % 4 / 2));
  }
}

template <class Pages>
const std::byte* key_tiles(const AttentionArgs& args, TileBatch& batch, int page) {
  const std::byte* keys = key_page(args, page);
  if constexpr (Pages::kHasScales) {
    decode_keys(keys, batch.queries.padded_dim, batch.page);
    return batch.page;
  }
  return keys;
}

// A vector's weights, exp(scale * (score - max)), as bf16; 0 on the rest of the split's pages [first, last). All relative to the split.
template <class Pages>
void tile_soft_max(const AttentionArgs& args, TileBatch& batch, int query, int split, Span seen, Span pages) {
  float* scores = batch.queries.weights + query * kSplitTokens;
  const int first = split * kSplitTokens;
  uint16_t* weights = batch.queries.weight_pairs + query * kSplitTokens;
  __builtin_memset(weights + pages.begin, 0, static_cast<size_t>(pages.end - pages.begin) * 2);
  if (seen.empty()) return;
  for (int t = seen.begin / 16 * 16; t < seen.end; t += 16) {
    F32x16 token_scale = splat(args.scale);
    if constexpr (Pages::kHasScales)
      token_scale = mul(token_scale, load(Pages::scales(key_page(args, (first + t) / kPageTokens), batch.queries.padded_dim) + t % kPageTokens));
    store(scores + t, mul(load(scores + t), token_scale));
  }
  soft_max<BFloat16Tiles>(batch.queries, query, seen, [] {});
  if constexpr (Pages::kHasScales) scale_weights<BFloat16Tiles, Pages>(args, batch.queries, query, split, {first + seen.begin, first + seen.end});
  pack_weights(batch.queries, query, seen);
}

// The page's V, or a copy of it without what lies outside the batch's positions.
static const std::byte* visible_values(const AttentionArgs& args, TileBatch& batch, int page) {
  const std::byte* values = key_page(args, page) + args.kv.v_offset;
  const Span all = batch.all();
  const int first = page * kPageTokens;
  if (all.begin <= first && first + kPageTokens <= all.end) return values;
  const int padded = batch.queries.padded_dim;
  __builtin_memcpy(batch.page, values, static_cast<size_t>(page_bytes(padded)));
  for (int t = 0; t < kPageTokens; ++t) {
    if (first + t >= all.begin && first + t < all.end) continue;
    for (int i = 0; i < padded; i += 16) BFloat16Tiles::write_values(batch.page, t, i, zero(), padded);
  }
  return batch.page;
}

template <class Pages>
const std::byte* value_tiles(const AttentionArgs& args, TileBatch& batch, int page, int dim_tile, int count) {
  if constexpr (Pages::kHasScales) {
    decode_values(key_page(args, page) + args.kv.v_offset, dim_tile, count, batch.page);
    return batch.page;
  }
  return visible_values(args, batch, page) + dim_tile * kTileBytes;
}

// partial[16 vectors, 16 kTiles dims from dim_tile on] = weights V over the split's pages.
template <class Pages, int kTiles>
void tile_add_values(const AttentionArgs& args, TileBatch& batch, int dim_tile, int split, Span pages) {
  const int padded = batch.queries.padded_dim;
  unrolled<kTiles>([&](auto t) { batch.unit.template zero<t>(); });
  for (int t = pages.begin; t < pages.end; t += kPageTokens) {
    constexpr int kStoredTileBytes = Pages::kHasScales ? Int8Pages::kValueTileBytes : kTileBytes;
    const int first_page = split * (kSplitTokens / kPageTokens), page = first_page + t / kPageTokens, last_page = first_page + pages.end / kPageTokens - 1;
    const std::byte* values = value_tiles<Pages>(args, batch, page, dim_tile, kTiles);
    fetch(key_page(args, smaller(page + kPagesAhead, last_page)) + args.kv.v_offset + dim_tile * kStoredTileBytes, kTiles * kStoredTileBytes);
    batch.unit.template load<4>(batch.queries.weight_pairs + t, kWeightRowBytes);
    unrolled<kTiles>([&](auto tile) {
      batch.unit.template load<5 + tile % 3>(values + tile * kTileBytes, kLineBytes);
      batch.unit.template multiply_add<tile, 4, 5 + tile % 3>();
    });
  }
  unrolled<kTiles>([&](auto t) { batch.unit.template store<t>(batch.queries.partial + (dim_tile + t) * 16, padded * static_cast<int64_t>(sizeof(float))); });
}

template <class Pages>
void tile_attend_split(const AttentionArgs& args, TileBatch& batch, int split) {
  QueryBatch& queries = batch.queries;
  const Span all = batch.all();
  const int first = split * kSplitTokens;
  const int begin = larger(all.begin - first, 0) / kPageTokens * kPageTokens;
  const int end = (smaller(all.end - first, kSplitTokens) + kPageTokens - 1) / kPageTokens * kPageTokens;
  for (int t = begin; t < end; t += kPageTokens) {
    const int page = (first + t) / kPageTokens;
    const std::byte* next = page_to_fetch(args, page + kPagesAhead, {first + begin, first + end});
    tile_score_page<Pages>(batch, key_tiles<Pages>(args, batch, page), next, queries.weights + t);
  }
  for (int j = 0; j < queries.count; ++j) {
    const Span seen = seen_in_split(queries, j, split);
    tile_soft_max<Pages>(args, batch, j, split, {seen.begin - first, seen.end - first}, {begin, end});
  }
  int tile = 0;
  for (; tile + kValueTiles <= queries.padded_dim / 16; tile += kValueTiles) tile_add_values<Pages, kValueTiles>(args, batch, tile, split, {begin, end});
  for (; tile < queries.padded_dim / 16; tile += 2) tile_add_values<Pages, 2>(args, batch, tile, split, {begin, end});
  for (int j = 0; j < queries.count; ++j) {
    if (!seen_in_split(queries, j, split).empty()) merge_split(queries, j);
  }
}

// Whether V at any of the positions is NaN or infinity.
static bool has_infinite(const AttentionArgs& args, int padded_dim, Span positions) {
  F32x16 vanishing = zero();  // 0 * v is NaN for NaN and infinity
  for (int position = positions.begin; position < positions.end; ++position) {
    const std::byte* values = key_page(args, position / kPageTokens) + args.kv.v_offset;
    for (int tile = 0; tile < padded_dim / 16; ++tile) {
      const F32x16Pair both = BFloat16Tiles::value_pair(values, position % kPageTokens / 2 * 2, tile, padded_dim);
      vanishing = fma(position % 2 == 0 ? both.even : both.odd, zero(), vanishing);
    }
  }
  const float sum = sum_of_lanes(vanishing);
  return sum != sum;
}

// Positions that some vectors of the batch see and others do not.
static bool hides_infinite(const AttentionArgs& args, const TileBatch& batch) {
  const QueryBatch& queries = batch.queries;
  const Span all = batch.all();
  const Span early{all.begin, smaller(queries.begin[queries.count - 1], all.end)}, late{larger(queries.end[0], all.begin), all.end};
  return has_infinite(args, queries.padded_dim, early) || has_infinite(args, queries.padded_dim, late);
}

template <class Pages>
void attend_batch(const AttentionArgs& args, int first, int count) {
  TileBatch batch{load_queries<BFloat16Tiles, kTileRows>(args, first, count), args.scratch + batch_bytes(kTileRows, args.kv.head_dim)};
  if (!Pages::kHasScales && hides_infinite(args, batch)) {
    for (int next, at = first; at < first + count; at = next) {
      next = smaller((at / args.group_size + 1) * args.group_size, first + count);
      attend_batch<Pages>(args, at, next - at);
    }
    return;
  }
  const Span all = batch.all();
  for (int split = all.begin / kSplitTokens; split * kSplitTokens < all.end; ++split) tile_attend_split<Pages>(args, batch, split);
  store_attention<BFloat16Tiles>(args, batch.queries, first);
}

static void tile_attention(const AttentionArgs& args) {
  const int vectors = args.rows * args.group_size;
  for (int first = 0; first < vectors; first += kTileRows) {
    const int count = smaller(vectors - first, kTileRows);
    if (args.kv.dtype == DType::int8) attend_batch<Int8Pages>(args, first, count);
    else attend_batch<BFloat16Tiles>(args, first, count);
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
