// Hands out [0, count) in pieces, to each thread a run of neighbours first, so that what it fetches ahead of a piece is its next
// piece, and that the same thread reads the same memory in every step. A thread whose run is done takes pieces from the ends of
// others' runs: one that lost its core costs a piece, not the phase. Which thread computes an item never changes its bits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace trtllm {

class WorkRanges {
 public:
  struct Piece {
    int begin = 0, end = 0;
    bool is_empty() const { return begin >= end; }
  };

  explicit WorkRanges(int num_threads) : runs_(static_cast<size_t>(num_threads)) {}

  // The thread's own run, which begins and ends on multiples of `unit` (or at count).
  Piece own(int thread, int count, int unit) const {
    const int64_t units = (count + unit - 1) / unit, threads = static_cast<int64_t>(runs_.size());
    const auto border = [&](int64_t at) { return static_cast<int>(std::min<int64_t>(units * at / threads * unit, count)); };
    return {border(thread), border(thread + 1)};
  }
  // Each thread deals its own; a barrier has to lie between that and the first take().
  void deal(int thread, int count, int unit) { runs_[thread].packed.store(pack(own(thread, count, unit)), std::memory_order_relaxed); }

  // At most `grain` items; an empty piece when nothing is left.
  Piece take(int thread, int grain) {
    const int num_threads = static_cast<int>(runs_.size());
    for (int i = 0; i < num_threads; ++i) {
      const Piece piece = take_of(runs_[(thread + i) % num_threads], grain, i == 0);
      if (!piece.is_empty()) return piece;
    }
    return {};
  }

 private:
  struct alignas(64) Run {
    std::atomic<uint64_t> packed{0};
    Run() = default;
    Run(const Run&) : Run() {}  // vectors want it; runs are dealt before they are taken
  };

  static uint64_t pack(Piece piece) { return static_cast<uint64_t>(static_cast<uint32_t>(piece.begin)) << 32 | static_cast<uint32_t>(piece.end); }
  static Piece unpack(uint64_t packed) { return {static_cast<int>(packed >> 32), static_cast<int>(packed & 0xffffffffu)}; }

  static Piece take_of(Run& run, int grain, bool is_own) {
    uint64_t packed = run.packed.load(std::memory_order_relaxed);
    for (;;) {
      const Piece left = unpack(packed);
      if (left.is_empty()) return {};
      const Piece piece = is_own ? Piece{left.begin, std::min(left.begin + grain, left.end)} : Piece{std::max(left.end - grain, left.begin), left.end};
      const Piece rest = is_own ? Piece{piece.end, left.end} : Piece{left.begin, piece.begin};
      if (run.packed.compare_exchange_weak(packed, pack(rest), std::memory_order_relaxed)) return piece;
    }
  }

  std::vector<Run> runs_;
};

}  // namespace trtllm
