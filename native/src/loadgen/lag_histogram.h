// Counts of times in ns, in sixteen steps a doubling: a percentile is at most 6 % too high. Merged, never averaged.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace trtllm::loadgen {

class LagHistogram {
 public:
  void add(int64_t ns) {
    counts_[step_of(static_cast<uint64_t>(std::max<int64_t>(ns, 0)))]++;
    max_ = std::max(max_, ns);
    total_++;
  }
  void merge(const LagHistogram& other) {
    for (size_t i = 0; i < counts_.size(); i++) counts_[i] += other.counts_[i];
    max_ = std::max(max_, other.max_);
    total_ += other.total_;
  }
  // share: 0.99 for p99. 0 where nothing was counted.
  int64_t at(double share) const {
    uint64_t left = static_cast<uint64_t>(share * static_cast<double>(total_));
    for (size_t i = 0; i < counts_.size(); i++) {
      if (counts_[i] > left) return std::min(max_, static_cast<int64_t>(upper_end(i)));
      left -= counts_[i];
    }
    return max_;
  }
  int64_t max() const { return max_; }

 private:
  static size_t step_of(uint64_t ns) {
    if (ns < 16) return ns;
    const int shift = std::bit_width(ns) - 5;
    return static_cast<size_t>(shift + 1) * 16 + ((ns >> shift) & 15);
  }
  static uint64_t upper_end(size_t step) {
    if (step < 16) return step;
    return ((16 + step % 16 + 1) << (step / 16 - 1)) - 1;
  }

  std::array<uint64_t, 61 * 16> counts_{};
  int64_t max_ = 0;
  uint64_t total_ = 0;
};

}  // namespace trtllm::loadgen
