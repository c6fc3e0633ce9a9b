#include "tuner/tune.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "tuner/candidates.h"
#include "tuner/linear_timer.h"
#include "worker/limits.h"

namespace trtllm::tuner {
namespace {

using program::Tactic;
using Clock = std::chrono::steady_clock;

// Others' work on the same cores shows in spread: candidates go by turns, and turns are repeated while the default's own times are further
// apart than this.
constexpr double kMaxSpread = 1.15;
constexpr int kTurns = 7, kMostTurns = 3 * kTurns;
constexpr double kTurnMicroseconds = 5000;
constexpr double kWorthwhile = 0.97;   // of the default's time: less may be noise
constexpr double kFasterTurns = 0.75;  // of all turns
constexpr int kMostRepeats = 10'000, kWarmUps = 2;

// One linear at one number of rows.
struct Case {
  const Alike* alike = nullptr;
  int bucket = 0;
  int rows() const { return program::bucket_rows(bucket); }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

double smallest(const std::vector<double>& values) { return *std::ranges::min_element(values); }

// Few rows first: decoding is what most steps are.
std::vector<Case> cases_of(const std::vector<Alike>& groups, const worker::EngineLimits& limits) {
  std::vector<Case> cases;
  for (int bucket = 0; bucket < program::kRowBuckets; ++bucket) {
    for (const Alike& alike : groups) {
      const int most = alike.front()->rows == program::Rows::selected ? limits.max_batch_size : limits.max_num_tokens;
      if (bucket <= program::row_bucket(most)) cases.push_back({&alike, bucket});
    }
  }
  return cases;
}

// Times of each tactic, one a turn.
using Times = std::vector<std::vector<double>>;

// Nothing where time ended before enough turns.
std::optional<Times> take_turns(LinearTimer& timer, const Case& one, const std::vector<Tactic>& tactics, Clock::time_point end) {
  timer.time(*one.alike, one.rows(), tactics[0], 1);  // touches what it needs
  const double once = timer.time(*one.alike, one.rows(), tactics[0], 1);
  const int repeats = std::clamp(static_cast<int>(kTurnMicroseconds / once), 1, kMostRepeats);
  Times times(tactics.size());
  for (int turn = 0; turn < kMostTurns; ++turn) {
    if (turn >= kTurns && turn % kTurns == 0 && median(times[0]) < kMaxSpread * smallest(times[0])) break;
    if (Clock::now() > end) return std::nullopt;
    for (size_t i = 0; i < tactics.size(); ++i) times[i].push_back(timer.time(*one.alike, one.rows(), tactics[i], repeats));
  }
  return times;
}

// The median of time / the default's time of the same turn; 1 where too few turns were faster.
double ratio_of(const std::vector<double>& times, const std::vector<double>& of_default) {
  std::vector<double> ratios;
  for (size_t turn = 0; turn < times.size(); ++turn) ratios.push_back(times[turn] / of_default[turn]);
  const auto faster = std::ranges::count_if(ratios, [](double ratio) { return ratio < 1; });
  return static_cast<double>(faster) < kFasterTurns * static_cast<double>(ratios.size()) ? 1 : median(ratios);
}

// The index of the fastest: 0, the default, unless another one is clearly faster.
size_t fastest(const Times& times) {
  size_t best = 0;
  double best_ratio = kWorthwhile;
  for (size_t i = 1; i < times.size(); ++i) {
    const double ratio = ratio_of(times[i], times[0]);
    if (ratio < best_ratio) best = i, best_ratio = ratio;
  }
  return best;
}

// Times cases until its seconds are over. They count from the first case on, when all weights have been read once.
class CaseTimer {
 public:
  CaseTimer(LinearTimer& timer, const Options& options) : timer_(timer), num_threads_(options.threads), seconds_(options.seconds) {}

  // Nothing where time ended before. The best of several is partly luck: it has to beat the default once more, alone.
  std::optional<program::TimedTactic> time(const Case& one) {
    begin_once();
    if (Clock::now() > end_) return std::nullopt;
    const std::vector<Tactic> tactics = candidates(timer_.kernels(), *one.alike->front(), one.rows(), num_threads_);
    timer_.fill_input(*one.alike, one.rows());
    const std::optional<Times> first = take_turns(timer_, one, tactics, end_);
    if (!first) return std::nullopt;
    const double of_default = smallest(first->front());
    const size_t best = fastest(*first);
    if (best == 0) return program::TimedTactic{{}, of_default, of_default};
    const std::optional<Times> again = take_turns(timer_, one, {tactics[0], tactics[best]}, end_);
    if (!again) return std::nullopt;
    if (fastest(*again) == 0) return program::TimedTactic{{}, of_default, of_default};
    return program::TimedTactic{tactics[best], of_default * ratio_of(again->back(), again->front()), of_default};
  }

 private:
  void begin_once() {
    if (has_begun_) return;
    has_begun_ = true;
    for (const Alike& alike : timer_.groups()) {
      timer_.fill_input(alike, 1);
      timer_.time(alike, 1, {}, kWarmUps * static_cast<int>(alike.size()));
    }
    end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
  }

  LinearTimer& timer_;
  int num_threads_;
  double seconds_;
  bool has_begun_ = false;
  Clock::time_point end_;
};

}  // namespace

Result tune(const Options& options, const program::TimingCache& known, const std::function<void(const Progress&)>& on_progress) {
  const worker::EngineLimits limits =
      worker::parse_engine_limits(engine_file::EngineReader(options.engine, 0).manifest_text(), options.engine + "/config.json");
  const auto whole_bucket = [](int rows) { return program::bucket_rows(program::row_bucket(rows)); };
  LinearTimer timer(options.engine, options.isa, options.threads, whole_bucket(limits.max_num_tokens), whole_bucket(limits.max_batch_size));
  const std::vector<Alike> groups = timer.groups();
  const std::vector<Case> cases = cases_of(groups, limits);
  CaseTimer case_timer(timer, options);
  Result result;
  result.cache = known;
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    const program::LinearPhase& phase = *one.alike->front();
    const std::string key = program::tactic_key({.isa = options.isa, .threads = options.threads}, phase, one.bucket);
    on_progress({static_cast<int>(i), static_cast<int>(cases.size()), program::linear_name(phase), one.rows()});
    if (known.find(key) != nullptr) {
      ++result.reused;
    } else if (const std::optional<program::TimedTactic> timed = case_timer.time(one)) {
      result.cache.put(key, *timed);
      ++result.timed;
      if (!(timed->tactic == Tactic{})) result.gains.push_back({program::linear_name(phase), one.rows(), *timed});
    } else {
      ++result.left;
    }
  }
  return result;
}

}  // namespace trtllm::tuner
