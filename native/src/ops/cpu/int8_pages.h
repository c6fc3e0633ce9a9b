// KV pages of int8 codes (ops/kernels.h, KvLayer): a token's K, and its V, of one head are codes times one scale. The kernels
// multiply codes, which are exact in every arithmetic; K's scale goes to the scores, V's to the weights.
#pragma once

#include "ops/cpu/arithmetic.h"
#include "ops/cpu/quantize.h"

namespace trtllm::ops::TRTLLM_ISA {

struct Int8Pages {
  static constexpr bool kHasScales = true;
  static constexpr int kRowBytes = 64;
  static constexpr int kValueTileBytes = kBlockTokens * 16;  // 16 dims of a page

  TRTLLM_INLINE const std::byte* key_line(const std::byte* page, int i, int token_tile) { return page + (i / 4 * 2 + token_tile) * kRowBytes; }
  TRTLLM_INLINE F32x16Pair key_pair(const std::byte* page, int i, int token_tile) { return load_int8_pairs(key_line(page, i, token_tile), i % 4 / 2); }
  TRTLLM_INLINE const std::byte* value_line(const std::byte* page, int token, int dim_tile, int) { return page + dim_tile * kValueTileBytes + token / 4 * kRowBytes; }
  TRTLLM_INLINE F32x16Pair value_pair(const std::byte* page, int token, int dim_tile, int padded_dim) {
    return load_int8_pairs(value_line(page, token, dim_tile, padded_dim), token % 4 / 2);
  }
  TRTLLM_INLINE int64_t key_index(int token, int i) { return (i / 4 * 2 + token / 16) * kRowBytes + token % 16 * 4 + i % 4; }
  TRTLLM_INLINE int64_t value_index(int token, int i) { return i / 16 * kValueTileBytes + token / 4 * kRowBytes + i % 16 * 4 + token % 4; }

  // [32 tokens]
  TRTLLM_INLINE const float* scales(const std::byte* page, int padded_dim) { return reinterpret_cast<const float*>(page + int64_t{padded_dim} * kBlockTokens); }
  TRTLLM_INLINE float* scales(std::byte* page, int padded_dim) { return reinterpret_cast<float*>(page + int64_t{padded_dim} * kBlockTokens); }
};

// One head of one token: codes at index(i), its scale behind the codes. As quantize does it: a head with NaN or infinity gets the scale NaN.
template <class Index>
void write_int8_head(const float* x, int head_dim, int padded_dim, int token, std::byte* page, Index index) {
  const RowSize size = measure_row<Float32, true>(x, head_dim);
  const bool has_codes = size.is_finite && size.largest >= kSmallestRow;
  const F32x16 codes_per_unit = splat(has_codes ? kLargestCode / size.largest : 0);
  for (int i = 0; i < padded_dim; i += 16) {
    const F32x16 value = has_codes ? load_first(x + i, larger(smaller(head_dim - i, 16), 0)) : zero();
    alignas(16) int8_t codes[16];
    store_int8(codes, round_to_whole(mul(value, codes_per_unit)));
    for (int lane = 0; lane < 16; ++lane) page[index(token, i + lane)] = static_cast<std::byte>(codes[lane]);
  }
  Int8Pages::scales(page, padded_dim)[token] = size.is_finite ? size.largest / kLargestCode : __builtin_nanf("");
}

static void kv_write_int8(const KvWriteArgs& args) {
  const KvLayer& kv = args.kv;
  const int padded_dim = (kv.head_dim + 31) / 32 * 32;
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const int block = args.slots[row] / kBlockTokens, token = args.slots[row] % kBlockTokens;
    for (int h = 0; h < kv.num_kv_heads; ++h) {
      std::byte* page = kv.base + block * kv.block_bytes + h * kv.head_bytes;
      const int64_t at = row * args.stride + h * kv.head_dim;
      write_int8_head(args.k + at, kv.head_dim, padded_dim, token, page, Int8Pages::key_index);
      write_int8_head(args.v + at, kv.head_dim, padded_dim, token, page + kv.v_offset, Int8Pages::value_index);
    }
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
