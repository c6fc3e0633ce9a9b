// Tasks, barriers, sleeping and pinning of a team; run under ThreadSanitizer too.
#include "base/thread_team.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <thread>
#include <vector>

namespace trtllm {
namespace {

TEST(ThreadTeam, runs_a_task_once_on_every_thread_and_returns_when_all_have_ended) {
  for (int size : {1, 2, 3, 5}) {
    ThreadTeam team(size);
    ASSERT_EQ(team.size(), size);
    std::vector<int> calls(size);  // plain: run() itself must order the writes
    for (int task = 1; task <= 200; ++task) {
      team.run([&](int index) { ++calls[index]; });
      for (int index = 0; index < size; ++index) ASSERT_EQ(calls[index], task);
    }
  }
}

TEST(ThreadTeam, what_is_written_before_a_barrier_is_seen_after_it) {
  constexpr int kSize = 4, kRounds = 500;
  ThreadTeam team(kSize);
  std::vector<int> value(kSize);
  std::atomic<int> wrong{0};
  team.run([&](int index) {
    for (int round = 1; round <= kRounds; ++round) {
      value[index] = round * kSize + index;
      team.barrier();
      const int neighbour = (index + 1) % kSize;
      if (value[neighbour] != round * kSize + neighbour) ++wrong;
      team.barrier();
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadTeam, a_late_thread_finds_the_others_asleep_and_wakes_them) {
  ThreadTeam team(3);
  std::atomic<int> through{0};
  for (int late = 0; late < 3; ++late) {
    through = 0;
    team.run([&](int index) {
      if (index == late) std::this_thread::sleep_for(std::chrono::milliseconds(5));  // far longer than waiting threads spin
      EXPECT_EQ(through, 0) << "nobody may pass before the late one arrives";
      team.barrier();
      ++through;
    });
    EXPECT_EQ(through, 3);
  }
}

int allowed_core_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  return CPU_COUNT(&set);
}

TEST(ThreadTeam, pins_one_core_a_thread_if_there_are_enough_and_frees_the_caller_at_its_end) {
  const int cores = allowed_core_count();
  for (int size : {1, 2, 1, 64}) {
    {
      ThreadTeam team(size, true);
      std::vector<int> allowed(size);
      team.run([&](int index) { allowed[index] = allowed_core_count(); });
      for (int count : allowed) EXPECT_EQ(count, size <= cores ? 1 : cores);
    }
    EXPECT_EQ(allowed_core_count(), cores);
  }
}

TEST(ThreadTeam, an_idle_team_ends) {
  ThreadTeam team(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(WorkCounter, hands_out_every_item_once) {
  constexpr int kItems = 1000, kGrain = 3;
  ThreadTeam team(3);
  WorkCounter counter;
  std::vector<std::atomic<int>> taken(kItems);
  team.run([&](int) {
    for (int first = counter.take(kItems, kGrain); first >= 0; first = counter.take(kItems, kGrain)) {
      for (int item = first; item < std::min(first + kGrain, kItems); ++item) ++taken[item];
    }
  });
  for (const auto& count : taken) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace trtllm
