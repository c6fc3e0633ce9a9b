// The vector probes with 256-bit registers.
#define TRTLLM_ISA avx2_probe

#include "ops/cpu/f32x16_avx2.h"
#include "roofline/vector_probe.h"

namespace trtllm::ops::avx2_probe {

inline constexpr int kIntegerChains = 12;

// The most products of bytes that instructions without VNNI make (vpmaddubsw), added up in 16 bits. No int8 linear can
// be faster; codes of 8 bits, which would saturate, need more instructions.
static void multiply_int8(int64_t rounds) {
  __m256i a = _mm256_set1_epi32(0x25132513), sum[kIntegerChains];
#pragma GCC unroll 16
  for (int i = 0; i < kIntegerChains; ++i) sum[i] = _mm256_set1_epi32(i);
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 16
      for (int i = 0; i < kIntegerChains; ++i) {
        __m256i product;
        asm volatile("vpmaddubsw %2, %1, %0" : "=x"(product) : "x"(a), "x"(a));
        sum[i] = _mm256_add_epi16(sum[i], product);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kIntegerChains; ++i) asm volatile("" : : "x"(sum[i]));
}

inline constexpr double kInt8Operations = 2.0 * 32 * kIntegerChains * kSteps;

}  // namespace trtllm::ops::avx2_probe

namespace trtllm::roofline {

using namespace ops::avx2_probe;
constinit const VectorProbe kAvx2Probe = {ops::Isa::avx2, fma_probe, kFmaFlopsPerRound, read_probe};
constinit const DotProbe kAvx2Int8Probe = {ops::Isa::avx2, "int8", multiply_int8, kInt8Operations};

}  // namespace trtllm::roofline
