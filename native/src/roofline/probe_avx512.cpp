// The vector probes with 512-bit registers.
#define TRTLLM_ISA avx512_probe

#include "ops/cpu/f32x16_avx512.h"
#include "roofline/vector_probe.h"

namespace trtllm::roofline {

using namespace ops::avx512_probe;
constinit const VectorProbe kAvx512Probe = {ops::Isa::avx512, fma_probe, kFmaFlopsPerRound, read_probe};

}  // namespace trtllm::roofline
