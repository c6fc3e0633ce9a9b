// I32x16 as two 256-bit registers. With AVX-VNNI as in i32x16_avx512.h. Without, vpmaddubsw multiplies unsigned bytes by signed ones and adds
// two products in int16, which must not saturate: 128 * 127 * 2 = 32,512 does not. What each function means is said in i32x16_scalar.h and
// half_tile_int32.h.
#pragma once

#include "ops/cpu/f32x16_avx2.h"

namespace trtllm::ops::TRTLLM_ISA {

struct I32x16 {
  __m256i low, high;
};
struct InputQuad {
  __m256i bytes;
};

TRTLLM_INLINE I32x16 splat_int(int value) { return {_mm256_set1_epi32(value), _mm256_set1_epi32(value)}; }
TRTLLM_INLINE I32x16 load_int(const void* source) {
  const __m256i* dwords = static_cast<const __m256i*>(source);
  return {_mm256_loadu_si256(dwords), _mm256_loadu_si256(dwords + 1)};
}
TRTLLM_INLINE void store_int(void* target, I32x16 value) {
  __m256i* dwords = static_cast<__m256i*>(target);
  _mm256_storeu_si256(dwords, value.low);
  _mm256_storeu_si256(dwords + 1, value.high);
}
TRTLLM_INLINE I32x16 load_int8(const int8_t* source) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
  return {_mm256_cvtepi8_epi32(bytes), _mm256_cvtepi8_epi32(_mm_unpackhi_epi64(bytes, bytes))};
}
TRTLLM_INLINE I32x16 add_int(I32x16 a, I32x16 b) { return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)}; }
TRTLLM_INLINE I32x16 multiply_add(I32x16 a, I32x16 b, I32x16 sum) {
  return {_mm256_add_epi32(sum.low, _mm256_mullo_epi32(a.low, b.low)), _mm256_add_epi32(sum.high, _mm256_mullo_epi32(a.high, b.high))};
}
TRTLLM_INLINE F32x16 to_float(I32x16 value) { return {_mm256_cvtepi32_ps(value.low), _mm256_cvtepi32_ps(value.high)}; }

TRTLLM_INLINE InputQuad splat_quad(const int8_t* source) {
  int quad;
  __builtin_memcpy(&quad, source, 4);
  return {_mm256_set1_epi32(quad)};
}
// A sum that is taken here and now. g++ 12 would rather keep many products, in memory, and add them all at the end of a loop.
TRTLLM_INLINE __m256i taken(__m256i sum) {
  __asm__("" : "+x"(sum));
  return sum;
}

struct UnsignedQuads {
  __m256i low, high;  // bytes
};
template <int kHalf>
TRTLLM_INLINE UnsignedQuads int4_quads(const void* source) {
  const auto halves = [](__m256i bytes) { return _mm256_and_si256(kHalf ? _mm256_srli_epi16(bytes, 4) : bytes, _mm256_set1_epi8(15)); };
  const I32x16 bytes = load_int(source);
  return {halves(bytes.low), halves(bytes.high)};
}

#ifdef __AVXVNNI__

using WeightQuads = UnsignedQuads;
inline constexpr int kInt8Offset = 128;
inline constexpr int kInt8Rows = 6;
inline constexpr bool kHasVnni = true;
inline constexpr int kDecodeInt4Rows = 64;  // NOTES.md

TRTLLM_INLINE WeightQuads int8_quads(const void* source) {
  const I32x16 bytes = load_int(source);
  const __m256i offset = _mm256_set1_epi8(static_cast<char>(0x80));
  return {_mm256_xor_si256(bytes.low, offset), _mm256_xor_si256(bytes.high, offset)};
}
TRTLLM_INLINE I32x16 dot(WeightQuads w, InputQuad x, I32x16 sum) {
  return {taken(_mm256_dpbusd_avx_epi32(sum.low, w.low, x.bytes)), taken(_mm256_dpbusd_avx_epi32(sum.high, w.high, x.bytes))};
}

// Multipliers as words, two a dword.
using Int4Scaler = I32x16;
TRTLLM_INLINE Int4Scaler int4_scaler(I32x16 multiplier) {
  const auto twice = [](__m256i dwords) { return _mm256_or_si256(_mm256_and_si256(dwords, _mm256_set1_epi32(0xffff)), _mm256_slli_epi32(dwords, 16)); };
  return {twice(multiplier.low), twice(multiplier.high)};
}
// A product's low byte is that of the bytes' own product, whatever stands above them.
TRTLLM_INLINE __m256i scaled_int4(__m256i bytes, int high, __m256i factor) {
  const __m256i code = _mm256_sub_epi8(_mm256_and_si256(_mm256_srli_epi16(bytes, 4 * high), _mm256_set1_epi8(15)), _mm256_set1_epi8(8));
  const __m256i even = _mm256_and_si256(_mm256_mullo_epi16(code, factor), _mm256_set1_epi16(0xff));
  return _mm256_or_si256(even, _mm256_slli_epi16(_mm256_mullo_epi16(_mm256_srli_epi16(code, 8), factor), 8));
}
TRTLLM_INLINE void store_scaled_int4(void* target, const void* source, int high, Int4Scaler scaler) {
  const I32x16 bytes = load_int(source);
  store_int(target, {scaled_int4(bytes.low, high, scaler.low), scaled_int4(bytes.high, high, scaler.high)});
}

#else

// int8 codes as the unsigned side and the sign that the inputs take in their place.
struct SizeAndSign {
  __m256i size, sign;
};
struct WeightQuads {
  SizeAndSign low, high;
};

inline constexpr int kInt8Offset = 0;
inline constexpr int kInt8Rows = 4;
inline constexpr bool kHasVnni = false;

TRTLLM_INLINE WeightQuads int8_quads(const void* source) {
  const I32x16 bytes = load_int(source);
  return {{_mm256_abs_epi8(bytes.low), bytes.low}, {_mm256_abs_epi8(bytes.high), bytes.high}};
}
TRTLLM_INLINE __m256i dot(SizeAndSign w, InputQuad x, __m256i sum) {
  const __m256i pairs = _mm256_maddubs_epi16(w.size, _mm256_sign_epi8(x.bytes, w.sign));
  return taken(_mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))));
}
TRTLLM_INLINE I32x16 dot(WeightQuads w, InputQuad x, I32x16 sum) { return {dot(w.low, x, sum.low), dot(w.high, x, sum.high)}; }

// int4 codes are at most 15: the sums of eight quads stay in int16, 15 * 127 * 2 * 8 = 30,480.
using Int4Quads = UnsignedQuads;
struct HalfTileSum {
  __m256i low, high;  // int16
};
inline constexpr int kDecodeInt4Rows = 0;
inline constexpr bool kDecodesInt4 = false;  // a quad of int8 takes twice the instructions of one of int4
inline constexpr bool kTakesWholeTiles = false;
inline constexpr int kHalfTileUnroll = 8;    // counting and addressing would be a third of the instructions

TRTLLM_INLINE HalfTileSum dot(Int4Quads w, InputQuad x, HalfTileSum half) {
  return {taken(_mm256_add_epi16(half.low, _mm256_maddubs_epi16(w.low, x.bytes))), taken(_mm256_add_epi16(half.high, _mm256_maddubs_epi16(w.high, x.bytes)))};
}
TRTLLM_INLINE HalfTileSum start_half_tile(I32x16) { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
TRTLLM_INLINE I32x16 end_half_tile(HalfTileSum half, I32x16 sum) {
  const __m256i ones = _mm256_set1_epi16(1);
  return {_mm256_add_epi32(sum.low, _mm256_madd_epi16(half.low, ones)), _mm256_add_epi32(sum.high, _mm256_madd_epi16(half.high, ones))};
}

#endif

}  // namespace trtllm::ops::TRTLLM_ISA

#ifdef __AVXVNNI__
#include "ops/cpu/half_tile_int32.h"
#endif
