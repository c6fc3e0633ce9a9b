// The loops of a VectorProbe over F32x16; included by probe_<isa>.cpp in that ISA's namespace (ops/cpu/isa_namespace.h).
#pragma once

#include "roofline/probe.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kSteps = 16;

// Every lane its own number: of two equal halves of a register pair the compiler would compute one.
inline constexpr float kLanes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// As many chains as a linear block has accumulators; written out, so that they stay in registers.
static float fma_probe(int64_t rounds) {
  F32x16 sum[kAccumulators];
#pragma GCC unroll 32
  for (int i = 0; i < kAccumulators; ++i) sum[i] = add(load(kLanes), splat(static_cast<float>(i)));
  F32x16 scale = splat(0.999f), shift = splat(0.001f);
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 32
      for (int i = 0; i < kAccumulators; ++i) sum[i] = fma(sum[i], scale, shift);
    }
  }
  F32x16 total = zero();
#pragma GCC unroll 32
  for (int i = 0; i < kAccumulators; ++i) total = add(total, sum[i]);
  return sum_of_lanes(total);
}

inline constexpr double kFmaFlopsPerRound = 2.0 * 16 * kSteps * kAccumulators;

static uint64_t read_probe(const std::byte* data, size_t bytes) {
  constexpr size_t kStreams = 4, kStep = 128;
  const size_t stream_bytes = bytes / kStreams;
  F32x16 seen[kStreams] = {zero(), zero(), zero(), zero()};
  for (size_t offset = 0; offset < stream_bytes; offset += kStep) {
    for (size_t stream = 0; stream < kStreams; ++stream) {
      const float* line = reinterpret_cast<const float*>(data + stream * stream_bytes + offset);
      seen[stream] = max(max(load(line), load(line + 16)), seen[stream]);
    }
  }
  return bits_of(sum_of_lanes(add(add(seen[0], seen[1]), add(seen[2], seen[3]))));
}

}  // namespace trtllm::ops::TRTLLM_ISA
