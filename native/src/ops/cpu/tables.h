// The tables that cpu/kernels_<isa>.cpp define, all of them constants: reading one runs no instruction of its class.
#pragma once

#include "ops/kernels.h"

namespace trtllm::ops {

extern const Kernels kScalarBFloat16, kScalarFloat32;
extern const Kernels kAvx2BFloat16, kAvx2Float32;
extern const Kernels kAvx512BFloat16, kAvx512Float32;
extern const Kernels kAmxBFloat16, kAmxEmulatedBFloat16;  // in float32 they are avx512

}  // namespace trtllm::ops
