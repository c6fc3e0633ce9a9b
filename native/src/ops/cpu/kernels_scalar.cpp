// The shared kernels on any x86-64: plain loops that define what the other classes compute.
#define TRTLLM_ISA scalar

#include "ops/cpu/i32x16_scalar.h"
#include "ops/cpu/lane_table.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {

constinit const Kernels kScalarBFloat16 = scalar::lane_kernels<scalar::BFloat16>(Isa::scalar);
constinit const Kernels kScalarFloat32 = scalar::lane_kernels<scalar::Float32>(Isa::scalar);

}  // namespace trtllm::ops
