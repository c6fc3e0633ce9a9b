// What happens to a finished row of sums: bias, then stored, added to the residual, or gated (swiglu).
#pragma once

#include "ops/cpu/arithmetic.h"
#include "ops/cpu/lane_math.h"

namespace trtllm::ops::TRTLLM_ISA {

TRTLLM_INLINE F32x16 with_bias(const LinearArgs& args, int tile, F32x16 sum) {
  return args.bias ? add(sum, load(args.bias + tile * 16)) : sum;
}

// Asks for the lines that `rows` rows' outputs will be written to, while their products are summed.
template <class Arithmetic, int kRows, int kTiles>
TRTLLM_INLINE void fetch_outputs(const LinearArgs& args, int row, int tile) {
  for (int r = 0; r < kRows; ++r) {
    if (args.epilogue == Epilogue::swiglu) {
      const auto* output = static_cast<const typename Arithmetic::Activation*>(args.output_activation) + (row + r) * args.output_activation_stride;
      __builtin_prefetch(output + tile * 8, 1);
      continue;
    }
    const float* output = args.output + (row + r) * args.output_stride + tile * 16;
    for (int t = 0; t < kTiles; ++t) __builtin_prefetch(output + t * 16, 1);
  }
}

// sum[0..kTiles): outputs [16 tile, 16 (tile + kTiles)) of one row. Not inlined: a call is nothing beside a row's products, and a copy in each
// of a class's hundred blocks was most of what it took to compile.
template <class Arithmetic, int kTiles>
[[gnu::noinline]] void finish_row(const LinearArgs& args, int row, int tile, const F32x16* sum) {
  if (args.epilogue == Epilogue::swiglu) {
    auto* output = static_cast<typename Arithmetic::Activation*>(args.output_activation) + row * args.output_activation_stride;
    for (int t = 0; t + 1 < kTiles; t += 2) {
      const F32x16 gate = with_bias(args, tile + t, sum[t]), up = with_bias(args, tile + t + 1, sum[t + 1]);
      Arithmetic::store_activation(output + (tile + t) / 2 * 16, mul(silu(gate), up), 16);
    }
    return;
  }
  for (int t = 0; t < kTiles; ++t) {
    const int first = (tile + t) * 16;
    const int count = smaller(args.weight.n - first, 16);
    float* output = args.output + row * args.output_stride + first;
    const F32x16 y = with_bias(args, tile + t, sum[t]);
    const bool adds = args.epilogue == Epilogue::add_residual;
    store_first(output, adds ? add(load_first(output, count), y) : y, count);
  }
}

// The same of a weight with a scale for each output, if it has one.
template <class Arithmetic, int kTiles>
TRTLLM_INLINE void finish_scaled_row(const LinearArgs& args, int row, int tile, F32x16* sum) {
  if (args.weight.scale) {
    for (int t = 0; t < kTiles; ++t) sum[t] = mul(sum[t], load(args.weight.scale + (tile + t) * 16));
  }
  finish_row<Arithmetic, kTiles>(args, row, tile, sum);
}

}  // namespace trtllm::ops::TRTLLM_ISA
