// F32x16 as two 256-bit registers. What each function means is said in f32x16_scalar.h.
#pragma once

#include <immintrin.h>

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

struct F32x16 {
  __m256 low, high;
};

struct F32x16Pair {
  F32x16 even, odd;
};

// 6 accumulators are 12 of the 16 registers; the others hold weights and a broadcast input.
inline constexpr int kAccumulators = 6;
inline constexpr int kAttentionTiles = 1;
inline constexpr int kMostValueTiles = 1;
inline constexpr int kOneRowStreams = 4, kStreamsAheadBytes = 512, kPrefetchBytes = 2048;  // native/bench/NOTES.md

TRTLLM_INLINE __m256i first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

// A value that is made here and now, in registers. g++ 12 would rather read it from memory again at each use, and put the uses off.
TRTLLM_INLINE __m256 taken(__m256 value) {
  __asm__("" : "+x"(value));
  return value;
}
TRTLLM_INLINE F32x16 taken(F32x16 value) { return {taken(value.low), taken(value.high)}; }
// Memory whose earlier reading must not stay in registers.
TRTLLM_INLINE const std::byte* read_again(const std::byte* memory) {
  __asm__("" : "+r"(memory));
  return memory;
}
TRTLLM_INLINE F32x16 zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
TRTLLM_INLINE F32x16 splat(float value) { return {_mm256_set1_ps(value), _mm256_set1_ps(value)}; }
TRTLLM_INLINE F32x16 load(const float* source) { return {_mm256_loadu_ps(source), _mm256_loadu_ps(source + 8)}; }
TRTLLM_INLINE F32x16 load_first(const float* source, int count) {
  return {_mm256_maskload_ps(source, first_lanes(count)), _mm256_maskload_ps(source + 8, first_lanes(count - 8))};
}
TRTLLM_INLINE void store(float* target, F32x16 value) {
  _mm256_storeu_ps(target, value.low);
  _mm256_storeu_ps(target + 8, value.high);
}
TRTLLM_INLINE void store_first(float* target, F32x16 value, int count) {
  _mm256_maskstore_ps(target, first_lanes(count), value.low);
  _mm256_maskstore_ps(target + 8, first_lanes(count - 8), value.high);
}
TRTLLM_INLINE F32x16 add(F32x16 a, F32x16 b) { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
TRTLLM_INLINE F32x16 sub(F32x16 a, F32x16 b) { return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)}; }
TRTLLM_INLINE F32x16 mul(F32x16 a, F32x16 b) { return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
TRTLLM_INLINE F32x16 div(F32x16 a, F32x16 b) { return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
TRTLLM_INLINE F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
TRTLLM_INLINE F32x16 max(F32x16 a, F32x16 b) { return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }
TRTLLM_INLINE F32x16 min(F32x16 a, F32x16 b) { return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)}; }
TRTLLM_INLINE F32x16 zero_where_less(F32x16 value, F32x16 a, F32x16 b) {
  return {_mm256_andnot_ps(_mm256_cmp_ps(a.low, b.low, _CMP_LT_OQ), value.low),
          _mm256_andnot_ps(_mm256_cmp_ps(a.high, b.high, _CMP_LT_OQ), value.high)};
}
TRTLLM_INLINE __m256 power_of_2(__m256 n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
TRTLLM_INLINE F32x16 scale_by_power_of_2(F32x16 value, F32x16 n) {
  return {_mm256_mul_ps(value.low, power_of_2(n.low)), _mm256_mul_ps(value.high, power_of_2(n.high))};
}

TRTLLM_INLINE __m256 round_to_bf16(__m256 value) {
  const __m256i bits = _mm256_castps_si256(value);
  const __m256i is_odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i rounded = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), is_odd);
  const __m256i quiet_nan = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
  const __m256i chosen = _mm256_blendv_epi8(rounded, quiet_nan, is_nan);
  return _mm256_castsi256_ps(_mm256_and_si256(chosen, _mm256_set1_epi32(static_cast<int>(0xffff0000u))));
}
TRTLLM_INLINE F32x16 round_to_bf16(F32x16 value) { return {round_to_bf16(value.low), round_to_bf16(value.high)}; }
TRTLLM_INLINE void store_first_bf16(uint16_t* target, F32x16 value, int count) {
  float lanes[16];
  store(lanes, value);
  for (int i = 0; i < count && i < 16; ++i) target[i] = static_cast<uint16_t>(rounded_bf16_bits(lanes[i]) >> 16);
}
TRTLLM_INLINE F32x16Pair load_bf16_pairs(const void* source) {
  const __m256i* words = static_cast<const __m256i*>(source);
  const __m256i low = _mm256_loadu_si256(words), high = _mm256_loadu_si256(words + 1);
  const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
  return {{_mm256_castsi256_ps(_mm256_slli_epi32(low, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(high, 16))},
          {_mm256_castsi256_ps(_mm256_and_si256(low, upper)), _mm256_castsi256_ps(_mm256_and_si256(high, upper))}};
}
TRTLLM_INLINE F32x16 load_bf16_half(const void* source, int half) {
  const F32x16Pair pair = load_bf16_pairs(source);
  return half == 0 ? pair.even : pair.odd;
}
TRTLLM_INLINE void store_bf16_pairs(void* target, F32x16Pair pair) {
  const auto joined = [](__m256 even, __m256 odd) {
    return _mm256_or_si256(_mm256_srli_epi32(_mm256_castps_si256(even), 16), _mm256_castps_si256(odd));
  };
  __m256i* words = static_cast<__m256i*>(target);
  _mm256_storeu_si256(words, joined(pair.even.low, pair.odd.low));
  _mm256_storeu_si256(words + 1, joined(pair.even.high, pair.odd.high));
}
TRTLLM_INLINE F32x16 load_bf16(const uint16_t* source) {
  const auto half = [](const uint16_t* eight) {
    const __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(eight)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
  };
  return {half(source), half(source + 8)};
}
// Byte kIndex of each dword, sign extended, as a float.
template <int kIndex>
TRTLLM_INLINE F32x16 float_of_byte(__m256i low, __m256i high) {
  const auto convert = [](__m256i dwords) { return _mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(dwords, 24 - 8 * kIndex), 24)); };
  return {convert(low), convert(high)};
}
TRTLLM_INLINE F32x16Pair load_int8_pairs(const void* source, int half) {
  const __m256i* dwords = static_cast<const __m256i*>(source);
  const __m256i low = _mm256_loadu_si256(dwords), high = _mm256_loadu_si256(dwords + 1);
  if (half == 0) return {float_of_byte<0>(low, high), float_of_byte<1>(low, high)};
  return {float_of_byte<2>(low, high), float_of_byte<3>(low, high)};
}
// Four bits of each dword from bit `shift` on (0 to 12), less 8, as a float: in a mantissa of a power of two whose bit `shift` counts 1.
TRTLLM_INLINE F32x16 float_of_half_byte(__m256i low, __m256i high, int shift) {
  const auto convert = [shift](__m256i dwords) {
    const float power = static_cast<float>(1 << (23 - shift));
    const __m256i code = _mm256_and_si256(dwords, _mm256_set1_epi32(15 << shift));
    return _mm256_sub_ps(_mm256_or_ps(_mm256_castsi256_ps(code), _mm256_set1_ps(power)), _mm256_set1_ps(power + 8));
  };
  return {convert(low), convert(high)};
}
TRTLLM_INLINE F32x16Pair load_int4_pairs(const void* source, int high_half, int half) {
  const __m256i* dwords = static_cast<const __m256i*>(source);
  const auto part = [half](__m256i quads) { return half == 0 ? quads : _mm256_srli_epi32(quads, 16); };
  const __m256i low = part(_mm256_loadu_si256(dwords)), high = part(_mm256_loadu_si256(dwords + 1));
  return {float_of_half_byte(low, high, 4 * high_half), float_of_half_byte(low, high, 8 + 4 * high_half)};
}
TRTLLM_INLINE void store_int8(int8_t* target, F32x16 value) {
  const __m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(value.low), _mm256_cvtps_epi32(value.high));  // in lanes of 128 bits
  const __m256i ordered = _mm256_permute4x64_epi64(words, _MM_SHUFFLE(3, 1, 2, 0));
  const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(target), bytes);
}

TRTLLM_INLINE float sum_of_lanes(F32x16 v) {
  const __m256 eight = _mm256_add_ps(v.low, v.high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
TRTLLM_INLINE float max_of_lanes(F32x16 v) {
  const __m256 eight = _mm256_max_ps(v.low, v.high);
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace trtllm::ops::TRTLLM_ISA
