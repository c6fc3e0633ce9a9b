#include "sampler/candidates.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace trtllm::sampler {
namespace {

constexpr float kEverything = -std::numeric_limits<float>::infinity();
// Bounds are computed from rounded sums and logarithms: they are set lower by more than all of that.
constexpr double kMargin = 1e-3;

bool is_better(const Candidate& a, const Candidate& b) { return a.logit != b.logit ? a.logit > b.logit : a.token < b.token; }

// A logit below that of any token whose weight is `weight` or more.
float logit_below(const WeighedRow& row, double weight) {
  const double logit = row.best() + (std::log(weight) - kMargin) / row.scale() - std::abs(row.best()) * 1e-6;
  return static_cast<float>(std::max<double>(logit, std::numeric_limits<float>::lowest()));
}

// What top-p and min-p keep lies above. All tokens lighter than the nucleus's bound weigh, together, less than top-p leaves out.
float lowest_possible(const WeighedRow& row, const SamplingParams& params) {
  float lowest = kEverything;
  if (params.min_p > 0) lowest = logit_below(row, params.min_p);
  if (params.top_p < 1) lowest = std::max(lowest, logit_below(row, (1 - double{params.top_p}) * row.total() / static_cast<double>(row.logits().size())));
  return lowest;
}

}  // namespace

CandidateFilter::CandidateFilter(int vocab_size) : block_order_(static_cast<size_t>(ops::logit_blocks(vocab_size))) { kept_.reserve(static_cast<size_t>(vocab_size)); }

std::span<const Candidate> CandidateFilter::filter(const WeighedRow& row, const SamplingParams& params) {
  const bool has_top_k = params.top_k > 0 && static_cast<size_t>(params.top_k) < row.logits().size();
  gather(row, has_top_k ? lowest_of_best(row, params.top_k) : lowest_possible(row, params));

  double total = row.total();
  if (has_top_k) {
    sort_to(static_cast<size_t>(params.top_k));
    kept_.resize(std::min(kept_.size(), static_cast<size_t>(params.top_k)));
    total = 0;
    for (const Candidate& candidate : kept_) total += candidate.weight;
  }
  if (params.top_p < 1) kept_.resize(nucleus_size(params.top_p * total));
  sort_to(kept_.size());
  if (params.min_p > 0) {
    size_t size = 1;
    while (size < kept_.size() && kept_[size].weight >= params.min_p) ++size;
    kept_.resize(size);
  }
  return kept_;
}

std::span<const Candidate> CandidateFilter::best(const WeighedRow& row, int count) {
  const size_t wanted = std::min(static_cast<size_t>(count), row.logits().size());
  if (wanted == 0) return {};
  gather(row, lowest_of_best(row, static_cast<int>(wanted)));
  sort_to(wanted);
  return std::span<const Candidate>(kept_).first(wanted);
}

// At most the count-th best logit: as many blocks have a token that is at least so good.
float CandidateFilter::lowest_of_best(const WeighedRow& row, int count) {
  if (count > static_cast<int>(block_order_.size())) return kEverything;
  std::copy(row.block_best().begin(), row.block_best().end(), block_order_.begin());
  std::nth_element(block_order_.begin(), block_order_.begin() + (count - 1), block_order_.end(), std::greater{});
  return block_order_[static_cast<size_t>(count) - 1];
}

void CandidateFilter::gather(const WeighedRow& row, float lowest) {
  kept_.clear();
  num_sorted_ = 0;
  const std::span<const float> logits = row.logits();
  for (size_t block = 0; block < row.block_best().size(); ++block) {
    if (row.block_best()[block] < lowest) continue;
    const size_t end = std::min(logits.size(), (block + 1) * ops::kLogitBlock);
    for (size_t token = block * ops::kLogitBlock; token < end; ++token) {
      if (logits[token] >= lowest) kept_.push_back({logits[token], row.weights()[token], static_cast<int32_t>(token)});
    }
  }
}

// The best `size` are in order afterwards. Grown by multiples, so that asking again and again costs one sort of what was asked for.
void CandidateFilter::sort_to(size_t size) {
  size = std::min(size, kept_.size());
  if (size <= num_sorted_) return;
  const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(num_sorted_), end = kept_.begin() + static_cast<std::ptrdiff_t>(size);
  if (end != kept_.end()) std::nth_element(begin, end, kept_.end(), is_better);
  std::sort(begin, end, is_better);
  num_sorted_ = size;
}

// How many of the best it takes to weigh `wanted`; at least 1.
size_t CandidateFilter::nucleus_size(double wanted) {
  double sum = 0;
  size_t size = 0;
  while (size < kept_.size() && sum < wanted) {
    if (size == num_sorted_) sort_to(std::max<size_t>(64, 4 * size));
    sum += kept_[size++].weight;
  }
  return std::max<size_t>(size, 1);
}

}  // namespace trtllm::sampler
