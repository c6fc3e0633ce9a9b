// The whole table of a lane class for one arithmetic.
#pragma once

#include "ops/cpu/lane_linear.h"
#include "ops/cpu/lane_linear_int8.h"
#include "ops/cpu/row_table.h"

namespace trtllm::ops::TRTLLM_ISA {

template <class Arithmetic>
constexpr Kernels lane_kernels(Isa isa) {
  Kernels table = row_kernels<Arithmetic>(isa);
  table.linear_scratch_bytes = lane_scratch_bytes;
  table.linear = linear<Arithmetic>;
  if constexpr (Arithmetic::kDType == DType::bfloat16) table.linear_int8 = linear_int8<Arithmetic>;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
