// linear against sums in double precision; and its promises: classes agree in bits, rows and tile ranges do not show.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/op_data.h"

namespace trtllm::ops {
namespace {

struct Case {
  int rows, n, k;
  Epilogue epilogue;
  bool has_bias;
};

// Odd and even sizes around the 16 lanes, the 32 of a tile and every register block.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (int rows : {1, 2, 3, 4, 5, 6, 7, 13, 15, 16, 17, 31, 32, 33, 49}) {
    for (auto [n, k] : {std::pair{1, 1}, {16, 32}, {17, 33}, {47, 100}, {64, 64}, {112, 31}, {160, 96}}) {
      for (Epilogue epilogue : {Epilogue::store, Epilogue::add_residual}) {
        all.push_back({rows, n, k, epilogue, (rows + n) % 2 == 0});
      }
    }
    for (auto [n, k] : {std::pair{32, 32}, {96, 40}, {160, 65}}) all.push_back({rows, n, k, Epilogue::swiglu, rows % 2 == 0});
  }
  return all;
}

// One call's operands. Its result is float32 [rows, n], or for swiglu the activations [rows, n / 2].
struct Call {
  Call(const Kernels& table, const Case& shape)
      : table(table),
        shape(shape),
        weight(table.arithmetic, shape.n, shape.k, 1),
        x(stored_gaussian(table.arithmetic, static_cast<size_t>(shape.rows) * shape.k, 2)),
        input(table.activation, shape.rows, shape.k, x),
        bias(gaussian(weight.view.n_padded, 3)),
        residual(gaussian(static_cast<size_t>(shape.rows) * shape.n, 4)) {}

  int width() const { return shape.epilogue == Epilogue::swiglu ? shape.n / 2 : shape.n; }

  // Rows [first, first + count), the tile columns in pieces of `grain`.
  std::vector<std::vector<float>> run(int first, int count, int grain) {
    std::vector<float> output = residual;
    Activations gated(table.activation, shape.rows, width());
    LinearArgs args;
    args.input = input.row(first);
    args.input_stride = input.stride();
    args.rows = count;
    args.weight = weight.view;
    args.bias = shape.has_bias ? bias.data() : nullptr;
    args.epilogue = shape.epilogue;
    args.output = output.data() + static_cast<size_t>(first) * shape.n;
    args.output_stride = shape.n;
    args.output_activation = gated.row(first);
    args.output_activation_stride = gated.stride();
    run_linear(table, table.linear, args, grain);
    std::vector<std::vector<float>> rows;
    for (int row = first; row < first + count; ++row) {
      const float* begin = output.data() + static_cast<size_t>(row) * shape.n;
      rows.push_back(shape.epilogue == Epilogue::swiglu ? gated.columns(row, width()) : std::vector<float>(begin, begin + shape.n));
    }
    return rows;
  }
  std::vector<std::vector<float>> run() { return run(0, shape.rows, weight.view.n_padded / 16); }

  // The sum in double, and the sum of the absolute products, to which float32 rounding is proportional.
  std::pair<double, double> sum(int row, int out) const {
    double total = shape.has_bias ? bias[out] : 0, size = std::abs(total);
    for (int i = 0; i < shape.k; ++i) {
      const double product = double{x[static_cast<size_t>(row) * shape.k + i]} * weight.values[static_cast<size_t>(out) * shape.k + i];
      total += product;
      size += std::abs(product);
    }
    return {total, size};
  }

  const Kernels& table;
  Case shape;
  Weight weight;
  std::vector<float> x;
  Activations input;
  std::vector<float> bias, residual;
};

constexpr double kFloatRounding = 0x1p-24, kBf16Rounding = 0x1p-8;

// k fused steps and a few more, each rounding by at most 2^-24 of what was summed so far.
double sum_tolerance(const Case& shape, double size) { return (shape.k + 4) * kFloatRounding * size; }

void expect_near_reference(const Kernels& table, const Case& shape) {
  Call call(table, shape);
  const auto result = call.run();
  for (int row = 0; row < shape.rows; ++row) {
    for (int column = 0; column < call.width(); ++column) {
      double expected, tolerance;
      if (shape.epilogue == Epilogue::swiglu) {
        const int gate_out = column / 16 * 32 + column % 16;
        const auto [gate, gate_size] = call.sum(row, gate_out);
        const auto [up, up_size] = call.sum(row, gate_out + 16);
        expected = gate / (1 + std::exp(-gate)) * up;
        // silu's slope is below 1.1; exp, division and product add a few roundings of the result.
        tolerance = 1.1 * sum_tolerance(shape, gate_size) * std::abs(up) + sum_tolerance(shape, up_size) * std::abs(gate) +
                    std::abs(expected) * (16 * kFloatRounding + (table.arithmetic == DType::bfloat16 ? kBf16Rounding : 0)) + 1e-7;
      } else {
        const auto [total, size] = call.sum(row, column);
        const double before = shape.epilogue == Epilogue::add_residual ? call.residual[static_cast<size_t>(row) * shape.n + column] : 0;
        expected = total + before;
        tolerance = sum_tolerance(shape, size + std::abs(before));
      }
      ASSERT_NEAR(result[row][column], expected, tolerance)
          << name_of(table) << " rows " << shape.rows << " n " << shape.n << " k " << shape.k << " at " << row << ", " << column;
    }
  }
}

class Linear : public testing::TestWithParam<DType> {};
INSTANTIATE_TEST_SUITE_P(Arithmetics, Linear, testing::Values(DType::bfloat16, DType::float32),
                         [](const auto& info) { return info.param == DType::bfloat16 ? "bfloat16" : "float32"; });

TEST_P(Linear, gives_the_sum_in_double_precision_within_float_rounding) {
  for (const Kernels* table : tables(GetParam())) {
    for (const Case& shape : cases()) expect_near_reference(*table, shape);
  }
}

TEST_P(Linear, has_the_same_bits_on_every_lane_class) {
  for (const Case& shape : cases()) {
    const auto expected = Call(*lane_tables(GetParam())[0], shape).run();
    for (const Kernels* table : lane_tables(GetParam())) {
      ASSERT_TRUE(same_bits(Call(*table, shape).run(), expected)) << name_of(*table) << " n " << shape.n << " k " << shape.k;
    }
  }
}

// scalar has no FMA instruction: its emulation must round right at ties between two floats and among denormals too.
TEST_P(Linear, has_the_same_bits_where_rounding_is_hardest) {
  std::mt19937 random(7);
  const auto hard_value = [&] {
    const float few_bits = static_cast<float>(1 + random() % 8) + (random() % 2 ? 0x1p-12f : 0x1p-22f);
    const float value = std::ldexp(random() % 2 ? few_bits : -few_bits, static_cast<int>(random() % 30) - (random() % 2 ? 80 : 12));
    return GetParam() == DType::bfloat16 ? round_to_bf16(value) : value;
  };
  std::vector<std::vector<float>> expected;
  for (const Kernels* table : lane_tables(GetParam())) {
    random.seed(7);
    Call call(*table, {16, 64, 32, Epilogue::store, false});
    for (int i = 0; i < 16 * 32; ++i) call.input.set(i / 32, i % 32, hard_value());
    for (int i = 0; i < 64 * 32; ++i) call.weight.put(i / 32, i % 32, hard_value());
    const auto result = call.run();
    if (expected.empty()) expected = result;
    ASSERT_TRUE(same_bits(result, expected)) << name_of(*table);
  }
}

TEST_P(Linear, gives_a_row_the_same_bits_alone_and_in_any_batch_and_tile_range) {
  for (const Kernels* table : tables(GetParam())) {
    for (Epilogue epilogue : {Epilogue::store, Epilogue::add_residual, Epilogue::swiglu}) {
      Call call(*table, {49, 224, 96, epilogue, true});
      const auto whole = call.run();
      for (int grain : {2, 4, 6}) ASSERT_TRUE(same_bits(call.run(0, 49, grain), whole)) << name_of(*table) << " grain " << grain;
      for (int row = 0; row < 49; ++row) ASSERT_TRUE(same_bits(call.run(row, 1, 14)[0], whole[row])) << name_of(*table) << " row " << row;
      for (int count : {2, 5, 16, 17, 32, 33, 48}) {
        const auto part = call.run(1, count, 4);
        for (int row = 0; row < count; ++row) ASSERT_TRUE(same_bits(part[row], whole[row + 1])) << name_of(*table) << " count " << count;
      }
    }
  }
}

// More rows, k and columns than one walk of the AMX class holds together, so that sums are put aside and taken up again.
TEST_P(Linear, gives_a_row_the_same_bits_in_a_batch_that_no_cache_holds) {
  for (const Kernels* table : tables(GetParam())) {
    if (table->isa == Isa::scalar || table->isa == Isa::avx2) continue;  // same source as avx512, and slow
    Call call(*table, {300, 16 * 34, 4128, Epilogue::add_residual, true});
    const auto whole = call.run();
    for (int row : {0, 15, 16, 255, 256, 287, 299}) ASSERT_TRUE(same_bits(call.run(row, 1, 34)[0], whole[row])) << name_of(*table) << " row " << row;
    const auto part = call.run(250, 40, 8);
    for (int row = 0; row < 40; ++row) ASSERT_TRUE(same_bits(part[row], whole[250 + row])) << name_of(*table);
  }
}

TEST_P(Linear, keeps_nan_and_infinity_in_their_row) {
  for (const Kernels* table : tables(GetParam())) {
    for (Epilogue epilogue : {Epilogue::store, Epilogue::swiglu}) {
      Call call(*table, {20, 64, 64, epilogue, false});
      const auto healthy = call.run();
      call.input.set(3, 5, NAN);
      call.input.set(17, 60, INFINITY);
      const auto result = call.run();
      for (int row = 0; row < 20; ++row) {
        const bool is_ill = row == 3 || row == 17;
        ASSERT_EQ(same_bits(result[row], healthy[row]), !is_ill) << name_of(*table) << " row " << row;
      }
      for (float value : result[3]) ASSERT_TRUE(std::isnan(value)) << name_of(*table);
      for (float value : result[17]) ASSERT_FALSE(std::abs(value) < 1e30f && value != 0) << name_of(*table);
    }
  }
}

}  // namespace
}  // namespace trtllm::ops
