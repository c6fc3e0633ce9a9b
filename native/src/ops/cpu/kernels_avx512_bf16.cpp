// The shared kernels over 512-bit registers, with VNNI for int8 and, for bf16, vdpbf16ps and look-ups by VBMI: activations in bf16.
#define TRTLLM_ISA avx512_bf16
#define TRTLLM_BF16_DOT

#include "ops/cpu/i32x16_avx512.h"
#include "ops/cpu/lane_table.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {

constinit const Kernels kAvx512Bf16BFloat16 = avx512_bf16::lane_kernels<avx512_bf16::BFloat16Tiles>(Isa::avx512);

}  // namespace trtllm::ops
