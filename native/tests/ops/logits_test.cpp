// scan_logits and weigh_logits against the definition, and equal bits on every class.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/op_data.h"

namespace trtllm::ops {
namespace {

constexpr int kSizes[] = {1, 15, 16, 17, 63, 64, 255, 256, 257, 300, 5000};

struct Weighed {
  std::vector<float> weights, sums;
  bool operator==(const Weighed&) const = default;
};

Weighed weigh(const Kernels& table, const std::vector<float>& logits, float scale) {
  const int count = static_cast<int>(logits.size());
  Weighed result{std::vector<float>(logits.size()), std::vector<float>(static_cast<size_t>(logit_blocks(count)))};
  table.weigh_logits({logits.data(), count, *std::ranges::max_element(logits), scale, result.weights.data(), result.sums.data()});
  return result;
}

TEST(Logits, scan_finds_the_first_of_the_best_and_each_blocks_best) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (int size : kSizes) {
      for (bool has_ties : {false, true}) {
        std::vector<float> logits = gaussian(static_cast<size_t>(size), static_cast<uint32_t>(size));
        if (has_ties) std::ranges::transform(logits, logits.begin(), [](float logit) { return std::round(logit); });
        std::vector<float> block_best(static_cast<size_t>(logit_blocks(size)));
        const LogitScan scan = table->scan_logits({logits.data(), size, block_best.data()});
        const auto best = std::ranges::max_element(logits);
        ASSERT_TRUE(scan.is_finite) << name_of(*table) << ", " << size;
        ASSERT_EQ(scan.best, *best);
        ASSERT_EQ(scan.token, best - logits.begin()) << name_of(*table) << ", " << size;
        for (int block = 0; block < logit_blocks(size); ++block)
          ASSERT_EQ(block_best[block], *std::max_element(logits.begin() + block * kLogitBlock, logits.begin() + std::min(size, (block + 1) * kLogitBlock)));
      }
    }
  }
}

TEST(Logits, one_value_that_is_not_finite_is_seen_wherever_it_stands) {
  for (const Kernels* table : tables(DType::bfloat16)) {
    for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
      std::vector<float> logits = gaussian(300, 1), block_best(2);
      for (size_t at = 0; at < logits.size(); ++at) {
        const float good = std::exchange(logits[at], bad);
        ASSERT_FALSE(table->scan_logits({logits.data(), 300, block_best.data()}).is_finite) << name_of(*table) << ", " << at;
        logits[at] = good;
      }
    }
  }
}

TEST(Logits, weights_and_their_sums_are_right_and_equal_on_every_class) {
  for (int size : kSizes) {
    std::vector<float> logits = gaussian(static_cast<size_t>(size), static_cast<uint32_t>(size) + 9);
    for (float& logit : logits) logit *= 30;
    for (float scale : {0.01f, 1.0f, 7.0f}) {
      const Weighed expected = weigh(kernels(Isa::scalar, DType::float32), logits, scale);
      for (const Kernels* table : tables(DType::bfloat16)) ASSERT_EQ(weigh(*table, logits, scale), expected) << name_of(*table) << ", " << size;
      const float best = *std::ranges::max_element(logits);
      for (int i = 0; i < size; ++i) {
        const double exponent = (static_cast<double>(logits[i]) - best) * scale;
        ASSERT_NEAR(expected.weights[i], std::exp(exponent), std::exp(exponent) * (2e-7 - exponent * 1.2e-7) + 0x1p-126);
      }
      const double total = std::accumulate(expected.weights.begin(), expected.weights.end(), 0.0);
      ASSERT_NEAR(std::accumulate(expected.sums.begin(), expected.sums.end(), 0.0), total, total * 1e-5);
    }
  }
}

TEST(Logits, extremes_of_logits_and_scale_give_weights_from_0_to_1) {
  const float lowest = std::numeric_limits<float>::lowest(), highest = std::numeric_limits<float>::max();
  for (const Kernels* table : tables(DType::bfloat16)) {
    EXPECT_EQ(weigh(*table, {lowest, 9, 0}, 1).weights[0], 0) << name_of(*table);
    EXPECT_EQ(weigh(*table, {highest, lowest, 0}, 1e-30f).weights, (std::vector<float>{1, 0, 0})) << name_of(*table);
    EXPECT_EQ(weigh(*table, {1, 2, 2}, highest).weights, (std::vector<float>{0, 1, 1})) << name_of(*table);
  }
}

}  // namespace
}  // namespace trtllm::ops
