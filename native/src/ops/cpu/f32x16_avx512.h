// F32x16 as one 512-bit register. What each function means is said in f32x16_scalar.h.
#pragma once

// g++ 12's own headers trip this warning (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

struct F32x16 {
  __m512 v;
};

struct F32x16Pair {
  F32x16 even, odd;
};

// 24 of the 32 registers; 4 hold weights and one a broadcast input.
inline constexpr int kAccumulators = 24;
inline constexpr int kAttentionTiles = 2;
inline constexpr int kMostValueTiles = 4;
inline constexpr int kStreamsAheadBytes = 2048;
#ifdef TRTLLM_BF16_DOT
inline constexpr int kOneRowStreams = 1, kPrefetchBytes = 8192;  // AMD's table: native/bench/NOTES.md, Zen 5
#else
inline constexpr int kOneRowStreams = 4, kPrefetchBytes = 2048;  // Intel's: as measured on Sapphire Rapids
#endif

TRTLLM_INLINE __mmask16 first_lanes(int count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffffu : (1u << count) - 1);
}

TRTLLM_INLINE F32x16 taken(F32x16 value) { return value; }
// What led to `value` is computed before, and what follows from it after this place among asm statements.
TRTLLM_INLINE F32x16 pinned(F32x16 value) {
  __m512 v = value.v;
  asm volatile("" : "+v"(v));
  return {v};
}
TRTLLM_INLINE const std::byte* read_again(const std::byte* memory) { return memory; }
TRTLLM_INLINE F32x16 zero() { return {_mm512_setzero_ps()}; }
TRTLLM_INLINE F32x16 splat(float value) { return {_mm512_set1_ps(value)}; }
TRTLLM_INLINE F32x16 load(const float* source) { return {_mm512_loadu_ps(source)}; }
TRTLLM_INLINE F32x16 load_first(const float* source, int count) { return {_mm512_maskz_loadu_ps(first_lanes(count), source)}; }
TRTLLM_INLINE void store(float* target, F32x16 value) { _mm512_storeu_ps(target, value.v); }
TRTLLM_INLINE void store_first(float* target, F32x16 value, int count) {
  _mm512_mask_storeu_ps(target, first_lanes(count), value.v);
}
TRTLLM_INLINE F32x16 add(F32x16 a, F32x16 b) { return {_mm512_add_ps(a.v, b.v)}; }
TRTLLM_INLINE F32x16 sub(F32x16 a, F32x16 b) { return {_mm512_sub_ps(a.v, b.v)}; }
TRTLLM_INLINE F32x16 mul(F32x16 a, F32x16 b) { return {_mm512_mul_ps(a.v, b.v)}; }
TRTLLM_INLINE F32x16 div(F32x16 a, F32x16 b) { return {_mm512_div_ps(a.v, b.v)}; }
TRTLLM_INLINE F32x16 fma(F32x16 a, F32x16 b, F32x16 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
TRTLLM_INLINE F32x16 max(F32x16 a, F32x16 b) { return {_mm512_max_ps(a.v, b.v)}; }
TRTLLM_INLINE F32x16 min(F32x16 a, F32x16 b) { return {_mm512_min_ps(a.v, b.v)}; }
TRTLLM_INLINE F32x16 zero_where_less(F32x16 value, F32x16 a, F32x16 b) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_NLT_UQ), value.v)};
}
TRTLLM_INLINE F32x16 scale_by_power_of_2(F32x16 value, F32x16 n) {
  const __m512i exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n.v), _mm512_set1_epi32(127));
  return {_mm512_mul_ps(value.v, _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23)))};
}

TRTLLM_INLINE __m512i rounded_bits(F32x16 value) {
  const __m512i bits = _mm512_castps_si512(value.v);
  const __m512i is_odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), is_odd);
  const __mmask16 is_nan = _mm512_cmp_ps_mask(value.v, value.v, _CMP_UNORD_Q);
  return _mm512_mask_or_epi32(rounded, is_nan, bits, _mm512_set1_epi32(0x400000));
}
TRTLLM_INLINE F32x16 round_to_bf16(F32x16 value) {
  return {_mm512_castsi512_ps(_mm512_and_si512(rounded_bits(value), _mm512_set1_epi32(static_cast<int>(0xffff0000u))))};
}
TRTLLM_INLINE void store_first_bf16(uint16_t* target, F32x16 value, int count) {
  const __m256i halves = _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded_bits(value), 16));
  _mm256_mask_storeu_epi16(target, first_lanes(count), halves);
}
TRTLLM_INLINE F32x16Pair load_bf16_pairs(const void* source) {
  const __m512i words = _mm512_loadu_si512(source);
  return {{_mm512_castsi512_ps(_mm512_slli_epi32(words, 16))},
          {_mm512_castsi512_ps(_mm512_and_si512(words, _mm512_set1_epi32(static_cast<int>(0xffff0000u))))}};
}
TRTLLM_INLINE F32x16 load_bf16_half(const void* source, int half) {
  const F32x16Pair pair = load_bf16_pairs(source);
  return half == 0 ? pair.even : pair.odd;
}
TRTLLM_INLINE void store_bf16_pairs(void* target, F32x16Pair pair) {
  const __m512i even = _mm512_castps_si512(pair.even.v), odd = _mm512_castps_si512(pair.odd.v);
  _mm512_storeu_si512(target, _mm512_or_si512(_mm512_srli_epi32(even, 16), odd));
}
// The same of values that must be rounded first; for tiles, so on this class alone.
TRTLLM_INLINE void store_rounded_bf16_pairs(void* target, F32x16Pair pair) {
#ifdef __AVX512BF16__
  const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh(pair.odd.v, pair.even.v);  // 16 even, then 16 odd
  const __m512i pairs = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  _mm512_storeu_si512(target, _mm512_permutexvar_epi16(pairs, halves));
#else
  store_bf16_pairs(target, {round_to_bf16(pair.even), round_to_bf16(pair.odd)});
#endif
}
TRTLLM_INLINE F32x16 load_bf16(const uint16_t* source) {
  const __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(source)));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(words, 16))};
}
// Byte kIndex of each dword, sign extended, as a float.
template <int kIndex>
TRTLLM_INLINE F32x16 float_of_byte(__m512i dwords) {
  return {_mm512_cvtepi32_ps(_mm512_srai_epi32(_mm512_slli_epi32(dwords, 24 - 8 * kIndex), 24))};
}
TRTLLM_INLINE F32x16Pair load_int8_pairs(const void* source, int half) {
  const __m512i dwords = _mm512_loadu_si512(source);
  if (half == 0) return {float_of_byte<0>(dwords), float_of_byte<1>(dwords)};
  return {float_of_byte<2>(dwords), float_of_byte<3>(dwords)};
}
// The permutation looks at the lowest four bits of each dword alone.
TRTLLM_INLINE F32x16Pair load_int4_pairs(const void* source, int high_half, int half) {
  const __m512i dwords = _mm512_srli_epi32(_mm512_loadu_si512(source), static_cast<unsigned>(16 * half + 4 * high_half));
  const __m512 codes = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
  return {{_mm512_permutexvar_ps(dwords, codes)}, {_mm512_permutexvar_ps(_mm512_srli_epi32(dwords, 8), codes)}};
}
TRTLLM_INLINE void store_int8(int8_t* target, F32x16 value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(target), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(value.v)));
}

TRTLLM_INLINE float sum_of_lanes(F32x16 v) {
  const __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v.v), 1));
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v.v), high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
TRTLLM_INLINE float max_of_lanes(F32x16 v) {
  const __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v.v), 1));
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(v.v), high);
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace trtllm::ops::TRTLLM_ISA
