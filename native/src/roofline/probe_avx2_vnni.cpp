// The peak of AVX-VNNI's 256-bit dot products of int8 quads (vpdpbusd).
#define TRTLLM_ISA avx2_vnni_probe

#include "ops/cpu/f32x16_avx2.h"
#include "roofline/dot_chains.h"

namespace trtllm::ops::avx2_vnni_probe {

struct Int8Dot {
  using Register = __m256i;
  static constexpr int kChains = 2 * kAccumulators;
  TRTLLM_INLINE void apply(__m256i& sum, __m256i a, __m256i b) { asm volatile("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b)); }
};

}  // namespace trtllm::ops::avx2_vnni_probe

namespace trtllm::roofline {

using namespace ops::avx2_vnni_probe;
constinit const DotProbe kAvx2VnniInt8Probe = {ops::Isa::avx2, "int8", multiply<Int8Dot>, operations_per_round<Int8Dot>(32)};

}  // namespace trtllm::roofline
