#include "sampler/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sampler/philox.h"

namespace trtllm::sampler {
namespace {

int32_t arg_max(std::span<const float> logits) { return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()); }

// The entry at which the running sum of weights exp(logit) passes u of their total. Both sums run in the same order and u < 1: so one
// always does, and never one of weight 0.
template <typename LogitOf>
size_t pick(size_t size, double u, LogitOf logit_of) {
  double total = 0;
  for (size_t i = 0; i < size; ++i) total += std::exp(static_cast<double>(logit_of(i)));
  double sum = 0;
  size_t i = 0;
  while (i + 1 < size && (sum += std::exp(static_cast<double>(logit_of(i)))) <= u * total) ++i;
  return i;
}

}  // namespace

bool all_finite(std::span<const float> logits) {
  // x * 0 is 0 for finite x and NaN otherwise: one pass without branches.
  float sum = 0;
  for (float logit : logits) sum += logit * 0.0f;
  return sum == 0.0f;
}

std::optional<int32_t> Sampler::sample(const SampleRequest& request) {
  if (!all_finite(request.logits)) return std::nullopt;
  const std::span<const float> logits = adjust(request);
  return request.params->temperature == 0 ? arg_max(logits) : draw(logits, request);
}

std::span<const float> Sampler::adjust(const SampleRequest& request) {
  if (!has_penalties(*request.params) && request.suppressed.empty()) return request.logits;
  std::copy(request.logits.begin(), request.logits.end(), adjusted_.begin());
  if (has_penalties(*request.params)) request.seen->penalize(*request.params, adjusted_);
  for (int32_t token : request.suppressed) adjusted_[static_cast<size_t>(token)] = std::numeric_limits<float>::lowest();
  return adjusted_;
}

int32_t Sampler::draw(std::span<const float> logits, const SampleRequest& request) {
  const SamplingParams& params = *request.params;
  const double u = uniform(params.seed, request.position, Purpose::token);
  // A temperature may be so small that its inverse is no float.
  const float scale = std::min(1.0f / params.temperature, std::numeric_limits<float>::max());
  const float best = *std::max_element(logits.begin(), logits.end());
  // Logits relative to the best, over the temperature: whatever the temperature, none overflows upwards.
  std::transform(logits.begin(), logits.end(), adjusted_.begin(), [&](float logit) { return (logit - best) * scale; });
  // Without filters nothing needs sorting: the draw walks the vocabulary in token order.
  if (params.top_k == 0 && params.top_p == 1 && params.min_p == 0) return static_cast<int32_t>(pick(adjusted_.size(), u, [&](size_t token) { return adjusted_[token]; }));
  const std::span<const Candidate> candidates = filter_.filter(adjusted_, 0.0f, params);
  return candidates[pick(candidates.size(), u, [&](size_t i) { return candidates[i].logit; })].token;
}

}  // namespace trtllm::sampler
