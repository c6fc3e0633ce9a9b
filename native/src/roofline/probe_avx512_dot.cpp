// The peaks of the 512-bit dot products: pairs of bf16 (vdpbf16ps) and quads of int8 (vpdpbusd).
#define TRTLLM_ISA avx512_dot_probe

#include "ops/cpu/f32x16_avx512.h"
#include "roofline/dot_chains.h"

namespace trtllm::ops::avx512_dot_probe {

struct BFloat16Dot {
  using Register = __m512i;
  static constexpr int kChains = kAccumulators;
  TRTLLM_INLINE void apply(__m512i& sum, __m512i a, __m512i b) { asm volatile("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b)); }
};
struct Int8Dot {
  using Register = __m512i;
  static constexpr int kChains = kAccumulators;
  TRTLLM_INLINE void apply(__m512i& sum, __m512i a, __m512i b) { asm volatile("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b)); }
};

}  // namespace trtllm::ops::avx512_dot_probe

namespace trtllm::roofline {

using namespace ops::avx512_dot_probe;
constinit const DotProbe kAvx512BFloat16Probe = {ops::Isa::avx512, "bf16", multiply<BFloat16Dot>, operations_per_round<BFloat16Dot>(32)};
constinit const DotProbe kAvx512Int8Probe = {ops::Isa::avx512, "int8", multiply<Int8Dot>, operations_per_round<Int8Dot>(64)};

}  // namespace trtllm::roofline
