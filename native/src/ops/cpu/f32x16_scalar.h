// F32x16 with nothing beyond SSE2, which every x86-64 has: the meaning of every operation.
#pragma once

#include <emmintrin.h>

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

struct F32x16 {
  float lane[16];
};

struct F32x16Pair {
  F32x16 even, odd;
};

// How many F32x16 sums the registers hold beside their operands (four SSE registers each), and tiles that an attention block walks at once.
inline constexpr int kAccumulators = 2;
inline constexpr int kAttentionTiles = 1;
inline constexpr int kMostValueTiles = 1;
// Columns of weights that one row sums side by side; how far ahead of its use each of several streams of weights is asked for, and one alone.
inline constexpr int kOneRowStreams = 4, kStreamsAheadBytes = 2048, kPrefetchBytes = 2048;

template <class Function>
TRTLLM_INLINE F32x16 each_lane(Function function) {
  F32x16 result;
  for (int i = 0; i < 16; ++i) result.lane[i] = function(i);
  return result;
}

// a * b + c rounded once, without an FMA instruction. The product is exact in double; the sum is rounded to odd (its
// error, found by Knuth's two-sum, sets the last bit), after which rounding to float is right: S. Boldo, G. Melquiond,
// "Emulation of a FMA and correctly rounded sums", 2008, section 3.
TRTLLM_INLINE float fused(float a, float b, float c) {
  const double product = static_cast<double>(a) * b, addend = c;
  const double sum = product + addend;
  const double rest = sum - product;
  const double error = (product - (sum - rest)) + (addend - rest);
  int64_t bits = __builtin_bit_cast(int64_t, sum);
  const bool is_inexact = error > 0 || error < 0;  // neither when NaN
  if (is_inexact && bits % 2 == 0) bits += (sum < 0) == (error < 0) ? 1 : -1;
  return static_cast<float>(__builtin_bit_cast(double, bits));
}

TRTLLM_INLINE __m128 magnitude(__m128 value) { return _mm_andnot_ps(_mm_set1_ps(-0.0f), value); }
// Below 2^-125: floats below half of that lie further apart than their exponent says. Also of a zero.
TRTLLM_INLINE __m128 is_small(__m128 value) { return _mm_cmplt_ps(magnitude(value), _mm_set1_ps(0x1p-125f)); }
TRTLLM_INLINE __m128 is_not_zero(__m128 value) { return _mm_cmpneq_ps(value, _mm_setzero_ps()); }
TRTLLM_INLINE __m128d upper_doubles(__m128 value) { return _mm_cvtps_pd(_mm_movehl_ps(value, value)); }

// The same on four lanes by double arithmetic alone, and whether a lane needs the careful way: rounding twice (to double, then to float) is
// wrong only where the double lies halfway between two floats, or is so small that floats lie further apart. A zero is right: the
// double was exact, or too small by far.
TRTLLM_INLINE __m128 fused_twice(__m128 a, __m128 b, __m128 c, __m128& careful) {
  const __m128d low = _mm_add_pd(_mm_mul_pd(_mm_cvtps_pd(a), _mm_cvtps_pd(b)), _mm_cvtps_pd(c));
  const __m128d high = _mm_add_pd(_mm_mul_pd(upper_doubles(a), upper_doubles(b)), upper_doubles(c));
  const __m128 result = _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
  const __m128i lower_words = _mm_castps_si128(_mm_shuffle_ps(_mm_castpd_ps(low), _mm_castpd_ps(high), _MM_SHUFFLE(2, 0, 2, 0)));
  const __m128i beyond_float = _mm_and_si128(lower_words, _mm_set1_epi32(0x1fffffff));  // what a float's mantissa has no room for
  const __m128 is_halfway = _mm_castsi128_ps(_mm_cmpeq_epi32(beyond_float, _mm_set1_epi32(0x10000000)));
  careful = _mm_or_ps(careful, _mm_or_ps(is_halfway, _mm_and_ps(is_small(result), is_not_zero(result))));
  return result;
}

// The same of factors of at most 12 bits, such as bf16 values and int8 codes: their product is a float, so the sum is all that is rounded.
// Needs the careful way where the product is too large or too small for that.
TRTLLM_INLINE __m128 fused_exact(__m128 a, __m128 b, __m128 c, __m128& careful) {
  const __m128 product = _mm_mul_ps(a, b);
  const __m128 is_large = _mm_cmpnle_ps(magnitude(product), _mm_set1_ps(__FLT_MAX__));  // or NaN
  const __m128 is_rounded = _mm_and_ps(is_small(product), _mm_and_ps(is_not_zero(a), is_not_zero(b)));
  careful = _mm_or_ps(careful, _mm_or_ps(is_large, is_rounded));
  return _mm_add_ps(product, c);
}

// Whether the lower 12 of 24 bits are zero in all lanes of both.
TRTLLM_INLINE bool are_short(const F32x16& a, const F32x16& b) {
  __m128 bits = _mm_setzero_ps();
  for (int i = 0; i < 16; i += 4) bits = _mm_or_ps(bits, _mm_or_ps(_mm_loadu_ps(a.lane + i), _mm_loadu_ps(b.lane + i)));
  const __m128i lower = _mm_and_si128(_mm_castps_si128(bits), _mm_set1_epi32(0xfff));
  return _mm_movemask_epi8(_mm_cmpeq_epi32(lower, _mm_setzero_si128())) == 0xffff;
}

// The value itself, and the same memory: what a compiler has to be told where it uses registers badly (f32x16_avx2.h).
TRTLLM_INLINE const F32x16& taken(const F32x16& value) { return value; }
TRTLLM_INLINE const std::byte* read_again(const std::byte* memory) { return memory; }
TRTLLM_INLINE F32x16 zero() { return F32x16{}; }
TRTLLM_INLINE F32x16 splat(float value) {
  return each_lane([&](int) { return value; });
}
TRTLLM_INLINE F32x16 load(const float* source) {
  return each_lane([&](int i) { return source[i]; });
}
TRTLLM_INLINE F32x16 load_first(const float* source, int count) {
  return each_lane([&](int i) { return i < count ? source[i] : 0.0f; });
}
TRTLLM_INLINE void store(float* target, const F32x16& value) {
  for (int i = 0; i < 16; ++i) target[i] = value.lane[i];
}
TRTLLM_INLINE void store_first(float* target, const F32x16& value, int count) {
  for (int i = 0; i < count && i < 16; ++i) target[i] = value.lane[i];
}
TRTLLM_INLINE F32x16 add(const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] + b.lane[i]; });
}
TRTLLM_INLINE F32x16 sub(const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] - b.lane[i]; });
}
TRTLLM_INLINE F32x16 mul(const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] * b.lane[i]; });
}
TRTLLM_INLINE F32x16 div(const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] / b.lane[i]; });
}
template <class Four>
TRTLLM_INLINE F32x16 fused_by_fours(const F32x16& a, const F32x16& b, const F32x16& c, Four four) {
  F32x16 result;
  __m128 careful = _mm_setzero_ps();
  for (int i = 0; i < 16; i += 4) _mm_storeu_ps(result.lane + i, four(_mm_loadu_ps(a.lane + i), _mm_loadu_ps(b.lane + i), _mm_loadu_ps(c.lane + i), careful));
  if (_mm_movemask_ps(careful) != 0) result = each_lane([&](int i) { return fused(a.lane[i], b.lane[i], c.lane[i]); });
  return result;
}
// Not inlined: a call is little beside it, and hundreds of copies were most of what this class took to compile.
[[gnu::noinline]] static F32x16 fma(const F32x16& a, const F32x16& b, const F32x16& c) {
  if (are_short(a, b)) return fused_by_fours(a, b, c, fused_exact);
  return fused_by_fours(a, b, c, fused_twice);
}
// max and min give b when either is NaN, as the x86 instructions do.
TRTLLM_INLINE F32x16 max(const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
TRTLLM_INLINE F32x16 min(const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
TRTLLM_INLINE F32x16 zero_where_less(const F32x16& value, const F32x16& a, const F32x16& b) {
  return each_lane([&](int i) { return a.lane[i] < b.lane[i] ? 0.0f : value.lane[i]; });
}
// value * 2^n for lanes n whose value is a whole number in [-126, 127].
TRTLLM_INLINE F32x16 scale_by_power_of_2(const F32x16& value, const F32x16& n) {
  return each_lane([&](int i) {
    const int exponent = n.lane[i] >= -126.0f && n.lane[i] <= 127.0f ? static_cast<int>(n.lane[i]) : 0;  // else NaN
    return value.lane[i] * float_of(static_cast<uint32_t>(exponent + 127) << 23);
  });
}

TRTLLM_INLINE F32x16 round_to_bf16(const F32x16& value) {
  return each_lane([&](int i) { return float_of(rounded_bf16_bits(value.lane[i])); });
}
TRTLLM_INLINE void store_first_bf16(uint16_t* target, const F32x16& value, int count) {
  for (int i = 0; i < count && i < 16; ++i) target[i] = static_cast<uint16_t>(rounded_bf16_bits(value.lane[i]) >> 16);
}
// 16 dwords, each a pair of bf16: the lower half is `even`, the upper half `odd`.
TRTLLM_INLINE F32x16Pair load_bf16_pairs(const void* source) {
  const uint32_t* words = static_cast<const uint32_t*>(source);
  return {each_lane([&](int i) { return float_of(words[i] << 16); }), each_lane([&](int i) { return float_of(words[i] & 0xffff0000u); })};
}
TRTLLM_INLINE F32x16 load_bf16_half(const void* source, int half) {
  const uint32_t* words = static_cast<const uint32_t*>(source);
  return each_lane([&](int i) { return float_of(words[i] << (16 - 16 * half) & 0xffff0000u); });
}
// 16 dwords, each a pair of values that bf16 holds.
TRTLLM_INLINE void store_bf16_pairs(void* target, const F32x16Pair& pair) {
  uint32_t* words = static_cast<uint32_t*>(target);
  for (int i = 0; i < 16; ++i) words[i] = bits_of(pair.even.lane[i]) >> 16 | bits_of(pair.odd.lane[i]);
}
// 16 bf16 values.
TRTLLM_INLINE F32x16 load_bf16(const uint16_t* source) {
  return each_lane([&](int i) { return float_of(uint32_t{source[i]} << 16); });
}
// 16 dwords, each a quad of int8 codes: bytes 0 and 1 of each (half 0), or 2 and 3 (half 1).
TRTLLM_INLINE F32x16Pair load_int8_pairs(const void* source, int half) {
  const int8_t* codes = static_cast<const int8_t*>(source) + 2 * half;
  return {each_lane([&](int i) { return static_cast<float>(codes[4 * i]); }), each_lane([&](int i) { return static_cast<float>(codes[4 * i + 1]); })};
}
// The same of int4 codes, each stored as code + 8 in the low (0) or high (1) half of its byte.
TRTLLM_INLINE F32x16Pair load_int4_pairs(const void* source, int high, int half) {
  const uint8_t* codes = static_cast<const uint8_t*>(source) + 2 * half;
  const auto code = [&](int i) { return static_cast<float>((codes[i] >> (4 * high) & 15) - 8); };
  return {each_lane([&](int i) { return code(4 * i); }), each_lane([&](int i) { return code(4 * i + 1); })};
}
// Lanes that hold whole numbers of an int8.
TRTLLM_INLINE void store_int8(int8_t* target, const F32x16& value) {
  for (int i = 0; i < 16; ++i) target[i] = static_cast<int8_t>(value.lane[i]);
}

// The one tree by which 16 lanes become one number: halves, quarters, eighths, then the two that are left.
TRTLLM_INLINE float sum_of_lanes(const F32x16& v) {
  float eight[8], four[4];
  for (int i = 0; i < 8; ++i) eight[i] = v.lane[i] + v.lane[i + 8];
  for (int i = 0; i < 4; ++i) four[i] = eight[i] + eight[i + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}
TRTLLM_INLINE float max_of_lanes(const F32x16& v) {
  float best = v.lane[0];
  for (int i = 1; i < 16; ++i) best = best > v.lane[i] ? best : v.lane[i];
  return best;
}

}  // namespace trtllm::ops::TRTLLM_ISA
