// The shared kernels over two 256-bit registers, with AVX-VNNI for int8.
#define TRTLLM_ISA avx2_vnni

#include "ops/cpu/i32x16_avx2.h"
#include "ops/cpu/lane_table.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {

constinit const Kernels kAvx2VnniBFloat16 = avx2_vnni::lane_kernels<avx2_vnni::BFloat16>(Isa::avx2);

}  // namespace trtllm::ops
