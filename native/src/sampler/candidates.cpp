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
constexpr float kBucketsPerUnit = CandidateFilter::kBuckets / 32.0f;  // what lies e^-32 below the best shares the last
constexpr size_t kBuckets = CandidateFilter::kBuckets;

bool is_better(const Candidate& a, const Candidate& b) { return a.logit != b.logit ? a.logit > b.logit : a.token < b.token; }

// A logit below that of any token whose weight is `weight` or more.
float logit_below(const WeighedRow& row, double weight) {
  const double logit = row.best() + (std::log(weight) - kMargin) / row.scale() - std::abs(row.best()) * 1e-6;
  return static_cast<float>(std::max<double>(logit, std::numeric_limits<float>::lowest()));
}

template <typename Iterator>
Iterator median_of(Iterator a, Iterator b, Iterator c) {
  if (is_better(*b, *a)) std::swap(a, b);
  return is_better(*c, *a) ? a : is_better(*c, *b) ? c : b;
}

// Never less for a worse candidate.
size_t bucket_of(const WeighedRow& row, const Candidate& candidate) {
  const float distance = (row.best() - candidate.logit) * row.scale() * kBucketsPerUnit;
  return distance < kBuckets - 1 ? static_cast<size_t>(static_cast<int>(distance)) : kBuckets - 1;
}

// What top-p and min-p keep lies above. All tokens lighter than the nucleus's bound weigh, together, less than top-p leaves out.
float lowest_possible(const WeighedRow& row, const SamplingParams& params) {
  float lowest = kEverything;
  if (params.min_p > 0) lowest = logit_below(row, params.min_p);
  if (params.top_p < 1) lowest = std::max(lowest, logit_below(row, (1 - double{params.top_p}) * row.total() / static_cast<double>(row.logits().size())));
  return lowest;
}

}  // namespace

CandidateFilter::CandidateFilter(int vocab_size) : block_order_(static_cast<size_t>(ops::logit_blocks(vocab_size))) {
  kept_.reserve(static_cast<size_t>(vocab_size));
  order_.reserve(static_cast<size_t>(vocab_size));
}

std::span<const Candidate> CandidateFilter::filter(const WeighedRow& row, const SamplingParams& params) {
  const bool has_top_k = params.top_k > 0 && static_cast<size_t>(params.top_k) < row.logits().size();
  gather(row, has_top_k ? lowest_of_best(row, params.top_k) : lowest_possible(row, params));

  double total = row.total();
  if (has_top_k) {
    keep_best(static_cast<size_t>(params.top_k));
    total = 0;
    for (const Candidate& candidate : kept_) total += candidate.weight;
  }
  if (params.top_p < 1) keep_nucleus(row, params.top_p * total);
  if (params.min_p > 0) std::erase_if(kept_, [&](const Candidate& candidate) { return candidate.weight < params.min_p; });  // the best weighs 1
  return kept_;
}

std::span<const Candidate> CandidateFilter::best(const WeighedRow& row, int count) {
  const size_t wanted = std::min(static_cast<size_t>(count), row.logits().size());
  if (wanted == 0) return {};
  gather(row, lowest_of_best(row, static_cast<int>(wanted)));
  order_ = kept_;
  std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(wanted), order_.end(), is_better);
  return std::span<const Candidate>(order_).first(wanted);
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
  const std::span<const float> logits = row.logits();
  for (size_t block = 0; block < row.block_best().size(); ++block) {
    if (row.block_best()[block] < lowest) continue;
    const size_t end = std::min(logits.size(), (block + 1) * ops::kLogitBlock);
    for (size_t token = block * ops::kLogitBlock; token < end; ++token) {
      if (logits[token] >= lowest) kept_.push_back({logits[token], row.weights()[token], static_cast<int32_t>(token)});
    }
  }
}

void CandidateFilter::keep_best(size_t count) {
  if (kept_.size() <= count) return;
  order_ = kept_;
  const auto last = order_.begin() + static_cast<std::ptrdiff_t>(count) - 1;
  std::nth_element(order_.begin(), last, order_.end(), is_better);
  std::erase_if(kept_, [&](const Candidate& candidate) { return is_better(*last, candidate); });
}

// The nucleus ends in one bucket of distances to the best; whoever lies in a better one is in, and only that one is searched.
void CandidateFilter::keep_nucleus(const WeighedRow& row, double wanted) {
  bucket_weight_.fill(0);
  for (const Candidate& candidate : kept_) bucket_weight_[bucket_of(row, candidate)] += candidate.weight;
  size_t bucket = 0;
  double better = 0;
  for (; bucket + 1 < kBuckets && better + bucket_weight_[bucket] < wanted; ++bucket) better += bucket_weight_[bucket];
  order_.clear();
  for (const Candidate& candidate : kept_) {
    if (bucket_of(row, candidate) == bucket) order_.push_back(candidate);
  }
  if (order_.empty()) return;  // rounding: all of them
  const Candidate last = last_of_weight(wanted - better);
  std::erase_if(kept_, [&](const Candidate& candidate) { return is_better(last, candidate); });
}

// Of order_, the last of the best that together weigh `wanted`. Quickselect (Hoare 1961) by weight: what lies before `begin` is in and
// weighs `sum`, what lies from `end` on is out.
Candidate CandidateFilter::last_of_weight(double wanted) {
  auto begin = order_.begin(), end = order_.end();
  double sum = 0;
  while (end - begin > 1) {
    const auto last = end - 1;
    std::iter_swap(median_of(begin, begin + (end - begin) / 2, last), last);
    const Candidate pivot = *last;
    const auto border = std::partition(begin, last, [&](const Candidate& candidate) { return is_better(candidate, pivot); });
    std::iter_swap(border, last);
    double better = 0;
    for (auto candidate = begin; candidate != border; ++candidate) better += candidate->weight;
    if (border != begin && sum + better >= wanted) {
      end = border;
      continue;
    }
    sum += better + pivot.weight;
    if (sum >= wanted) return pivot;
    begin = border + 1;
  }
  return begin == end ? *(begin - 1) : *begin;
}

}  // namespace trtllm::sampler
