#include "scheduler/step_time_model.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/types.h"

namespace trtllm::scheduler {
namespace {

constexpr double kNewShare = 0.2;
constexpr double kMaxGrowth = 2;       // one step that the machine held up does not count for more
constexpr int kFewestContextRows = 16;  // below, what they add drowns in noise
constexpr double kDecodeMargin = 1.15;

void learn(double& known, double seen) { known = known == 0 ? seen : known + kNewShare * (std::min(seen, kMaxGrowth * known) - known); }

int bucket_of(int rows) { return std::bit_width(static_cast<unsigned>(rows)); }

}  // namespace

void StepTimeModel::observe(int generation_rows, int context_rows, double milliseconds) {
  if (context_rows == 0 && generation_rows > 0) learn(generation_ms_[static_cast<size_t>(bucket_of(generation_rows))], milliseconds);
  if (context_rows < kFewestContextRows) return;
  const double rest = milliseconds - generation_ms(generation_rows);
  if (rest > 0) learn(context_row_ms_, rest / context_rows);
}

int StepTimeModel::context_rows_within(int generation_rows, double target_ms) const {
  if (generation_rows == 0 || context_row_ms_ == 0) return std::numeric_limits<int>::max();
  const double alone = generation_ms(generation_rows);
  const double rows = (std::max(target_ms, kDecodeMargin * alone) - alone) / context_row_ms_;
  return static_cast<int>(std::clamp<double>(rows, kBlockTokens, std::numeric_limits<int>::max()));
}

// Of the nearest batch that was seen, a smaller one first; 0 where none was.
double StepTimeModel::generation_ms(int rows) const {
  if (rows == 0) return 0;
  const int bucket = bucket_of(rows);
  for (int at = bucket; at >= 0; --at) {
    if (generation_ms_[static_cast<size_t>(at)] > 0) return generation_ms_[static_cast<size_t>(at)];
  }
  const auto seen = std::find_if(generation_ms_.begin() + bucket, generation_ms_.end(), [](double milliseconds) { return milliseconds > 0; });
  return seen == generation_ms_.end() ? 0 : *seen;
}

}  // namespace trtllm::scheduler
