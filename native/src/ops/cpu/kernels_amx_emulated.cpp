// The AMX kernels over the software tile unit: the same bits on machines without AMX, for tests.
#define TRTLLM_ISA amx_emulated

#include "ops/cpu/i32x16_avx512.h"
#include "ops/cpu/tile_unit_software.h"
#include "ops/cpu/tables.h"
#include "ops/cpu/tile_table.h"

namespace trtllm::ops {

constinit const Kernels kAmxEmulatedBFloat16 = amx_emulated::tile_kernels(Isa::amx_emulated);

}  // namespace trtllm::ops
