// 16 int32 sums and dot products of int8 quads, with nothing beyond SSE2: the meaning of every operation.
#pragma once

#include "ops/cpu/f32x16_scalar.h"

namespace trtllm::ops::TRTLLM_ISA {

struct I32x16 {
  int32_t lane[16];
};

// Four weights of each of 16 outputs, as the class multiplies them; and four inputs.
struct WeightQuads {
  int16_t code[64];
};
struct InputQuad {
  int8_t code[4];
};

// What the class adds to each int8 code so that its instruction takes it.
inline constexpr int kInt8Offset = 0;
// Rows of a block; whether a quad's products and their sum are one instruction.
inline constexpr int kInt8Rows = 2;
inline constexpr bool kHasVnni = false;
inline constexpr int kDecodeInt4Rows = 0;

TRTLLM_INLINE I32x16 splat_int(int value) {
  I32x16 result;
  for (int32_t& lane : result.lane) lane = value;
  return result;
}
TRTLLM_INLINE I32x16 load_int(const void* source) {
  I32x16 result;
  __builtin_memcpy(result.lane, source, sizeof result.lane);
  return result;
}
TRTLLM_INLINE void store_int(void* target, const I32x16& value) { __builtin_memcpy(target, value.lane, sizeof value.lane); }
// 16 int8, sign extended.
TRTLLM_INLINE I32x16 load_int8(const int8_t* source) {
  I32x16 result;
  for (int i = 0; i < 16; ++i) result.lane[i] = source[i];
  return result;
}
TRTLLM_INLINE I32x16 add_int(const I32x16& a, const I32x16& b) {
  I32x16 result;
  for (int i = 0; i < 16; ++i) result.lane[i] = a.lane[i] + b.lane[i];
  return result;
}
// sum + a * b
TRTLLM_INLINE I32x16 multiply_add(const I32x16& a, const I32x16& b, const I32x16& sum) {
  I32x16 result;
  for (int i = 0; i < 16; ++i) result.lane[i] = sum.lane[i] + a.lane[i] * b.lane[i];
  return result;
}
TRTLLM_INLINE F32x16 to_float(const I32x16& value) {
  return each_lane([&](int i) { return static_cast<float>(value.lane[i]); });
}

// 64 bytes of int8 codes, plus kInt8Offset.
TRTLLM_INLINE WeightQuads int8_quads(const void* source) {
  const int8_t* codes = static_cast<const int8_t*>(source);
  WeightQuads quads;
  for (int i = 0; i < 64; ++i) quads.code[i] = codes[i];
  return quads;
}
// 64 bytes whose low or high halves are int4 codes, each stored as code + 8 and left so.
template <int kHalf>
TRTLLM_INLINE WeightQuads int4_quads(const void* source) {
  const uint8_t* bytes = static_cast<const uint8_t*>(source);
  WeightQuads quads;
  for (int i = 0; i < 64; ++i) quads.code[i] = static_cast<int16_t>(bytes[i] >> (4 * kHalf) & 15);
  return quads;
}
// The multipliers of 16 outputs, in the form that scaled_int4 wants.
using Int4Scaler = I32x16;
TRTLLM_INLINE Int4Scaler int4_scaler(const I32x16& multiplier) { return multiplier; }
// The same codes, each less 8 and times its output's multiplier (at most 16, of either sign), as 64 int8.
TRTLLM_INLINE void store_scaled_int4(void* target, const void* source, int high, const Int4Scaler& scaler) {
  const uint8_t* bytes = static_cast<const uint8_t*>(source);
  int8_t* codes = static_cast<int8_t*>(target);
  for (int i = 0; i < 64; ++i) codes[i] = static_cast<int8_t>(((bytes[i] >> (4 * high) & 15) - 8) * scaler.lane[i / 4]);
}
TRTLLM_INLINE InputQuad splat_quad(const int8_t* source) {
  InputQuad quad;
  __builtin_memcpy(quad.code, source, 4);
  return quad;
}
// sum[i] += the four products of output i
TRTLLM_INLINE I32x16 dot(const WeightQuads& w, const InputQuad& x, const I32x16& sum) {
  I32x16 result = sum;
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < 4; ++j) result.lane[i] += w.code[4 * i + j] * x.code[j];
  }
  return result;
}

}  // namespace trtllm::ops::TRTLLM_ISA

#include "ops/cpu/half_tile_int32.h"
