// The query vectors (one row, one head) of one pass over K and V: what they are, which positions each sees, and the running
// (max, sum, weighted V) that splits are merged into.
#pragma once

#include "ops/cpu/arithmetic.h"
#include "ops/cpu/lane_math.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kSplitTokens = 512;
inline constexpr int kBatchQueries = 8;   // query vectors that share one pass over K and V, on lanes
inline constexpr int kMostQueries = 16;   // and on a tile unit
inline constexpr int kSharedQueries = 4;  // those of them that share a register block

constexpr int padded_head(int head_dim) { return (head_dim + 31) / 32 * 32; }

struct QueryBatch {
  int count = 0, head_dim = 0, padded_dim = 0;
  float* q = nullptr;        // [queries, padded_dim]
  float* weights = nullptr;  // [queries, kSplitTokens]: scores, then exp(score - max)
  // Both once more as bf16, for units that multiply pairs of it; only where activations are stored so.
  uint16_t* q_pairs = nullptr;
  uint16_t* weight_pairs = nullptr;
  float* partial = nullptr;  // [queries, padded_dim]: this split's weighted V
  float* merged = nullptr;   // [queries, padded_dim]: all splits so far
  int begin[kMostQueries], end[kMostQueries];              // positions seen
  float split_max[kMostQueries], split_sum[kMostQueries];
  float max[kMostQueries], sum[kMostQueries];              // all splits so far; sum 0: none yet
};

// A stretch of positions of one split.
struct Span {
  int begin, end;
  bool empty() const { return begin >= end; }
};

constexpr size_t batch_bytes(int queries, int head_dim) {
  const size_t padded = static_cast<size_t>(padded_head(head_dim));
  return static_cast<size_t>(queries) * ((3 * padded + kSplitTokens) * sizeof(float) + (padded + kSplitTokens) * sizeof(uint16_t));
}
static size_t attention_scratch_bytes(int head_dim, int) { return batch_bytes(kBatchQueries, head_dim); }

TRTLLM_INLINE Span seen_in_split(const QueryBatch& batch, int query, int split) {
  const int first = split * kSplitTokens;
  return {larger(batch.begin[query], first), smaller(batch.end[query], first + kSplitTokens)};
}

// Vectors [first, first + count) of the call, of a batch of at most kQueries: vector j is row j / group_size, head j % group_size.
template <class Arithmetic, int kQueries>
QueryBatch load_queries(const AttentionArgs& args, int first, int count) {
  QueryBatch batch;
  batch.count = count;
  batch.head_dim = args.kv.head_dim;
  batch.padded_dim = padded_head(args.kv.head_dim);
  batch.q = reinterpret_cast<float*>(args.scratch);
  batch.weights = batch.q + kQueries * batch.padded_dim;
  batch.partial = batch.weights + kQueries * kSplitTokens;
  batch.merged = batch.partial + kQueries * batch.padded_dim;
  batch.q_pairs = reinterpret_cast<uint16_t*>(batch.merged + kQueries * batch.padded_dim);
  batch.weight_pairs = batch.q_pairs + kQueries * batch.padded_dim;
  for (int j = 0; j < count; ++j) {
    const int row = (first + j) / args.group_size, head = (first + j) % args.group_size;
    const float* q = args.q + row * args.q_stride + head * batch.head_dim;
    for (int i = 0; i < batch.padded_dim; i += 16) {
      const F32x16 value = Arithmetic::rounded(load_first(q + i, larger(smaller(batch.head_dim - i, 16), 0)));
      store(batch.q + j * batch.padded_dim + i, value);
      if constexpr (Arithmetic::kActivation == ActivationStorage::bfloat16) store_first_bf16(batch.q_pairs + j * batch.padded_dim + i, value, 16);
    }
    batch.end[j] = args.first_position + row + 1;
    batch.begin[j] = args.window > 0 ? larger(batch.end[j] - args.window, 0) : 0;
    batch.sum[j] = 0;
  }
  return batch;
}

// The weights of the span, relative to the split, as bf16; whole groups of 16 positions.
static void pack_weights(QueryBatch& batch, int query, Span relative) {
  const float* weights = batch.weights + query * kSplitTokens;
  for (int t = relative.begin / 16 * 16; t < relative.end; t += 16) store_first_bf16(batch.weight_pairs + query * kSplitTokens + t, load(weights + t), 16);
}

// (max, sum, merged) of all splits so far and this one, scaled to the larger max.
static void merge_split(QueryBatch& batch, int query) {
  float* merged = batch.merged + query * batch.padded_dim;
  const float* partial = batch.partial + query * batch.padded_dim;
  if (batch.sum[query] == 0) {
    batch.max[query] = batch.split_max[query];
    batch.sum[query] = batch.split_sum[query];
    for (int i = 0; i < batch.padded_dim; i += 16) store(merged + i, load(partial + i));
    return;
  }
  const F32x16 old_max = splat(batch.max[query]), new_max = splat(batch.split_max[query]);
  const F32x16 top = max(old_max, new_max);
  const F32x16 old_scale = exp(sub(old_max, top)), new_scale = exp(sub(new_max, top));
  const F32x16 sum = fma(splat(batch.sum[query]), old_scale, mul(splat(batch.split_sum[query]), new_scale));
  store_first(&batch.max[query], top, 1);
  store_first(&batch.sum[query], sum, 1);
  for (int i = 0; i < batch.padded_dim; i += 16) {
    store(merged + i, fma(load(merged + i), old_scale, mul(load(partial + i), new_scale)));
  }
}

template <class Arithmetic>
void store_attention(const AttentionArgs& args, const QueryBatch& batch, int first) {
  for (int j = 0; j < batch.count; ++j) {
    const int row = (first + j) / args.group_size, head = (first + j) % args.group_size;
    auto* output = static_cast<typename Arithmetic::Activation*>(args.output) + row * args.output_stride + head * batch.head_dim;
    for (int i = 0; i < batch.head_dim; i += 16) {
      const F32x16 value = div(load(batch.merged + j * batch.padded_dim + i), splat(batch.sum[j]));
      Arithmetic::store_activation(output + i, value, smaller(batch.head_dim - i, 16));
    }
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
