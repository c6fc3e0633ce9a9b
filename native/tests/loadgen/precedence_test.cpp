#include "loadgen/precedence.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace {

using trtllm::loadgen::take_precedence;

int nice_of_this_thread() { return ::getpriority(PRIO_PROCESS, 0); }

TEST(Precedence, IsTheThreadsOwnAndNeverLess) {
  const int before = nice_of_this_thread();
  int taken = 20;
  std::thread([&] {
    take_precedence();
    taken = nice_of_this_thread();
  }).join();
  EXPECT_LE(taken, before);
  EXPECT_EQ(nice_of_this_thread(), before);
}

// A process without rights keeps its nice value, whatever that is, and goes on.
TEST(Precedence, KeepsAGreaterNiceValueWhereItMayNotLowerIt) {
  std::thread([] {
    ::setpriority(PRIO_PROCESS, 0, 5);
    take_precedence();
    EXPECT_TRUE(nice_of_this_thread() == 5 || nice_of_this_thread() == -10) << nice_of_this_thread();
  }).join();
}

}  // namespace
