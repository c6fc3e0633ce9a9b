// A line of weights as 16 outputs x 2 k in bf16, as vdpbf16ps multiplies it: as it lies, or looked up from codes, whose values bf16 holds
// exactly. Looking bytes up by bytes is AVX-512 VBMI.
#pragma once

#include "ops/cpu/weight_format.h"

namespace trtllm::ops::TRTLLM_ISA {
#ifdef TRTLLM_BF16_DOT

// kVectors of entries made when compiling: entry i is value(i).
template <class Entry, int kVectors>
struct alignas(64) LookUp {
  static constexpr int kEntries = kVectors * 64 / sizeof(Entry);
  template <class Value>
  explicit constexpr LookUp(Value value) {
    for (int i = 0; i < kEntries; ++i) entry[i] = static_cast<Entry>(value(i));
  }
  [[gnu::always_inline]] __m512i vector(int i = 0) const { return _mm512_load_si512(entry + i * 64 / sizeof(Entry)); }

  Entry entry[kEntries] = {};
};

// Of a whole number of at most eight bits.
constexpr uint32_t bf16_of_int(int value) { return __builtin_bit_cast(uint32_t, static_cast<float>(value)) >> 16; }

template <int kHalf, int kPart, class Own>
TRTLLM_INLINE __m512i bf16_pairs(PlainWeights<Own>, const std::byte* column, int k) {
  return _mm512_loadu_si512(column + int64_t{k / 2} * kPairRowBytes);
}

// Each code, in bytes 2 kPart and 2 kPart + 1 of the dwords, goes to the low byte of a word, by whose lowest bits it is looked up.
template <int kHalf, int kPart>
TRTLLM_INLINE __m512i bf16_pairs(Int4Weights, const std::byte* column, int k) {
  static constexpr LookUp<uint8_t, 1> kPlaces([](int byte) { return byte / 4 * 4 % 16 + 2 * kPart + byte % 4 / 2; });
  static constexpr LookUp<uint16_t, 1> kValues([](int code) { return bf16_of_int(code % 16 - kInt4Offset); });  // the fifth bit is not the code's
  const __m512i bytes = _mm512_loadu_si512(Int4Weights::line(column, k));
  const __m512i places = _mm512_shuffle_epi8(kHalf == 0 ? bytes : _mm512_srli_epi16(bytes, 4), kPlaces.vector());
  return _mm512_permutexvar_epi16(places, kValues.vector());
}

// The two bytes of |code| in bf16 are looked up and the sign is put in; a pair takes its four bytes out of both.
template <int kHalf, int kPart>
TRTLLM_INLINE __m512i bf16_pairs(Int8Weights, const std::byte* column, int k) {
  static constexpr LookUp<uint8_t, 2> kLow([](int size) { return bf16_of_int(size) & 255; }), kHigh([](int size) { return bf16_of_int(size) >> 8; });
  static constexpr LookUp<uint8_t, 1> kPlaces([](int byte) { return byte / 4 * 4 + 2 * kPart + byte % 4 / 2 + byte % 2 * 64; });
  constexpr int kSignOf = 0xf8;  // a | (b & c)
  const __m512i codes = _mm512_loadu_si512(column + int64_t{k / 4} * kQuadRowBytes), size = _mm512_abs_epi8(codes);
  const __m512i low = _mm512_permutex2var_epi8(kLow.vector(0), size, kLow.vector(1));
  const __m512i high = _mm512_permutex2var_epi8(kHigh.vector(0), size, kHigh.vector(1));
  const __m512i with_sign = _mm512_ternarylogic_epi32(high, codes, _mm512_set1_epi8(static_cast<char>(0x80)), kSignOf);
  // The look-ups see seven bits: 128 alone has an eighth.
  const __m512i whole = _mm512_mask_mov_epi8(with_sign, _mm512_movepi8_mask(size), _mm512_set1_epi8(static_cast<char>(bf16_of_int(-128) >> 8)));
  return _mm512_permutex2var_epi8(low, kPlaces.vector(), whole);
}

// `depth` inputs of one column as bf16 tiles.
template <class Weights>
void decode_line_pairs(const std::byte* column, int depth, std::byte* out) {
  for_each_half<Weights>(0, depth, [&]<int kHalf>(int begin, int end) __attribute__((always_inline)) {
    for (int k = begin; k < end; k += Weights::kLineDepth) {
      __builtin_prefetch(column + int64_t{k} * Weights::kColumnBytes + kPrefetchBytes);
      std::byte* pairs = out + k / 2 * kPairRowBytes;
      _mm512_storeu_si512(pairs, bf16_pairs<kHalf, 0>(Weights{}, column, k));
      _mm512_storeu_si512(pairs + kPairRowBytes, bf16_pairs<kHalf, 1>(Weights{}, column, k));
    }
  });
}

#else
template <class Weights>
void decode_line_pairs(const std::byte* column, int depth, std::byte* out) {
  decode_to_bf16<Weights>(column, depth, out);
}
#endif

}  // namespace trtllm::ops::TRTLLM_ISA
