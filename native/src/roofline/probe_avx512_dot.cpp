// The peaks of the 512-bit dot products: pairs of bf16 (vdpbf16ps) and quads of int8 (vpdpbusd), chains in registers.
#define TRTLLM_ISA avx512_dot_probe

#include "ops/cpu/f32x16_avx512.h"
#include "roofline/probe.h"

namespace trtllm::ops::avx512_dot_probe {

inline constexpr int kChains = 24, kSteps = 16;  // as many chains as a linear block has sums

struct BFloat16Dot {
  TRTLLM_INLINE void apply(__m512i& sum, __m512i a, __m512i b) { asm volatile("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b)); }
};
struct Int8Dot {
  TRTLLM_INLINE void apply(__m512i& sum, __m512i a, __m512i b) { asm volatile("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b)); }
};

// Operands with every byte its own: a bf16 of them is about 1, of either sign.
template <class Dot>
void multiply(int64_t rounds) {
  alignas(64) uint16_t words[2][32];
  for (int i = 0; i < 64; ++i) words[i / 32][i % 32] = static_cast<uint16_t>((i % 3 == 0 ? 0xbf00 : 0x3f00) + i * 37 % 256);
  const __m512i a = _mm512_load_si512(words[0]), b = _mm512_load_si512(words[1]);
  __m512i sum[kChains];
#pragma GCC unroll 32
  for (int i = 0; i < kChains; ++i) sum[i] = _mm512_setzero_si512();
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 32
      for (int i = 0; i < kChains; ++i) Dot::apply(sum[i], a, b);
    }
  }
}

inline constexpr double kBFloat16Operations = 2.0 * 32 * kChains * kSteps;

}  // namespace trtllm::ops::avx512_dot_probe

namespace trtllm::roofline {

using namespace ops::avx512_dot_probe;
constinit const DotProbe kAvx512BFloat16Probe = {ops::Isa::avx512, "bf16", multiply<BFloat16Dot>, kBFloat16Operations};
constinit const DotProbe kAvx512Int8Probe = {ops::Isa::avx512, "int8", multiply<Int8Dot>, 2 * kBFloat16Operations};

}  // namespace trtllm::roofline
