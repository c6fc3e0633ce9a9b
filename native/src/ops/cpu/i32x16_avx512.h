// I32x16 as one 512-bit register. With VNNI a quad is one instruction, which takes unsigned weights: int8 codes get 128 added (an
// exclusive or). Without, as in i32x16_avx2.h. What each function means is said in i32x16_scalar.h.
#pragma once

#include "ops/cpu/f32x16_avx512.h"

namespace trtllm::ops::TRTLLM_ISA {

struct I32x16 {
  __m512i v;
};

inline constexpr int kInt8Rows = 6;

TRTLLM_INLINE I32x16 splat_int(int value) { return {_mm512_set1_epi32(value)}; }
TRTLLM_INLINE I32x16 load_int(const void* source) { return {_mm512_loadu_si512(source)}; }
TRTLLM_INLINE void store_int(void* target, I32x16 value) { _mm512_storeu_si512(target, value.v); }
TRTLLM_INLINE I32x16 load_int8(const int8_t* source) {
  return {_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(source)))};
}
TRTLLM_INLINE I32x16 add_int(I32x16 a, I32x16 b) { return {_mm512_add_epi32(a.v, b.v)}; }
TRTLLM_INLINE I32x16 multiply_add(I32x16 a, I32x16 b, I32x16 sum) { return {_mm512_add_epi32(sum.v, _mm512_mullo_epi32(a.v, b.v))}; }
TRTLLM_INLINE F32x16 to_float(I32x16 value) { return {_mm512_cvtepi32_ps(value.v)}; }

TRTLLM_INLINE __m512i splat_dword(const void* source) {
  int quad;
  __builtin_memcpy(&quad, source, 4);
  return _mm512_set1_epi32(quad);
}

// With u = code + 8 and m > 0, (code) * m = u * m - 8 m, where u * m < 256: one 16-bit product holds those of two bytes. With m < 0
// it is (15 - u) * |m| - 7 |m|.
struct Int4Scaler {
  __m512i flip;    // bytes: 15 where the multiplier is negative
  __m512i factor;  // words: |m|
  __m512i offset;  // bytes: 8 m, or 7 |m|
};
TRTLLM_INLINE Int4Scaler int4_scaler(I32x16 multiplier) {
  const __mmask16 is_negative = _mm512_movepi32_mask(multiplier.v);
  const __m512i factor = _mm512_abs_epi32(multiplier.v);
  const __m512i offset = _mm512_sub_epi32(_mm512_slli_epi32(factor, 3), _mm512_maskz_mov_epi32(is_negative, factor));
  const __m512i two = _mm512_or_si512(offset, _mm512_slli_epi32(offset, 8));
  return {_mm512_maskz_set1_epi32(is_negative, 0x0f0f0f0f), _mm512_or_si512(factor, _mm512_slli_epi32(factor, 16)), _mm512_or_si512(two, _mm512_slli_epi32(two, 16))};
}
TRTLLM_INLINE void store_scaled_int4(void* target, const void* source, int high, Int4Scaler scaler) {
  const __m512i halves = _mm512_srli_epi16(_mm512_loadu_si512(source), static_cast<unsigned>(4 * high));
  const __m512i u = _mm512_ternarylogic_epi32(halves, _mm512_set1_epi8(15), scaler.flip, 0x6a);  // (halves & 15) ^ flip
  _mm512_storeu_si512(target, _mm512_sub_epi8(_mm512_mullo_epi16(u, scaler.factor), scaler.offset));
}

#ifdef __AVX512VNNI__

struct WeightQuads {
  __m512i v;  // unsigned
};
struct InputQuad {
  __m512i v;
};
inline constexpr int kInt8Offset = 128;
inline constexpr bool kHasVnni = true;
inline constexpr int kDecodeInt4Rows = 48;  // NOTES.md

TRTLLM_INLINE WeightQuads int8_quads(const void* source) {
  return {_mm512_xor_si512(_mm512_loadu_si512(source), _mm512_set1_epi8(static_cast<char>(0x80)))};
}
template <int kHalf>
TRTLLM_INLINE WeightQuads int4_quads(const void* source) {
  const __m512i bytes = _mm512_loadu_si512(source);
  return {_mm512_and_si512(kHalf ? _mm512_srli_epi16(bytes, 4) : bytes, _mm512_set1_epi8(15))};
}
TRTLLM_INLINE InputQuad splat_quad(const int8_t* source) { return {splat_dword(source)}; }
TRTLLM_INLINE I32x16 dot(WeightQuads w, InputQuad x, I32x16 sum) { return {_mm512_dpbusd_epi32(sum.v, w.v, x.v)}; }

#else

struct EvenOdd {
  __m512i even, odd;  // int16
};
using WeightQuads = EvenOdd;
using InputQuad = EvenOdd;
inline constexpr int kInt8Offset = 0;
inline constexpr bool kHasVnni = false;
inline constexpr int kDecodeInt4Rows = 0;

TRTLLM_INLINE EvenOdd even_odd(__m512i bytes) { return {_mm512_srai_epi16(_mm512_slli_epi16(bytes, 8), 8), _mm512_srai_epi16(bytes, 8)}; }
TRTLLM_INLINE WeightQuads int8_quads(const void* source) { return even_odd(_mm512_loadu_si512(source)); }
template <int kHalf>
TRTLLM_INLINE WeightQuads int4_quads(const void* source) {
  const __m512i bytes = _mm512_loadu_si512(source), mask = _mm512_set1_epi16(15);
  return {_mm512_and_si512(_mm512_srli_epi16(bytes, 4 * kHalf), mask), _mm512_and_si512(_mm512_srli_epi16(bytes, 8 + 4 * kHalf), mask)};
}
TRTLLM_INLINE InputQuad splat_quad(const int8_t* source) { return even_odd(splat_dword(source)); }
TRTLLM_INLINE I32x16 dot(WeightQuads w, InputQuad x, I32x16 sum) {
  return {_mm512_add_epi32(sum.v, _mm512_add_epi32(_mm512_madd_epi16(w.even, x.even), _mm512_madd_epi16(w.odd, x.odd)))};
}

#endif

}  // namespace trtllm::ops::TRTLLM_ISA

#include "ops/cpu/half_tile_int32.h"
