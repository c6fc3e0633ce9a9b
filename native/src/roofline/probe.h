// The inner loops of the roofline, one set per ISA class. Each does a known amount of work on data that is as close to the
// core as the limit it shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ops/isa.h"

namespace trtllm::roofline {

struct VectorProbe {
  ops::Isa isa;
  // Independent fma chains in registers. Returns their sum, so that they are computed.
  float (*fma)(int64_t rounds);
  double fma_flops_per_round;
  // Loads `bytes` (a multiple of 4 KiB) as four streams side by side, as the linear kernels do.
  uint64_t (*read)(const std::byte* data, size_t bytes);
};

// Products of narrow types: AMX tiles with Gaussian operands from the first cache level (all zero they would be faster than real
// ones), or dot products in registers: VNNI's, vdpbf16ps, or AVX2's of int8 with sums of 16 bits.
struct DotProbe {
  ops::Isa isa;
  const char* type;  // "bf16" or "int8"
  void (*multiply)(int64_t rounds);
  double operations_per_round;
};

extern const VectorProbe kAvx2Probe, kAvx512Probe;
extern const DotProbe kAvx2Int8Probe, kAvx2VnniInt8Probe, kAvx512BFloat16Probe, kAvx512Int8Probe, kAmxBFloat16Probe, kAmxInt8Probe;

// Those that this machine can run, fastest last.
std::vector<VectorProbe> vector_probes();
std::vector<DotProbe> dot_probes();

}  // namespace trtllm::roofline
