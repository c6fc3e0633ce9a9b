#include "loadgen/precedence.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace {

using trtllm::loadgen::slice_ns;
using trtllm::loadgen::take_precedence;

int nice_of_this_thread() { return ::getpriority(PRIO_PROCESS, 0); }

// Without rights the nice value stays, whatever it is; it never becomes a greater one.
TEST(Precedence, IsTheThreadsOwnAndNeverLess) {
  const int before = nice_of_this_thread();
  std::thread([before] {
    ::setpriority(PRIO_PROCESS, 0, before + 1);
    const int mine = nice_of_this_thread();
    take_precedence();
    const int taken = nice_of_this_thread();
    EXPECT_TRUE(taken == mine || taken == -10) << taken;
    EXPECT_LE(taken, mine);
  }).join();
  EXPECT_EQ(nice_of_this_thread(), before);
}

TEST(Precedence, AsksForTheSmallestSlice) {
  if (slice_ns() == 0) GTEST_SKIP() << "this system has no slices of threads (Linux 6.12 has)";
  std::thread([] {
    take_precedence();
    EXPECT_EQ(slice_ns(), 100'000u);
  }).join();
}

}  // namespace
