// The AMX class: linear and attention on the tile unit, everything else as avx512.
#define TRTLLM_ISA amx

#include "ops/cpu/i32x16_avx512.h"
#include "ops/cpu/tile_unit_hardware.h"
#include "ops/cpu/tables.h"
#include "ops/cpu/tile_table.h"

namespace trtllm::ops {

constinit const Kernels kAmxBFloat16 = amx::tile_kernels(Isa::amx);

}  // namespace trtllm::ops
