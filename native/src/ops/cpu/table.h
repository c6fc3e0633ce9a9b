// One class's table for one arithmetic, from the shared kernels.
#pragma once

#include "ops/cpu/attention.h"
#include "ops/cpu/linear.h"
#include "ops/cpu/row_ops.h"

namespace trtllm::ops::TRTLLM_ISA {

static size_t no_scratch(int, int) { return 0; }
static void no_thread_state() {}

// Everything but linear, whose kernel, scratch and thread state the matrix classes bring themselves.
template <class Arithmetic>
constexpr Kernels row_kernels(Isa isa) {
  Kernels table;
  table.isa = isa;
  table.arithmetic = Arithmetic::kDType;
  table.activation = Arithmetic::kActivation;
  table.attention_scratch_bytes = attention_scratch_bytes;
  table.embed = embed<Arithmetic>;
  table.rms_norm = rms_norm<Arithmetic>;
  table.head_norm = head_norm;
  table.rope = rope;
  table.kv_write = kv_write<Arithmetic>;
  table.attention = attention<Arithmetic>;
  return table;
}

template <class Arithmetic>
constexpr Kernels lane_kernels(Isa isa) {
  Kernels table = row_kernels<Arithmetic>(isa);
  table.linear_scratch_bytes = no_scratch;
  table.thread_begin = no_thread_state;
  table.thread_end = no_thread_state;
  table.linear = linear<Arithmetic>;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
