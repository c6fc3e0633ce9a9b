// Attention over KV pages. Query vectors (one row, one head) go in batches that share the reading of K and V. Each takes the
// splits of 512 positions that it sees: scores -> max -> exp -> sum -> weighted V, then merges the split into what it
// has. No step mixes query vectors, and positions outside a vector's range are never multiplied, so that the batch does not show.
#pragma once

#include "ops/cpu/page_fetch.h"
#include "ops/cpu/page_products.h"

namespace trtllm::ops::TRTLLM_ISA {

// scores[query, 16 tokens] = scale * q . K for kQueries vectors and kTiles token tiles of one page.
template <class Products, int kQueries, int kTiles>
void score_tiles(const QueryBatch& batch, int query, const std::byte* page, PagesAhead ahead, int tile, float scale, float* scores) {
  using Pages = typename Products::Pages;
  const auto* q = Products::queries(batch) + query * batch.padded_dim;
  F32x16 dot[kQueries][kTiles];
  for (int j = 0; j < kQueries; ++j) {
    for (int t = 0; t < kTiles; ++t) dot[j][t] = zero();
  }
  for (int i = 0; i < batch.head_dim; i += 2) {
    typename Products::Operand k[kTiles];
    for (int t = 0; t < kTiles; ++t) k[t] = Products::keys(page, i, tile + t);
    for (int t = 0; t < kTiles; ++t) ahead.fetch([&](const std::byte* other) { return Pages::key_line(other, i, tile + t); });
    for (int j = 0; j < kQueries; ++j) {
      for (int t = 0; t < kTiles; ++t) dot[j][t] = Products::add(q + j * batch.padded_dim + i, k[t], dot[j][t]);
    }
  }
  for (int t = 0; t < kTiles; ++t) {
    F32x16 token_scale = splat(scale);
    if constexpr (Pages::kHasScales) token_scale = mul(token_scale, load(Pages::scales(page, batch.padded_dim) + (tile + t) * 16));
    for (int j = 0; j < kQueries; ++j) store(scores + (query + j) * kSplitTokens + t * 16, mul(dot[j][t], token_scale));
  }
}

template <class Products, int kQueries>
void score_page(const QueryBatch& batch, int query, const std::byte* page, PagesAhead ahead, float scale, float* scores) {
  for (int tile = 0; tile < kBlockTokens / 16; tile += kAttentionTiles) {
    score_tiles<Products, kQueries, kAttentionTiles>(batch, query, page, ahead, tile, scale, scores + tile * 16);
  }
}

// Vectors scored together: as many as keep enough chains of sums going.
inline constexpr int kScoredQueries = kAttentionTiles > 1 ? 2 * kSharedQueries : kSharedQueries;

// Scores of every page that any vector sees, masked positions included: soft_max overwrites those.
template <class Products>
void scores_of_split(const AttentionArgs& args, const QueryBatch& batch, int split, Span seen) {
  for (int page = seen.begin / kBlockTokens; page * kBlockTokens < seen.end; ++page) {
    float* scores = batch.weights + page * kBlockTokens - split * kSplitTokens;
    const std::byte* keys = key_page(args, page);
    const PagesAhead ahead{page_to_fetch(args, page + 1, seen), page_to_fetch(args, page + 2, seen)};
    int j = 0;
    for (; j + kScoredQueries <= batch.count; j += kScoredQueries) {
      score_page<Products, kScoredQueries>(batch, j, keys, ahead, args.scale, scores);
    }
    for (; j + kSharedQueries <= batch.count; j += kSharedQueries) {
      score_page<Products, kSharedQueries>(batch, j, keys, ahead, args.scale, scores);
    }
    for (; j < batch.count; ++j) score_page<Products, 1>(batch, j, keys, ahead, args.scale, scores);
  }
}

// weights = exp(score - max), exactly 0 outside the span; `relative` counts from the split's first position. The sum is over the
// rounded weights, those that V is multiplied with. `meanwhile` is called for each 16 of them.
template <class Arithmetic, class Meanwhile>
void soft_max(QueryBatch& batch, int query, Span relative, Meanwhile meanwhile) {
  float* weights = batch.weights + query * kSplitTokens;
  const int first = relative.begin / 16 * 16, last = (relative.end + 15) / 16 * 16;
  const float hidden = -__builtin_inff();
  for (int t = first; t < relative.begin; ++t) weights[t] = hidden;
  for (int t = relative.end; t < last; ++t) weights[t] = hidden;

  F32x16 best = splat(hidden);
  for (int t = first; t < last; t += 16) best = max(best, load(weights + t));
  const float top = max_of_lanes(best);
  F32x16 sum = zero();
  for (int t = first; t < last; t += 16) {
    const F32x16 weight = Arithmetic::rounded(exp(sub(load(weights + t), splat(top))));
    store(weights + t, weight);
    sum = add(sum, weight);
    meanwhile();
  }
  batch.split_max[query] = top;
  batch.split_sum[query] = sum_of_lanes(sum);
}

// weights *= V's scales, on the positions of the span. What was summed stays as it was.
template <class Arithmetic, class Pages>
void scale_weights(const AttentionArgs& args, const QueryBatch& batch, int query, int split, Span span) {
  float* weights = batch.weights + query * kSplitTokens - split * kSplitTokens;
  for (int next, position = span.begin; position < span.end; position = next) {
    next = smaller((position / 16 + 1) * 16, span.end);
    const float* scales = Pages::scales(value_page(args, position / kBlockTokens), batch.padded_dim) + position % kBlockTokens;
    const F32x16 scaled = mul(load_first(weights + position, next - position), load_first(scales, next - position));
    store_first(weights + position, Arithmetic::rounded(scaled), next - position);
  }
}

// One token of a pair whose other one is not seen.
template <class Pages, int kQueries, int kTiles>
TRTLLM_INLINE void add_single(const float* weights, const std::byte* values, int token, int dim_tile, int padded_dim, F32x16 (&sum)[kQueries][kTiles]) {
  for (int t = 0; t < kTiles; ++t) {
    const F32x16Pair both = Pages::value_pair(values, token / 2 * 2, dim_tile + t, padded_dim);
    const F32x16 v = token % 2 == 0 ? both.even : both.odd;
    for (int j = 0; j < kQueries; ++j) sum[j][t] = fma(splat(weights[j * kSplitTokens]), v, sum[j][t]);
  }
}

// partial[query, dims] += weights[query, position] * V[position, dims], in order of position: in pairs, the odd position of a pair first,
// and alone where the span has only one of a pair.
template <class Products, int kQueries, int kTiles>
void add_values(const AttentionArgs& args, const QueryBatch& batch, int query, int dim_tile, int split, Span span) {
  using Pages = typename Products::Pages;
  const int offset = query * kSplitTokens - split * kSplitTokens;
  const float* weights = batch.weights + offset;
  const auto* pair_weights = Products::weights(batch) + offset;
  float* partial = batch.partial + query * batch.padded_dim + dim_tile * 16;
  F32x16 sum[kQueries][kTiles];
  for (int j = 0; j < kQueries; ++j) {
    for (int t = 0; t < kTiles; ++t) sum[j][t] = load(partial + j * batch.padded_dim + t * 16);
  }
  for (int position = span.begin; position < span.end;) {
    const int page = position / kBlockTokens;
    const std::byte* values = value_page(args, page);
    const int last = (span.end - 1) / kBlockTokens;
    const PagesAhead ahead{page_after_values(args, page + 1, last), page_after_values(args, page + 2 + ValueLines::kPages, last)};
    const int page_end = smaller(span.end, (page + 1) * kBlockTokens);
    if (position % 2 == 1) {
      add_single<Pages>(weights + position, values, position % kBlockTokens, dim_tile, batch.padded_dim, sum);
      ++position;
    }
    for (; position + 1 < page_end; position += 2) {
      const int token = position % kBlockTokens;
      typename Products::Operand v[kTiles];
      for (int t = 0; t < kTiles; ++t) v[t] = Products::values(values, token, dim_tile + t, batch.padded_dim);
      for (int t = 0; t < kTiles; ++t) ahead.fetch([&](const std::byte* other) { return Pages::value_line(other, token, dim_tile + t, batch.padded_dim); });
      for (int j = 0; j < kQueries; ++j) {
        for (int t = 0; t < kTiles; ++t) sum[j][t] = Products::add(pair_weights + j * kSplitTokens + position, v[t], sum[j][t]);
      }
    }
    if (position < page_end) add_single<Pages>(weights + position, values, position % kBlockTokens, dim_tile, batch.padded_dim, sum);
    position = page_end;
  }
  for (int j = 0; j < kQueries; ++j) {
    for (int t = 0; t < kTiles; ++t) store(partial + j * batch.padded_dim + t * 16, sum[j][t]);
  }
}

template <class Products, int kQueries>
void add_all_dims(const AttentionArgs& args, const QueryBatch& batch, int query, int split, Span span) {
  if (span.empty()) return;
  int tile = 0;
  for (; (tile + kMostValueTiles) * 16 <= batch.padded_dim; tile += kMostValueTiles) add_values<Products, kQueries, kMostValueTiles>(args, batch, query, tile, split, span);
  for (; tile * 16 < batch.padded_dim; tile += kAttentionTiles) add_values<Products, kQueries, kAttentionTiles>(args, batch, query, tile, split, span);
}

// Vectors [query, query + kSharedQueries): together where all of them see, alone before and after that. A pair of positions is never cut
// that a vector sees whole.
template <class Products>
void add_values_shared(const AttentionArgs& args, const QueryBatch& batch, int query, int split) {
  Span common = seen_in_split(batch, query, split);
  for (int j = 1; j < kSharedQueries; ++j) {
    const Span seen = seen_in_split(batch, query + j, split);
    common = {larger(common.begin, seen.begin), smaller(common.end, seen.end)};
  }
  common = {(common.begin + 1) / 2 * 2, common.end / 2 * 2};
  if (common.empty()) {
    for (int j = query; j < query + kSharedQueries; ++j) add_all_dims<Products, 1>(args, batch, j, split, seen_in_split(batch, j, split));
    return;
  }
  for (int j = query; j < query + kSharedQueries; ++j) add_all_dims<Products, 1>(args, batch, j, split, {seen_in_split(batch, j, split).begin, common.begin});
  add_all_dims<Products, kSharedQueries>(args, batch, query, split, common);
  for (int j = query; j < query + kSharedQueries; ++j) add_all_dims<Products, 1>(args, batch, j, split, {common.end, seen_in_split(batch, j, split).end});
}

template <class Arithmetic, class Pages>
void attend_split(const AttentionArgs& args, QueryBatch& batch, int split, Span seen) {
  using Products = PageProducts<Arithmetic, Pages>;
  scores_of_split<Products>(args, batch, split, seen);
  for (int i = 0; i < batch.count * batch.padded_dim; i += 16) store(batch.partial + i, zero());
  const int first = split * kSplitTokens;
  ValueLines lines(args, seen);
  for (int j = 0; j < batch.count; ++j) {
    const Span span = seen_in_split(batch, j, split);
    if (span.empty()) continue;
    soft_max<Arithmetic>(batch, j, {span.begin - first, span.end - first}, [&] { lines.fetch(); });
    if constexpr (Pages::kHasScales) scale_weights<Arithmetic, Pages>(args, batch, j, split, span);
    if constexpr (sizeof(typename Products::Input) == 2) pack_weights(batch, j, {span.begin - first, span.end - first});
  }
  int j = 0;
  for (; j + kSharedQueries <= batch.count; j += kSharedQueries) add_values_shared<Products>(args, batch, j, split);
  for (; j < batch.count; ++j) add_all_dims<Products, 1>(args, batch, j, split, seen_in_split(batch, j, split));
  for (j = 0; j < batch.count; ++j) {
    if (!seen_in_split(batch, j, split).empty()) merge_split(batch, j);
  }
}

template <class Arithmetic, class Pages>
void attention_over(const AttentionArgs& args) {
  const int vectors = args.rows * args.group_size;
  for (int first = 0; first < vectors; first += kBatchQueries) {
    QueryBatch batch = load_queries<Arithmetic, kBatchQueries>(args, first, smaller(vectors - first, kBatchQueries));
    const Span all{batch.begin[0], batch.end[batch.count - 1]};  // rows ascend, and so do both borders
    for (int split = all.begin / kSplitTokens; split * kSplitTokens < all.end; ++split) {
      const int start = split * kSplitTokens;
      attend_split<Arithmetic, Pages>(args, batch, split, {larger(all.begin, start), smaller(all.end, start + kSplitTokens)});
    }
    store_attention<Arithmetic>(args, batch, first);
  }
}

template <class Arithmetic>
void attention(const AttentionArgs& args) {
  if (args.kv.dtype == DType::int8) attention_over<Arithmetic, Int8Pages>(args);
  else attention_over<Arithmetic, Arithmetic>(args);
}

}  // namespace trtllm::ops::TRTLLM_ISA
