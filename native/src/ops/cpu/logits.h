// What a sampler wants of a row of logits, in two passes over it: where the best is and whether all are finite; then every
// token's weight. Sums run over blocks of kLogitBlock tokens in one order, so that every class gives the same bits.
#pragma once

#include "ops/cpu/lane_math.h"

namespace trtllm::ops::TRTLLM_ISA {

TRTLLM_INLINE int first_equal(const float* logits, int begin, int end, float value) {
  while (begin < end - 1 && !(logits[begin] == value)) ++begin;
  return begin;
}

// The largest of a block. x * 0 is 0 for finite x and NaN otherwise: `finite` gathers that.
TRTLLM_INLINE float scan_block(const float* logits, int count, F32x16& finite) {
  constexpr int kChains = 4;  // a maximum waits for the one before
  F32x16 best[kChains];
  for (int i = 0; i < kChains; ++i) best[i] = splat(logits[0]);
  int at = 0;
  for (; at + 16 * kChains <= count; at += 16 * kChains) {
    for (int i = 0; i < kChains; ++i) {
      const F32x16 value = load(logits + at + 16 * i);
      best[i] = max(value, best[i]);
      finite = fma(value, zero(), finite);
    }
  }
  F32x16 last = max(max(best[0], best[1]), max(best[2], best[3]));
  for (; at < count; ++at) {
    last = max(splat(logits[at]), last);
    finite = fma(splat(logits[at]), zero(), finite);
  }
  return max_of_lanes(last);
}

static LogitScan scan_logits(const LogitScanArgs& args) {
  LogitScan result{.best = args.logits[0]};
  F32x16 finite = zero();
  int best_block = 0;
  for (int block = 0; block * kLogitBlock < args.count; ++block) {
    const int begin = block * kLogitBlock;
    args.block_best[block] = scan_block(args.logits + begin, smaller(args.count - begin, kLogitBlock), finite);
    if (!(args.block_best[block] > result.best)) continue;
    result.best = args.block_best[block];
    best_block = block;
  }
  result.is_finite = sum_of_lanes(finite) == 0.0f;
  const int begin = best_block * kLogitBlock;
  result.token = first_equal(args.logits, begin, smaller(begin + kLogitBlock, args.count), result.best);
  return result;
}

static void weigh_logits(const LogitWeighArgs& args) {
  const F32x16 best = splat(args.best), scale = splat(args.scale);
  for (int block = 0; block * kLogitBlock < args.count; ++block) {
    const int end = smaller(args.count, (block + 1) * kLogitBlock);
    F32x16 sum = zero();
    for (int at = block * kLogitBlock; at < end; at += 16) {
      const int lanes = smaller(end - at, 16);
      store_first(args.weights + at, exp(mul(sub(load_first(args.logits + at, lanes), best), scale)), lanes);
      sum = add(sum, load_first(args.weights + at, lanes));
    }
    args.block_sum[block] = sum_of_lanes(sum);
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
