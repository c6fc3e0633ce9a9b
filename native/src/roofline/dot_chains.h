// Chains of one dot product in registers, as many as a linear block has sums; included by probe_<isa>.cpp in that ISA's namespace.
// A Dot says
//   Register, kChains
//   static void apply(Register& sum, Register a, Register b)
#pragma once

#include "roofline/probe.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kSteps = 16;

// Operands with every byte its own: a bf16 of them is about 1, of either sign.
template <class Dot>
void multiply(int64_t rounds) {
  uint16_t words[2][32];
  for (int i = 0; i < 64; ++i) words[i / 32][i % 32] = static_cast<uint16_t>((i % 3 == 0 ? 0xbf00 : 0x3f00) + i * 37 % 256);
  typename Dot::Register a, b, sum[Dot::kChains];
  __builtin_memcpy(&a, words[0], sizeof a);
  __builtin_memcpy(&b, words[1], sizeof b);
#pragma GCC unroll 32
  for (int i = 0; i < Dot::kChains; ++i) sum[i] = typename Dot::Register{};
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 32
      for (int i = 0; i < Dot::kChains; ++i) Dot::apply(sum[i], a, b);
    }
  }
}

// `products` of one instruction.
template <class Dot>
constexpr double operations_per_round(int products) {
  return 2.0 * products * Dot::kChains * kSteps;
}

}  // namespace trtllm::ops::TRTLLM_ISA
