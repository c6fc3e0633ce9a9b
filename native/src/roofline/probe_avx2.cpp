// The vector probes with 256-bit registers.
#define TRTLLM_ISA avx2_probe

#include "ops/cpu/f32x16_avx2.h"
#include "roofline/vector_probe.h"

namespace trtllm::roofline {

using namespace ops::avx2_probe;
constinit const VectorProbe kAvx2Probe = {ops::Isa::avx2, fma_probe, kFmaFlopsPerRound, read_probe};

}  // namespace trtllm::roofline
