// The timing of probes and the checking of options; the figures themselves only for being believable.
#include "roofline/roofline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "base/error.h"
#include "roofline/measure.h"

namespace trtllm::roofline {
namespace {

TEST(Roofline, every_thread_does_the_same_number_of_rounds) {
  ThreadTeam team(2);
  std::array<int64_t, 2> rounds{};
  const double rate = rounds_per_second(team, 0.02, [&](int thread, int64_t count) {
    rounds[thread] += count;
    [[maybe_unused]] volatile int64_t last = 0;
    for (int64_t i = 0; i < count * 100; ++i) last = i;
  });
  EXPECT_GT(rate, 0);
  EXPECT_EQ(rounds[0], rounds[1]);
}

constexpr double kSlowest = 0.5;  // 10^9 a second: less than a tenth of a slow core

// A busy machine that stands still meanwhile makes a figure too low, never too high: it is taken again then, some times.
double undisturbed(const std::function<double()>& rate) {
  double best = 0;
  for (int attempt = 0; attempt < 20 && best <= kSlowest; ++attempt) best = std::max(best, rate());
  return best;
}

TEST(Roofline, a_cache_is_read_and_arithmetic_is_done_at_believable_rates) {
  if (vector_probes().empty()) GTEST_SKIP() << "neither AVX2 nor AVX-512 on this machine";
  ThreadTeam team(1);
  const std::vector<std::byte> data(16 * 1024, std::byte{1});
  const std::array<std::span<const std::byte>, 1> buffers{data};
  for (const VectorProbe& probe : vector_probes()) {
    // Up to ten times today's fastest.
    const double gflops = undisturbed([&] { return fma_gflops(team, probe, 0.02); });
    const double gbytes = undisturbed([&] { return read_gbytes(team, probe, buffers, 0.02); });
    EXPECT_GT(gflops, kSlowest);
    EXPECT_LT(gflops, 5000);
    EXPECT_GT(gbytes, kSlowest);
    EXPECT_LT(gbytes, 10000);
  }
}

TEST(Roofline, narrow_types_are_multiplied_at_believable_rates) {
  if (dot_probes().empty()) GTEST_SKIP() << "no AVX2 on this machine";
  ThreadTeam team(1);
  for (const DotProbe& probe : dot_probes()) {
    const double gops = undisturbed([&] { return dot_gops(team, probe, 0.02); });
    EXPECT_GT(gops, kSlowest) << probe.type;
    EXPECT_LT(gops, 50000) << probe.type;
  }
}

TEST(Roofline, options_out_of_range_are_refused_by_name) {
  for (const Options& options : {Options{-1, 1}, Options{5000, 1}, Options{1, 0}, Options{1, -2}, Options{1, 1e9}}) {
    try {
      measure(options);
      FAIL() << options.threads << " threads, " << options.seconds << " s";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "BAD_FLAG");
    }
  }
}

}  // namespace
}  // namespace trtllm::roofline
