// Activations to int8 rows (Int8Row): one scale a row.
#pragma once

#include "ops/cpu/arithmetic.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr float kLargestCode = 127.0f;
inline constexpr float kSmallestRow = 0x1p-100f;  // rows below it are zero: 127 / max must be finite

struct RowSize {
  float largest;  // max |x|
  bool is_finite;
};

// Activations: columns up to the next multiple of 32 are zero and do no harm. Elsewhere the row ends where it ends.
template <class Arithmetic, bool kEndsSharply = false>
RowSize measure_row(const typename Arithmetic::Activation* x, int width) {
  F32x16 largest = zero(), vanishing = zero();
  for (int i = 0; i < width; i += 16) {
    F32x16 value;
    if constexpr (kEndsSharply) value = load_first(x + i, smaller(width - i, 16));
    else value = Arithmetic::load_activation(x + i);
    largest = max(largest, max(value, sub(zero(), value)));
    vanishing = fma(value, zero(), vanishing);  // 0 * x is NaN for NaN and infinity
  }
  const float rest = sum_of_lanes(vanishing);
  return {max_of_lanes(largest), rest == rest};
}

// To the nearest whole number, ties to even, of |value| < 2^22: the sum has no bits for a fraction.
TRTLLM_INLINE F32x16 round_to_whole(F32x16 value) {
  const F32x16 magic = splat(12582912.0f);  // 1.5 * 2^23
  return sub(add(value, magic), magic);
}

// codes = x * codes_per_unit, their sums behind them. Sums of whole numbers are exact in float32.
template <class Arithmetic>
void write_codes(const typename Arithmetic::Activation* x, int width, float codes_per_unit, std::byte* row) {
  auto* codes = reinterpret_cast<int8_t*>(row);
  auto* sums = reinterpret_cast<int32_t*>(row + Int8Row::sums_offset(width));
  const int padded = static_cast<int>(round_up(width, 64));
  sums[0] = 0;
  for (int i = 0; i < padded; i += Int8Row::kSumCodes) {
    F32x16 first = zero(), second = zero();
    if (i < width) {
      first = round_to_whole(mul(Arithmetic::load_activation(x + i), splat(codes_per_unit)));
      second = round_to_whole(mul(Arithmetic::load_activation(x + i + 16), splat(codes_per_unit)));
    }
    store_int8(codes + i, first);
    store_int8(codes + i + 16, second);
    const int place = i / Int8Row::kSumCodes;
    sums[place + 1] = sums[place] + static_cast<int>(sum_of_lanes(add(first, second)));
  }
}

template <class Arithmetic>
void quantize(const QuantizeArgs& args) {
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const auto* x = static_cast<const typename Arithmetic::Activation*>(args.input) + row * args.input_stride;
    std::byte* output = args.output + row * args.output_stride;
    const RowSize size = measure_row<Arithmetic>(x, args.width);
    const bool has_codes = size.is_finite && size.largest >= kSmallestRow;
    if (has_codes) write_codes<Arithmetic>(x, args.width, kLargestCode / size.largest, output);
    else __builtin_memset(output, 0, Int8Row::scale_offset(args.width));
    const float scale = size.is_finite ? size.largest / kLargestCode : __builtin_nanf("");
    __builtin_memcpy(output + Int8Row::scale_offset(args.width), &scale, 4);
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
