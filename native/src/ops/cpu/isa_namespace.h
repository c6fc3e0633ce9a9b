// How one source serves every ISA class. A kernels_<isa>.cpp defines TRTLLM_ISA (the name of a namespace), includes its
// f32x16_<isa>.h and then the shared headers, which put all they define into namespace trtllm::ops::TRTLLM_ISA.
//
// Nothing else may be called from these files: an inline function of std:: or of base/ that is compiled here could be the
// copy that the linker keeps for the whole program, and then AVX-512 code runs on a machine without it. Types and
// constants from outside are fine. tests/ops/comdat_test.cmake greps the objects for such symbols.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/kernels.h"

#define TRTLLM_INLINE static inline __attribute__((always_inline))
#define TRTLLM_INLINE_METHOD inline __attribute__((always_inline))

namespace trtllm::ops::TRTLLM_ISA {

TRTLLM_INLINE float float_of(uint32_t bits) { return __builtin_bit_cast(float, bits); }
TRTLLM_INLINE uint32_t bits_of(float value) { return __builtin_bit_cast(uint32_t, value); }

// bf16 in the upper half, lower half zero. To nearest, ties to even; NaN is made quiet.
TRTLLM_INLINE uint32_t rounded_bf16_bits(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t quiet_nan = bits | 0x400000u;
  const uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1);
  return ((bits & 0x7fffffffu) > 0x7f800000u ? quiet_nan : rounded) & 0xffff0000u;
}
TRTLLM_INLINE uint16_t bf16_of(float value) { return static_cast<uint16_t>(rounded_bf16_bits(value) >> 16); }

TRTLLM_INLINE int smaller(int a, int b) { return a < b ? a : b; }
TRTLLM_INLINE int larger(int a, int b) { return a > b ? a : b; }

}  // namespace trtllm::ops::TRTLLM_ISA
