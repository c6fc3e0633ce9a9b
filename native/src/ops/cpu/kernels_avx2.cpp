// The shared kernels over two 256-bit registers.
#define TRTLLM_ISA avx2

#include "ops/cpu/i32x16_avx2.h"
#include "ops/cpu/lane_table.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {

constinit const Kernels kAvx2BFloat16 = avx2::lane_kernels<avx2::BFloat16>(Isa::avx2);
constinit const Kernels kAvx2Float32 = avx2::lane_kernels<avx2::Float32>(Isa::avx2);

}  // namespace trtllm::ops
