#include "loadgen/lag_histogram.h"

#include <gtest/gtest.h>

namespace trtllm::loadgen {
namespace {

TEST(LagHistogram, PercentilesAreAtMostASixteenthTooHigh) {
  for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{15}, int64_t{16}, int64_t{17}, int64_t{1000}, int64_t{999'999'937}, int64_t{1} << 62}) {
    LagHistogram lags;
    lags.add(value);
    lags.add(std::numeric_limits<int64_t>::max());
    EXPECT_GE(lags.at(0), value);
    EXPECT_LE(lags.at(0), value + value / 16);
  }
}

TEST(LagHistogram, MergedIsAsIfCountedInOne) {
  LagHistogram a, b, both;
  for (int64_t ns = 1; ns <= 1000; ns++) {
    (ns % 3 == 0 ? a : b).add(ns * ns);
    both.add(ns * ns);
  }
  a.merge(b);
  for (const double share : {0.0, 0.5, 0.9, 0.99, 1.0}) EXPECT_EQ(a.at(share), both.at(share));
  EXPECT_EQ(a.max(), 1'000'000);
}

}  // namespace
}  // namespace trtllm::loadgen
