// sum += x * B over a pair of B's rows, as fma(even, fma(odd, sum)): two dims of K for 16 tokens, or two tokens of V for 16 dims. x lies in a
// query batch. By fma in float32 lanes, or by vdpbf16ps, which does exactly these two steps on bf16 operands (pair_products.h).
#pragma once

#include "ops/cpu/int8_pages.h"
#include "ops/cpu/query_batch.h"

namespace trtllm::ops::TRTLLM_ISA {

// Pages say how K and V are stored: the arithmetic's own way, or Int8Pages.
template <class Arithmetic, class StoredPages>
struct PageProducts {
  using Pages = StoredPages;
  using Input = float;
  using Operand = F32x16Pair;
  TRTLLM_INLINE const float* queries(const QueryBatch& batch) { return batch.q; }
  TRTLLM_INLINE const float* weights(const QueryBatch& batch) { return batch.weights; }
  TRTLLM_INLINE Operand keys(const std::byte* page, int i, int token_tile) { return Pages::key_pair(page, i, token_tile); }
  TRTLLM_INLINE Operand values(const std::byte* page, int token, int dim_tile, int padded_dim) { return Pages::value_pair(page, token, dim_tile, padded_dim); }
  TRTLLM_INLINE F32x16 add(const float* x, const Operand& b, F32x16 sum) { return taken(fma(splat(x[0]), b.even, fma(splat(x[1]), b.odd, sum))); }
};

#ifdef TRTLLM_BF16_DOT
template <>
struct PageProducts<BFloat16Tiles, BFloat16Tiles> {
  using Pages = BFloat16Tiles;
  using Input = uint16_t;
  using Operand = __m512i;
  TRTLLM_INLINE const uint16_t* queries(const QueryBatch& batch) { return batch.q_pairs; }
  TRTLLM_INLINE const uint16_t* weights(const QueryBatch& batch) { return batch.weight_pairs; }
  TRTLLM_INLINE Operand keys(const std::byte* page, int i, int token_tile) { return _mm512_loadu_si512(Pages::key_line(page, i, token_tile)); }
  TRTLLM_INLINE Operand values(const std::byte* page, int token, int dim_tile, int padded_dim) { return _mm512_loadu_si512(Pages::value_line(page, token, dim_tile, padded_dim)); }
  TRTLLM_INLINE F32x16 add(const uint16_t* x, const Operand& b, F32x16 sum) {
    int pair;
    __builtin_memcpy(&pair, x, 4);
    return {_mm512_dpbf16_ps(sum.v, (__m512bh)_mm512_set1_epi32(pair), (__m512bh)b)};
  }
};
#endif

}  // namespace trtllm::ops::TRTLLM_ISA
