#include "sampler/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trtllm::sampler {
namespace {

// Bins of 1/64 below the best logit; the last takes all that is 32 or more below (weights under e^-32).
constexpr int kBins = 2048;
constexpr float kBinsPerUnit = 64;

int bin_of(float logit, float best) {
  const float distance = (best - logit) * kBinsPerUnit;
  return distance < kBins - 1 ? static_cast<int>(distance) : kBins - 1;
}

double weight_of(float logit, float best) { return std::exp(static_cast<double>(logit) - best); }

}  // namespace

std::span<const Candidate> CandidateFilter::filter(std::span<const float> logits, float best, const SamplingParams& params) {
  bin_weight_.assign(kBins, 0);
  bin_count_.assign(kBins, 0);
  for (float logit : logits) {
    const int bin = bin_of(logit, best);
    bin_weight_[bin] += weight_of(logit, best);
    ++bin_count_[bin];
  }
  const bool has_top_k = params.top_k > 0 && params.top_k < static_cast<int32_t>(logits.size());
  const int64_t wanted_count = has_top_k ? params.top_k : static_cast<int64_t>(logits.size());

  // The bin in which the k-th token lies.
  int last_bin = -1;
  int64_t count = 0;
  double total = 0;
  while (count < wanted_count) {
    ++last_bin;
    count += bin_count_[last_bin];
    total += bin_weight_[last_bin];
  }
  // Without top-k, the nucleus says where to stop: its bin, found by weight, is the last that can hold a kept token.
  if (!has_top_k && params.top_p < 1) {
    double sum = 0;
    for (last_bin = 0; last_bin < kBins - 1; ++last_bin) {
      sum += bin_weight_[last_bin];
      if (sum >= params.top_p * total) break;
    }
  }
  const float lowest = params.min_p > 0 ? best + std::log(params.min_p) : -std::numeric_limits<float>::infinity();
  if (!has_top_k) last_bin = std::min(last_bin, bin_of(lowest, best));
  gather(logits, best, last_bin);
  if (has_top_k) {
    kept_.resize(std::min(kept_.size(), static_cast<size_t>(params.top_k)));
    total = 0;
    for (const Candidate& candidate : kept_) total += weight_of(candidate.logit, best);
  }
  if (params.top_p < 1) {
    double sum = 0;
    size_t size = 0;
    while (size < kept_.size() && sum < params.top_p * total) sum += weight_of(kept_[size++].logit, best);
    kept_.resize(std::max<size_t>(size, 1));
  }
  if (params.min_p > 0) {
    size_t size = 1;
    while (size < kept_.size() && kept_[size].logit >= lowest) ++size;
    kept_.resize(size);
  }
  return kept_;
}

void CandidateFilter::gather(std::span<const float> logits, float best, int last_bin) {
  kept_.clear();
  for (size_t token = 0; token < logits.size(); ++token) {
    if (bin_of(logits[token], best) <= last_bin) kept_.push_back({logits[token], static_cast<int32_t>(token)});
  }
  std::sort(kept_.begin(), kept_.end(), [](const Candidate& a, const Candidate& b) { return a.logit != b.logit ? a.logit > b.logit : a.token < b.token; });
}

}  // namespace trtllm::sampler
