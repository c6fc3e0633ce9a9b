// The shared kernels over 512-bit registers.
#define TRTLLM_ISA avx512

#include "ops/cpu/i32x16_avx512.h"
#include "ops/cpu/lane_table.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {

constinit const Kernels kAvx512BFloat16 = avx512::lane_kernels<avx512::BFloat16>(Isa::avx512);
constinit const Kernels kAvx512Float32 = avx512::lane_kernels<avx512::Float32>(Isa::avx512);

}  // namespace trtllm::ops
