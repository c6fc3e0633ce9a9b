// Tactics: how a linear is cut into pieces and how it reads its weights. No tactic changes a bit; which is fastest depends on the
// machine, so they are timed there (trtllm-tuner) and kept in a timing cache (engine-design 1.4).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <string>
#include <string_view>

#include "program/program.h"

namespace trtllm::program {

struct Tactic {
  int grain = 0;  // tile columns taken at once; 0: as the class likes
  ops::LinearTactic reading = {};
  bool operator==(const Tactic&) const = default;
};
std::string describe(const Tactic& tactic);  // e.g. "grain 8, streams 4, ahead 2048"

// Timed at 1, 2, 4 … 1024 rows. A step's rows go by the next larger of these, beyond the last by the last.
inline constexpr int kRowBuckets = 11;
constexpr int row_bucket(int rows) { return std::min(static_cast<int>(std::bit_width(static_cast<unsigned>(rows - 1))), kRowBuckets - 1); }
constexpr int bucket_rows(int bucket) { return 1 << bucket; }
using RowTactics = std::array<Tactic, kRowBuckets>;

// Where timings hold.
struct TimingPlace {
  ops::Isa isa = ops::Isa::scalar;
  int threads = 1;
};

std::string linear_name(const LinearPhase& phase);  // e.g. "16384 x 2048 int4/128, int8 rows, swiglu"
// Everything that the best tactic depends on: machine, class, version of the kernels, threads, linear, rows.
std::string tactic_key(const TimingPlace& place, const LinearPhase& phase, int bucket);

struct TimedTactic {
  Tactic tactic;
  double us = 0, default_us = 0;  // of one linear
};

class TimingCache {
 public:
  // The file's text. Throws Error{TIMING_CACHE_INVALID} naming `where`, field, expected and found.
  static TimingCache parse(std::string_view text, const std::string& where);
  std::string text() const;

  const TimedTactic* find(const std::string& key) const;
  void put(const std::string& key, const TimedTactic& timed) { entries_[key] = timed; }
  // Its entries too, where both have one its own.
  void merge(const TimingCache& other);
  bool is_empty() const { return entries_.empty(); }

  // Of one linear, by row_bucket; those not timed are the default.
  RowTactics tactics(const TimingPlace& place, const LinearPhase& phase) const;

 private:
  std::map<std::string, TimedTactic> entries_;
};

// In an engine's directory.
inline constexpr const char* kTimingCacheFile = "timing-cache.json";

// Throws Error{TIMING_CACHE_INVALID}, which ends in the mend.
TimingCache read_timing_cache(const std::string& path, const std::string& mend);
// Of an engine's own.
inline constexpr const char* kTimingCacheMend = "delete it, and every linear runs as its class likes; `trtllm tune --force` makes it again";

}  // namespace trtllm::program
