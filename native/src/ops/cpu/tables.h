// The tables that cpu/kernels_<isa>.cpp define, all of them constants: reading one runs no instruction of its class.
#pragma once

#include "ops/kernels.h"

namespace trtllm::ops {

extern const Kernels kScalarBFloat16, kScalarFloat32;
extern const Kernels kAvx2BFloat16, kAvx2Float32;
extern const Kernels kAvx2VnniBFloat16;  // the same bits as kAvx2BFloat16, faster in int8
extern const Kernels kAvx512BFloat16, kAvx512Float32;
extern const Kernels kAvx512VnniBFloat16;  // the same bits as kAvx512BFloat16, faster in int8
extern const Kernels kAvx512Bf16BFloat16;  // the same bits again, faster in bf16 where the CPU's vdpbf16ps is
extern const Kernels kAmxBFloat16, kAmxEmulatedBFloat16;  // in float32 they are avx512

}  // namespace trtllm::ops
