// Quantized weights for the op tests: random codes and scales packed as docs/engine-format.md says, and what they stand for in double.
#pragma once

#include "ops/op_data.h"

namespace trtllm::ops {

enum class Scheme { int8, int4_groups, int4_two_level };

struct QuantizedWeight {
  QuantizedWeight(Scheme scheme, int n, int k, int group_size, uint32_t seed) : scheme(scheme), codes(static_cast<size_t>(n) * k) {
    std::mt19937 random(seed);
    view.dtype = scheme == Scheme::int8 ? DType::int8 : DType::int4;
    view.n = n;
    view.k = k;
    view.n_padded = static_cast<int>(round_up(n, 16));
    view.k_padded = static_cast<int>(round_up(k, 64));
    view.group_size = scheme == Scheme::int8 ? 0 : group_size;
    const size_t size = static_cast<size_t>(view.n_padded / 16 * view.column_bytes());
    bytes = AlignedBytes(size);
    std::memset(bytes.data(), scheme == Scheme::int8 ? 0 : 0x88, size);
    for (int out = 0; out < n; ++out) {
      for (int in = 0; in < k; ++in) put(out, in, static_cast<int>(random() % (scheme == Scheme::int8 ? 256 : 16)) - (scheme == Scheme::int8 ? 128 : 8));
    }
    scales.assign(view.n_padded, 0);
    for (int out = 0; out < n; ++out) scales[out] = 0.001f * static_cast<float>(1 + random() % 100);
    const size_t groups = static_cast<size_t>(view.n_padded) * view.num_groups();
    group_scales.assign(groups, 0);
    multipliers.assign(groups, 0);
    for (float& scale : group_scales) scale = 0.001f * (static_cast<float>(random() % 200) - 100);
    for (int8_t& multiplier : multipliers) multiplier = static_cast<int8_t>(static_cast<int>(random() % 31) - 15);
    view.data = bytes.data();
    if (scheme == Scheme::int4_groups) view.group_scale = group_scales.data();
    if (scheme == Scheme::int4_two_level) view.multiplier = multipliers.data();
    if (scheme != Scheme::int4_groups) view.scale = scales.data();
  }

  void put(int64_t out, int64_t in, int code) {
    codes[static_cast<size_t>(out * view.k + in)] = code;
    const int64_t row = in % 64 / 4, column = out % 16 * 4 + in % 4;
    const int64_t tile = out / 16 * (view.k_padded / 64) + in / 64;
    if (scheme == Scheme::int8) {
      bytes.data()[(tile * 16 + row) * 64 + column] = static_cast<std::byte>(code);
      return;
    }
    std::byte& both = bytes.data()[(tile * 8 + row % 8) * 64 + column];
    const auto half = static_cast<std::byte>(code + 8);
    both = row < 8 ? (both & std::byte{0xf0}) | half : (both & std::byte{0x0f}) | half << 4;
  }

  int64_t group_index(int out, int in) const { return (int64_t{out / 16} * view.num_groups() + in / view.group_size) * 16 + out % 16; }
  // code * multiplier: what int8 rows are multiplied with.
  int integer(int out, int in) const {
    const int code = codes[static_cast<size_t>(out) * view.k + in];
    return scheme == Scheme::int4_two_level ? code * multipliers[group_index(out, in)] : code;
  }
  double value(int out, int in) const {
    return integer(out, in) * double{scheme == Scheme::int4_groups ? group_scales[group_index(out, in)] : scales[out]};
  }

  Scheme scheme;
  std::vector<int> codes;  // [n, k]
  std::vector<float> scales, group_scales;
  std::vector<int8_t> multipliers;
  AlignedBytes bytes;
  PackedWeight view;
};

// Int8Rows that `quantize` of one table makes of activations.
struct QuantizedRows {
  QuantizedRows(const Kernels& table, int rows, int width, const std::vector<float>& values)
      : width(width), stride(Int8Row::bytes(width) + 64), bytes(static_cast<size_t>(rows + 15) * stride), input(table.activation, rows, width, values) {
    table.quantize({.input = input.row(0), .input_stride = input.stride(), .width = width, .output = bytes.data(), .output_stride = stride, .row_end = rows});
  }
  template <class T>
  T at(int row, int64_t offset) const {
    T value;
    std::memcpy(&value, bytes.data() + row * stride + offset, sizeof value);
    return value;
  }
  int code(int row, int column) const { return at<int8_t>(row, column); }
  // Of the codes before 32 * index.
  int sum(int row, int index) const { return at<int32_t>(row, Int8Row::sums_offset(width) + 4 * index); }
  float scale(int row) const { return at<float>(row, Int8Row::scale_offset(width)); }
  int total(int row) const { return at<int32_t>(row, Int8Row::total_offset(width)); }

  int width;
  int64_t stride;
  AlignedBytes bytes;
  Activations input;
};

}  // namespace trtllm::ops
