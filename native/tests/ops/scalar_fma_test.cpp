// The scalar class's fused multiply-add, made of other instructions, against std::fma bit for bit: for factors that bf16 holds and for any.
#define TRTLLM_ISA scalar_fma_test

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>

#include "ops/cpu/f32x16_scalar.h"
#include "repetitions.h"

namespace trtllm::ops::scalar_fma_test {
namespace {

std::mt19937 generator(7);

// A sign, a mantissa whose lower bits are zero, and an exponent out of [lowest, lowest + count); 0 is that of denormals, 255 of infinity and NaN.
float any_float(uint32_t lowest, uint32_t count, uint32_t mantissa_bits) {
  const uint32_t sign_and_mantissa = generator() & (0x80000000u | (0x7fffffu >> (23 - mantissa_bits) << (23 - mantissa_bits)));
  return float_of(sign_and_mantissa | (lowest + generator() % count) << 23);
}

void expect_fused(uint32_t lowest, uint32_t count, uint32_t factor_bits, uint32_t addend_bits) {
  F32x16 a, b, c;
  for (int i = 0; i < 16; ++i) {
    a.lane[i] = any_float(lowest, count, factor_bits), b.lane[i] = any_float(lowest, count, factor_bits);
    c.lane[i] = generator() % 8 == 0 ? -a.lane[i] * b.lane[i] : any_float(lowest, count, addend_bits);
  }
  const F32x16 result = fma(a, b, c);
  for (int i = 0; i < 16; ++i) {
    const float expected = std::fma(a.lane[i], b.lane[i], c.lane[i]);
    if (std::isnan(expected) && std::isnan(result.lane[i])) continue;
    ASSERT_EQ(bits_of(result.lane[i]), bits_of(expected)) << std::hexfloat << a.lane[i] << " * " << b.lane[i] << " + " << c.lane[i];
  }
}

TEST(ScalarFma, IsRoundedOnce) {
  // All exponents; those of ordinary numbers; those whose products are denormal or lie around the smallest normal float; the largest.
  const std::pair<uint32_t, uint32_t> exponents[] = {{0, 256}, {117, 20}, {0, 80}, {48, 24}, {185, 10}};
  for (const auto& [lowest, count] : exponents) {
    for (const uint32_t factor_bits : {7, 11, 12, 23}) {
      for (const uint32_t addend_bits : {0, 7, 23}) {
        for (int repetition = 0; repetition < repetitions(500); ++repetition) expect_fused(lowest, count, factor_bits, addend_bits);
      }
    }
  }
}

// Of factors whose product is denormal, or nothing, the sum still has to know.
TEST(ScalarFma, OfDenormalProducts) {
  for (int repetition = 0; repetition < repetitions(2000); ++repetition) {
    F32x16 a, b, c;
    for (int i = 0; i < 16; ++i) {
      a.lane[i] = any_float(40, 12, 7), b.lane[i] = any_float(50, 12, 7);
      c.lane[i] = float_of((generator() & 0x80000003u) | (generator() % 3) << 23);
    }
    const F32x16 result = fma(a, b, c);
    for (int i = 0; i < 16; ++i) ASSERT_EQ(bits_of(result.lane[i]), bits_of(std::fma(a.lane[i], b.lane[i], c.lane[i])));
  }
}

// The sum is a bit above the middle of two denormals, by less than a double can tell.
TEST(ScalarFma, OfDenormalSumsThatADoubleRounds) {
  const float a = 0x1.001p-75f, b = 0x1.ffe002p-76f, c = 0x1p-127f;
  EXPECT_EQ(fma(splat(a), splat(b), splat(c)).lane[15], 0x1p-127f + 0x1p-149f);
  EXPECT_EQ(std::fma(a, b, c), 0x1p-127f + 0x1p-149f);
}

}  // namespace
}  // namespace trtllm::ops::scalar_fma_test
