// The peak of AVX-VNNI's 256-bit dot products of int8 quads (vpdpbusd), chains in registers.
#define TRTLLM_ISA avx2_vnni_probe

#include "ops/cpu/f32x16_avx2.h"
#include "roofline/probe.h"

namespace trtllm::ops::avx2_vnni_probe {

inline constexpr int kChains = 2 * kAccumulators, kSteps = 16;  // as many chains as a linear block has sums

static void multiply_int8(int64_t rounds) {
  alignas(32) uint8_t bytes[2][32];  // every one its own
  for (int i = 0; i < 64; ++i) bytes[i / 32][i % 32] = static_cast<uint8_t>(i * 37 + 11);
  const __m256i a = _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes[0])), b = _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes[1]));
  __m256i sum[kChains];
#pragma GCC unroll 16
  for (int i = 0; i < kChains; ++i) sum[i] = _mm256_setzero_si256();
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 16
      for (int i = 0; i < kChains; ++i) asm volatile("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum[i]) : "x"(a), "x"(b));
    }
  }
}

inline constexpr double kInt8Operations = 2.0 * 32 * kChains * kSteps;

}  // namespace trtllm::ops::avx2_vnni_probe

namespace trtllm::roofline {

using namespace ops::avx2_vnni_probe;
constinit const DotProbe kAvx2VnniInt8Probe = {ops::Isa::avx2, "int8", multiply_int8, kInt8Operations};

}  // namespace trtllm::roofline
