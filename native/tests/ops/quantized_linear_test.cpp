// linear of quantized weights against sums in double precision, and linear_int8 and quantize against their definitions, on every class.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ops/quantized_weight.h"

namespace trtllm::ops {
namespace {

struct Case {
  int rows, n, k, group_size;
};

// Odd and even sizes around the 16 lanes, the 64 k of a tile, a group, and blocks of rows; the last two cross ranges of k.
const Case kCases[] = {{1, 64, 64, 32},   {1, 100, 200, 64},  {2, 17, 20, 32},    {3, 32, 130, 128}, {4, 64, 96, 32},    {5, 33, 257, 128},
                       {6, 160, 128, 64}, {7, 64, 320, 128}, {13, 48, 100, 64}, {49, 40, 65, 32}, {9, 32, 2200, 128}, {250, 32, 2112, 64},
                       {300, 36, 4160, 128}};

// Rows [first, first + count) of y, the tile columns in pieces of `grain`; swiglu: [rows, n / 2].
struct Call {
  Call(const Kernels& table, Scheme scheme, const Case& shape, Epilogue epilogue = Epilogue::store)
      : Call(table, scheme, shape, epilogue, stored_gaussian(DType::bfloat16, static_cast<size_t>(shape.rows) * shape.k, 2)) {}
  Call(const Kernels& table, Scheme scheme, const Case& shape, Epilogue epilogue, std::vector<float> inputs)
      : table(table), shape(shape), epilogue(epilogue), weight(scheme, shape.n, shape.k, shape.group_size, 1), x(std::move(inputs)),
        input(table.activation, shape.rows, shape.k, x), int8_rows(table, shape.rows, shape.k, x), bias(gaussian(weight.view.n_padded, 3)) {}

  int width() const { return epilogue == Epilogue::swiglu ? shape.n / 2 : shape.n; }

  std::vector<std::vector<float>> run(bool from_int8, int first, int count, int grain) {
    std::vector<float> output(static_cast<size_t>(count) * shape.n, 0.5f);
    Activations gated(table.activation, count, width());
    LinearArgs args;
    args.input = from_int8 ? static_cast<void*>(int8_rows.bytes.data() + first * int8_rows.stride) : input.row(first);
    args.input_stride = from_int8 ? int8_rows.stride : input.stride();
    args.rows = count;
    args.weight = weight.view;
    args.bias = bias.data();
    args.epilogue = epilogue;
    args.output = output.data();
    args.output_stride = shape.n;
    args.output_activation = gated.row(0);
    args.output_activation_stride = gated.stride();
    run_linear(table, from_int8 ? table.linear_int8 : table.linear, args, grain);
    std::vector<std::vector<float>> rows;
    for (int row = 0; row < count; ++row) {
      const float* begin = output.data() + static_cast<size_t>(row) * shape.n;
      rows.push_back(epilogue == Epilogue::swiglu ? gated.columns(row, width()) : std::vector<float>(begin, begin + shape.n));
    }
    return rows;
  }
  std::vector<std::vector<float>> run(bool from_int8) { return run(from_int8, 0, shape.rows, 1024); }

  const Kernels& table;
  Case shape;
  Epilogue epilogue;
  QuantizedWeight weight;
  std::vector<float> x;
  Activations input;
  QuantizedRows int8_rows;
  std::vector<float> bias;
};

bool has_tiles(const Kernels& table) { return table.isa == Isa::amx || table.isa == Isa::amx_emulated; }

// The last case is longer than the ranges of the lane classes ask for, and slow on them.
bool is_for(const Kernels& table, const Case& shape) { return has_tiles(table) || shape.k <= 4096; }

// A tile unit takes an int4 weight with its group's scale, rounded to bf16.
double weight_rounding(const Call& call) { return has_tiles(call.table) && call.weight.scheme == Scheme::int4_groups ? 0x1p-8 : 0; }

void expect_near_double(Call& call) {
  const auto result = call.run(false);
  std::vector<double> weights(call.shape.k);  // of one output: decoded once for all rows
  for (int out = 0; out < call.shape.n; ++out) {
    for (int i = 0; i < call.shape.k; ++i) weights[i] = call.weight.value(out, i);
    for (int row = 0; row < call.shape.rows; ++row) {
      const float* x = call.x.data() + static_cast<size_t>(row) * call.shape.k;
      const double* weight = weights.data();
      double expected = call.bias[out], size = std::abs(expected);
      for (int i = 0; i < call.shape.k; ++i) {
        const double product = x[i] * weight[i];
        expected += product;
        size += std::abs(product);
      }
      ASSERT_NEAR(result[row][out], expected, ((call.shape.k + 8) * 0x1p-24 + weight_rounding(call)) * size)
          << name_of(call.table) << " rows " << call.shape.rows << " n " << call.shape.n << " k " << call.shape.k << " at " << row << ", " << out;
    }
  }
}

TEST(QuantizedLinear, of_bf16_inputs_is_the_sum_of_the_weights_that_the_codes_stand_for) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (const Case& shape : kCases) {
      if (!is_for(*table, shape)) continue;
      for (Scheme scheme : {Scheme::int8, Scheme::int4_groups}) {
        Call call(*table, scheme, shape);
        expect_near_double(call);
      }
    }
  }
}

// float(sum) * row scale * output scale + bias, every step rounded to float32: nothing is left to a class.
void expect_exact(Call& call) {
  const Case& shape = call.shape;
  const auto result = call.run(true);
  std::vector<int> codes, integers(shape.k);  // of all rows, and of one output
  for (int row = 0; row < shape.rows; ++row) {
    for (int i = 0; i < shape.k; ++i) codes.push_back(call.int8_rows.code(row, i));
  }
  for (int out = 0; out < shape.n; ++out) {
    for (int i = 0; i < shape.k; ++i) integers[i] = call.weight.integer(out, i);
    for (int row = 0; row < shape.rows; ++row) {
      const int *code = codes.data() + static_cast<size_t>(row) * shape.k, *weight = integers.data();
      int64_t sum = 0;
      for (int i = 0; i < shape.k; ++i) sum += int64_t{code[i]} * weight[i];
      volatile float scaled = static_cast<float>(sum) * call.int8_rows.scale(row);
      scaled = scaled * call.weight.scales[out];
      ASSERT_EQ(result[row][out], scaled + call.bias[out]) << name_of(call.table) << " rows " << shape.rows << " n " << shape.n << " k " << shape.k;
    }
  }
}

TEST(QuantizedLinear, of_int8_inputs_is_exact_in_integers_on_every_class) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (const Case& shape : kCases) {
      if (!is_for(*table, shape)) continue;
      for (Scheme scheme : {Scheme::int8, Scheme::int4_two_level}) {
        Call call(*table, scheme, shape);
        expect_exact(call);
      }
    }
  }
}

// Sums of 16 bits, where a class has them, are as large as they get: every input 127 or -127 by rows, every code the largest or the least
// by outputs, every multiplier 15 or -15.
TEST(QuantizedLinear, of_the_largest_codes_is_exact_on_every_class) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (const Case& shape : {Case{1, 64, 256, 128}, Case{5, 32, 256, 64}, Case{18, 32, 192, 32}}) {
      std::vector<float> x(static_cast<size_t>(shape.rows) * shape.k, 1.0f);
      for (int row = 1; row < shape.rows; row += 2) std::fill_n(x.begin() + row * shape.k, shape.k, -1.0f);
      for (Scheme scheme : {Scheme::int8, Scheme::int4_two_level}) {
        Call call(*table, scheme, shape, Epilogue::store, x);
        const int largest = scheme == Scheme::int8 ? 127 : 7, least = scheme == Scheme::int8 ? -127 : -8;
        for (int out = 0; out < shape.n; ++out) {
          for (int in = 0; in < shape.k; ++in) call.weight.put(out, in, out % 2 ? least : largest);
        }
        for (size_t i = 0; i < call.weight.multipliers.size(); ++i) call.weight.multipliers[i] = i % 3 ? 15 : -15;
        ASSERT_EQ(call.int8_rows.code(0, 0), 127);
        expect_exact(call);
      }
    }
  }
}

TEST(QuantizedLinear, has_the_same_bits_on_every_lane_class) {
  for (const Case& shape : kCases) {
    if (shape.k > 4096) continue;
    for (Scheme scheme : {Scheme::int8, Scheme::int4_groups}) {
      const auto expected = Call(*lane_tables(DType::bfloat16)[0], scheme, shape).run(false);
      for (const Kernels* table : lane_tables(DType::bfloat16)) ASSERT_TRUE(same_bits(Call(*table, scheme, shape).run(false), expected)) << name_of(*table);
    }
  }
}

TEST(QuantizedLinear, has_the_same_bits_on_the_tile_unit_in_hardware_and_in_software) {
  if (!isa_available(Isa::amx)) GTEST_SKIP() << "no AMX on this machine: only the software tile unit was tested";
  const Kernels &hardware = kernels(Isa::amx, DType::bfloat16), &software = kernels(Isa::amx_emulated, DType::bfloat16);
  for (const Case& shape : kCases) {
    for (auto [scheme, from_int8] : {std::pair{Scheme::int8, false}, {Scheme::int8, true}, {Scheme::int4_groups, false}, {Scheme::int4_two_level, true}}) {
      ASSERT_TRUE(same_bits(Call(hardware, scheme, shape).run(from_int8), Call(software, scheme, shape).run(from_int8))) << "rows " << shape.rows << " k " << shape.k;
    }
  }
}

TEST(QuantizedLinear, gives_a_row_the_same_bits_alone_and_in_any_batch_and_tile_range) {
  const Case shape{260, 96, 2112, 128};
  for (const Kernels* table : tables(DType::bfloat16)) {
    if (table->isa == Isa::scalar) continue;  // same source as avx512, and slow
    for (Scheme scheme : {Scheme::int8, Scheme::int4_groups, Scheme::int4_two_level}) {
      for (Epilogue epilogue : {Epilogue::store, Epilogue::add_residual, Epilogue::swiglu}) {
        const bool from_int8 = scheme == Scheme::int4_two_level;
        Call call(*table, scheme, shape, epilogue);
        const auto whole = call.run(from_int8);
        ASSERT_TRUE(same_bits(call.run(from_int8, 0, shape.rows, 2), whole)) << name_of(*table);
        for (int row : {0, 5, 239, 240, 259}) ASSERT_TRUE(same_bits(call.run(from_int8, row, 1, 6)[0], whole[row])) << name_of(*table) << " row " << row;
        for (int count : {2, 3, 6, 7, 33}) {
          const auto part = call.run(from_int8, 200, count, 4);
          for (int row = 0; row < count; ++row) ASSERT_TRUE(same_bits(part[row], whole[200 + row])) << name_of(*table) << " count " << count;
        }
      }
    }
  }
}

TEST(QuantizedEmbedding, gives_a_row_of_the_weights_that_the_codes_stand_for) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (Scheme scheme : {Scheme::int8, Scheme::int4_groups, Scheme::int4_two_level}) {
      for (int k : {1, 33, 64, 200}) {
        const QuantizedWeight weight(scheme, 37, k, 32, 6);
        const std::vector<int32_t> tokens{36, 0, 15, 16};
        std::vector<float> output(tokens.size() * k, -1);
        table->embed({weight.view, tokens.data(), output.data(), k, 1, static_cast<int>(tokens.size())});
        for (int i = 0; i < k; ++i) EXPECT_EQ(output[i], -1) << "row 0 is outside the range";
        for (size_t row = 1; row < tokens.size(); ++row) {
          for (int i = 0; i < k; ++i) ASSERT_EQ(output[row * k + i], static_cast<float>(weight.value(tokens[row], i))) << name_of(*table);
        }
      }
    }
  }
}

TEST(Quantize, gives_the_nearest_codes_their_sums_and_the_row_scale) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (int width : {1, 16, 63, 64, 100, 2048}) {
      const auto values = stored_gaussian(DType::bfloat16, 3 * static_cast<size_t>(width), 5);
      const QuantizedRows rows(*table, 3, width, values);
      for (int row = 0; row < 3; ++row) {
        float largest = 0;
        for (int i = 0; i < width; ++i) largest = std::max(largest, std::abs(values[static_cast<size_t>(row) * width + i]));
        ASSERT_EQ(rows.scale(row), largest / 127);
        int total = 0;
        for (int i = 0; i < round_up(width, 64); ++i) {
          const float x = i < width ? values[static_cast<size_t>(row) * width + i] : 0;
          ASSERT_EQ(rows.code(row, i), static_cast<int>(std::nearbyint(x * (127 / largest)))) << name_of(*table) << " width " << width << " at " << i;
          total += rows.code(row, i);
        }
        ASSERT_EQ(rows.total(row), total);
        for (int s = 0, sum = 0; s <= round_up(width, 64) / 32; ++s) {
          ASSERT_EQ(rows.sum(row, s), sum);
          for (int i = 32 * s; i < 32 * s + 32 && i < round_up(width, 64); ++i) sum += rows.code(row, i);
        }
      }
    }
  }
}

TEST(Quantize, keeps_nan_and_infinity_in_the_scale_and_zeros_zero) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    std::vector<float> values(4 * 100, 1.0f);
    values[7] = NAN;
    values[100 + 99] = -INFINITY;
    std::fill_n(values.begin() + 200, 100, 0.0f);
    const QuantizedRows rows(*table, 4, 100, values);
    EXPECT_TRUE(std::isnan(rows.scale(0)));
    EXPECT_TRUE(std::isnan(rows.scale(1)));
    EXPECT_EQ(rows.scale(2), 0);
    EXPECT_EQ(rows.scale(3), 1.0f / 127);
    for (int row : {0, 1, 2}) EXPECT_EQ(rows.total(row), 0) << name_of(*table);
    EXPECT_EQ(rows.total(3), 12700);
  }
}

}  // namespace
}  // namespace trtllm::ops
