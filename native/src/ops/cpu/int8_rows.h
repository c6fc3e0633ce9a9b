// Int8Row as linear_int8 reads it, and what its sums stand for.
#pragma once

#include "ops/cpu/epilogue.h"

namespace trtllm::ops::TRTLLM_ISA {

// Some Int8Rows of a call, from one k on.
struct Int8Rows {
  Int8Rows(const LinearArgs& args, int row, int k)
      : first(static_cast<const std::byte*>(args.input) + row * args.input_stride), stride(args.input_stride), width(args.weight.k), first_k(k) {}

  const int8_t* codes(int r, int k) const { return reinterpret_cast<const int8_t*>(first + r * stride) + first_k + k; }
  // Sum of the codes of [begin, end), multiples of 32.
  int sum(int r, int begin, int end) const {
    static_assert(Int8Row::kSumCodes == 32);
    const auto* before = reinterpret_cast<const int32_t*>(first + r * stride + Int8Row::sums_offset(width));
    return before[(first_k + end) / 32] - before[(first_k + begin) / 32];
  }
  int total(int r) const { return at<int32_t>(r, Int8Row::total_offset(width)); }
  float scale(int r) const { return at<float>(r, Int8Row::scale_offset(width)); }

  const std::byte* first;
  int64_t stride;
  int width, first_k;

 private:
  template <class T>
  T at(int r, int64_t offset) const {
    return *reinterpret_cast<const T*>(first + r * stride + offset);
  }
};

// sum[0..kTiles): integer sums of outputs [16 tile, 16 (tile + kTiles)) of one row. Each step is rounded: no class may fuse them.
template <class Arithmetic, int kTiles>
TRTLLM_INLINE void finish_int8_row(const LinearArgs& args, int row, int tile, float row_scale, const I32x16* sum) {
  F32x16 y[kTiles];
  for (int t = 0; t < kTiles; ++t) y[t] = mul(mul(to_float(sum[t]), splat(row_scale)), load(args.weight.scale + (tile + t) * 16));
  finish_row<Arithmetic, kTiles>(args, row, tile, y);
}

}  // namespace trtllm::ops::TRTLLM_ISA
