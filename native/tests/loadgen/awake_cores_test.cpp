#include "loadgen/awake_cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <thread>

namespace {

using trtllm::loadgen::AwakeCores;

TEST(AwakeCores, SpinUntilTheyAreStoppedAndTellWhatThatTook) {
  AwakeCores cores(true);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const int64_t spun = cores.stop();
  EXPECT_GT(spun, 0);
  EXPECT_EQ(cores.stop(), spun);
}

TEST(AwakeCores, DoNothingUnlessWanted) { EXPECT_EQ(AwakeCores(false).stop(), 0); }

// The thread that made them stays where and what it was.
TEST(AwakeCores, TouchNobodyElse) {
  const int policy = sched_getscheduler(0);
  cpu_set_t before, after;
  sched_getaffinity(0, sizeof before, &before);
  AwakeCores cores(true);
  sched_getaffinity(0, sizeof after, &after);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
  EXPECT_EQ(sched_getscheduler(0), policy);
}

}  // namespace
