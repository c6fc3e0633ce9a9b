// In a build without some classes (CMakeLists.txt): their tables, which isa_available() keeps from being read.
#include "ops/cpu/tables.h"

namespace trtllm::ops {

#ifdef TRTLLM_WITHOUT_AVX512
const Kernels kAvx512BFloat16{}, kAvx512Float32{}, kAvx512VnniBFloat16{}, kAvx512Bf16BFloat16{}, kAmxEmulatedBFloat16{};
#endif
#ifdef TRTLLM_WITHOUT_AMX
const Kernels kAmxBFloat16{};
#endif

}  // namespace trtllm::ops
