// One class's table for one arithmetic, but for linear: lane_linear.h or tile_linear.h completes it.
#pragma once

#include "ops/cpu/attention.h"
#include "ops/cpu/float_mode.h"
#include "ops/cpu/logits.h"
#include "ops/cpu/quantize.h"
#include "ops/cpu/row_ops.h"

namespace trtllm::ops::TRTLLM_ISA {

template <class Arithmetic>
constexpr Kernels row_kernels(Isa isa) {
  Kernels table;
  table.isa = isa;
  table.arithmetic = Arithmetic::kDType;
  table.activation = Arithmetic::kActivation;
  table.attention_scratch_bytes = attention_scratch_bytes;
  table.thread_begin = flush_denormals;
  table.thread_end = keep_denormals;
  table.embed = embed<Arithmetic>;
  table.rms_norm = rms_norm<Arithmetic>;
  table.head_norm = head_norm;
  table.rope = rope;
  table.kv_write = kv_write<Arithmetic>;
  table.attention = attention<Arithmetic>;
  table.quantize = quantize<Arithmetic>;
  table.scan_logits = scan_logits;
  table.weigh_logits = weigh_logits;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
