#include "base/work_ranges.h"

#include <gtest/gtest.h>

#include "base/thread_team.h"

namespace trtllm {
namespace {

using Borders = std::vector<std::pair<int, int>>;

// What one thread takes while no other does.
Borders all_pieces(WorkRanges& ranges, int thread, int grain) {
  Borders pieces;
  for (WorkRanges::Piece piece; !(piece = ranges.take(thread, grain)).is_empty();) pieces.emplace_back(piece.begin, piece.end);
  return pieces;
}

void deal(WorkRanges& ranges, int num_threads, int count, int unit) {
  for (int thread = 0; thread < num_threads; ++thread) ranges.deal(thread, count, unit);
}

TEST(WorkRanges, a_thread_takes_its_own_run_forwards_and_then_others_from_their_ends) {
  WorkRanges ranges(2);
  deal(ranges, 2, 18, 4);  // 5 units: 8 items for the first thread, 10 for the second
  EXPECT_EQ(ranges.own(0, 18, 4).end, 8);
  EXPECT_EQ(ranges.own(1, 18, 4).begin, 8);
  EXPECT_EQ(ranges.own(1, 18, 4).end, 18);
  EXPECT_EQ(all_pieces(ranges, 0, 4), (Borders{{0, 4}, {4, 8}, {14, 18}, {10, 14}, {8, 10}}));
  EXPECT_TRUE(ranges.take(1, 4).is_empty());
  deal(ranges, 2, 3, 4);
  EXPECT_EQ(all_pieces(ranges, 0, 4), (Borders{{0, 3}}));
}

TEST(WorkRanges, every_item_is_taken_once) {
  constexpr int kThreads = 3, kRounds = 200;
  ThreadTeam team(kThreads);
  for (const int count : {0, 1, 7, 64, 1001}) {
    WorkRanges ranges(kThreads);
    std::vector<std::atomic<int>> taken(static_cast<size_t>(count));
    team.run([&](int thread) {
      for (int round = 0; round < kRounds; ++round) {
        ranges.deal(thread, count, 4);
        team.barrier();
        for (WorkRanges::Piece piece; !(piece = ranges.take(thread, 1 + round % 5)).is_empty();) {
          for (int item = piece.begin; item < piece.end; ++item) ++taken[item];
        }
        team.barrier();
      }
    });
    for (const auto& times : taken) EXPECT_EQ(times, kRounds);
  }
}

}  // namespace
}  // namespace trtllm
