// The shared kernels over 512-bit registers, with VNNI for int8.
#define TRTLLM_ISA avx512_vnni

#include "ops/cpu/i32x16_avx512.h"
#include "ops/cpu/lane_table.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {

constinit const Kernels kAvx512VnniBFloat16 = avx512_vnni::lane_kernels<avx512_vnni::BFloat16>(Isa::avx512);

}  // namespace trtllm::ops
