// The AMX class's sums, bit for bit: the software tile unit against the formula written out, and the hardware against the
// software unit on machines that have it.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/op_data.h"

namespace trtllm::ops {
namespace {

constexpr int kRows = 35, kOutputs = 80, kInputs = 96;

std::vector<float> run(Isa isa, const std::vector<float>& x, const Weight& weight) {
  const Kernels& table = kernels(isa, DType::bfloat16);
  Activations input(table.activation, kRows, kInputs, x);
  std::vector<float> output(kRows * kOutputs);
  AlignedBytes scratch(table.linear_scratch_bytes(kRows, kInputs));
  LinearArgs args;
  args.input = input.row(0);
  args.input_stride = input.stride();
  args.rows = kRows;
  args.weight = weight.view;
  args.output = output.data();
  args.output_stride = kOutputs;
  args.tile_end = kOutputs / 16;
  args.scratch = scratch.data();
  table.thread_begin();
  table.linear(args);
  table.thread_end();
  return output;
}

float flushed(float value) { return std::abs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0f, value) : value; }

// Every 32 k: a chain over the even k, one over the odd k, their sum, added to what there is; denormals are zero throughout.
float formula(const float* x, const float* w) {
  float total = 0;
  for (int k = 0; k < kInputs; k += 32) {
    float even = 0, odd = 0;
    for (int i = k; i < k + 32; i += 2) {
      even = flushed(std::fma(flushed(x[i]), flushed(w[i]), even));
      odd = flushed(std::fma(flushed(x[i + 1]), flushed(w[i + 1]), odd));
    }
    total = flushed(total + flushed(even + odd));
  }
  return total;
}

struct Operands {
  std::vector<float> x = stored_gaussian(DType::bfloat16, kRows * kInputs, 1);
  Weight weight{DType::bfloat16, kOutputs, kInputs, 2};

  // Row 7 of x becomes so small that inputs, products or sums are denormal.
  void add_tiny_row() {
    for (int i = 0; i < kInputs; ++i) {
      const int exponent = i % 3 == 0 ? -128 : -124;
      x[7 * kInputs + i] = round_to_bf16(std::ldexp(x[7 * kInputs + i], exponent));
    }
  }
};

TEST(TileUnit, in_software_it_computes_the_formula_bit_for_bit) {
  if (!isa_available(Isa::amx_emulated)) GTEST_SKIP() << "no AVX-512 on this machine: the software tile unit is built on it";
  Operands operands;
  operands.add_tiny_row();
  const std::vector<float> result = run(Isa::amx_emulated, operands.x, operands.weight);
  for (int row = 0; row < kRows; ++row) {
    for (int out = 0; out < kOutputs; ++out) {
      const float expected = formula(&operands.x[row * kInputs], &operands.weight.values[static_cast<size_t>(out) * kInputs]);
      ASSERT_TRUE(same_bits(result[row * kOutputs + out], expected)) << row << ", " << out;
    }
  }
}

TEST(TileUnit, in_hardware_it_gives_the_bits_of_the_software_unit) {
  if (!isa_available(Isa::amx)) GTEST_SKIP() << "no AMX on this machine: only the software tile unit was tested";
  Operands operands;
  operands.add_tiny_row();
  EXPECT_TRUE(same_bits(run(Isa::amx, operands.x, operands.weight), run(Isa::amx_emulated, operands.x, operands.weight)));
}

}  // namespace
}  // namespace trtllm::ops
