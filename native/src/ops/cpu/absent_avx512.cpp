// In a build without them (TRTLLM_WITHOUT_AVX512, CMakeLists.txt): tables that isa_available() keeps from being read.
#include "ops/cpu/tables.h"

namespace trtllm::ops {

#ifdef TRTLLM_WITHOUT_AVX512
const Kernels kAvx512BFloat16{}, kAvx512Float32{}, kAvx512VnniBFloat16{}, kAvx512Bf16BFloat16{}, kAmxBFloat16{}, kAmxEmulatedBFloat16{};
#endif

}  // namespace trtllm::ops
