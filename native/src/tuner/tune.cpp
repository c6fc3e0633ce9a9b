#include "tuner/tune.h"

#include <algorithm>
#include <chrono>

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
  int bucket = 0, rows = 0;
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
      if (bucket <= program::row_bucket(most)) cases.push_back({&alike, bucket, std::min(program::bucket_rows(bucket), most)});
    }
  }
  return cases;
}

// Times of each tactic, one a turn.
using Times = std::vector<std::vector<double>>;

Times take_turns(LinearTimer& timer, const Case& one, const std::vector<Tactic>& tactics) {
  const double once = timer.time(*one.alike, one.rows, tactics[0], static_cast<int>(one.alike->size()));
  const int repeats = std::clamp(static_cast<int>(kTurnMicroseconds / once), 1, kMostRepeats);
  Times times(tactics.size());
  for (int turn = 0; turn < kMostTurns; ++turn) {
    if (turn >= kTurns && turn % kTurns == 0 && median(times[0]) < kMaxSpread * smallest(times[0])) break;
    for (size_t i = 0; i < tactics.size(); ++i) times[i].push_back(timer.time(*one.alike, one.rows, tactics[i], repeats));
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

// The best of several is partly luck: it has to beat the default once more, alone.
program::TimedTactic time_case(LinearTimer& timer, const Case& one, int num_threads) {
  const std::vector<Tactic> tactics = candidates(timer.kernels(), *one.alike->front(), one.rows, num_threads);
  timer.fill_input(*one.alike, one.rows);
  const Times first = take_turns(timer, one, tactics);
  const size_t best = fastest(first);
  if (best == 0) return {{}, smallest(first[0]), smallest(first[0])};
  const Times again = take_turns(timer, one, {tactics[0], tactics[best]});
  const double of_default = smallest(again[0]);
  return fastest(again) == 0 ? program::TimedTactic{{}, of_default, of_default} : program::TimedTactic{tactics[best], smallest(again[1]), of_default};
}

// Until every page of the weights has been read.
void warm_up(LinearTimer& timer, const std::vector<Alike>& groups) {
  for (const Alike& alike : groups) {
    timer.fill_input(alike, 1);
    timer.time(alike, 1, {}, kWarmUps * static_cast<int>(alike.size()));
  }
}

}  // namespace

Result tune(const Options& options, const program::TimingCache& known, const std::function<void(const Progress&)>& on_progress) {
  const auto start = Clock::now();
  const auto is_over = [&] { return std::chrono::duration<double>(Clock::now() - start).count() > options.seconds; };
  const worker::EngineLimits limits =
      worker::parse_engine_limits(engine_file::EngineReader(options.engine, 0).manifest_text(), options.engine + "/config.json");
  const int most_rows = program::bucket_rows(program::kRowBuckets - 1);
  LinearTimer timer(options.engine, options.isa, options.threads, std::min(limits.max_num_tokens, most_rows), std::min(limits.max_batch_size, most_rows));
  const std::vector<Alike> groups = timer.groups();
  const std::vector<Case> cases = cases_of(groups, limits);
  warm_up(timer, groups);
  Result result;
  result.cache = known;
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    const program::LinearPhase& phase = *one.alike->front();
    const std::string key = program::tactic_key({.isa = options.isa, .threads = options.threads}, phase, one.bucket);
    on_progress({static_cast<int>(i), static_cast<int>(cases.size()), program::linear_name(phase), one.rows});
    if (known.find(key) != nullptr) {
      ++result.reused;
    } else if (is_over()) {
      ++result.left;
    } else {
      const program::TimedTactic timed = time_case(timer, one, options.threads);
      result.cache.put(key, timed);
      ++result.timed;
      if (!(timed.tactic == Tactic{})) result.gains.push_back({program::linear_name(phase), one.rows, timed});
    }
  }
  return result;
}

}  // namespace trtllm::tuner
