#include "sampler/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sampler/philox.h"

namespace trtllm::sampler {
namespace {

int32_t arg_max(std::span<const float> logits) { return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()); }

}  // namespace

bool all_finite(std::span<const float> logits) {
  // x * 0 is 0 for finite x and NaN otherwise: one vectorized pass.
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
  const float scale = 1.0f / params.temperature;
  const float best = *std::max_element(logits.begin(), logits.end());
  // Logits relative to the best, over the temperature: whatever the temperature, none overflows upwards.
  std::transform(logits.begin(), logits.end(), adjusted_.begin(), [&](float logit) { return (logit - best) * scale; });
  if (params.top_k == 0 && params.top_p == 1 && params.min_p == 0) return draw_from_all(u);
  const std::span<const Candidate> candidates = filter_.filter(adjusted_, 0.0f, params);
  double total = 0;
  for (const Candidate& candidate : candidates) total += std::exp(static_cast<double>(candidate.logit));
  double left = u * total;
  for (const Candidate& candidate : candidates) {
    left -= std::exp(static_cast<double>(candidate.logit));
    if (left < 0) return candidate.token;
  }
  return candidates.back().token;  // rounding: u * total met the very end
}

// Without filters nothing needs sorting: the draw walks the vocabulary in token order.
int32_t Sampler::draw_from_all(double u) const {
  double total = 0;
  for (float logit : adjusted_) total += std::exp(static_cast<double>(logit));
  double left = u * total;
  for (size_t token = 0; token < adjusted_.size(); ++token) {
    left -= std::exp(static_cast<double>(adjusted_[token]));
    if (left < 0) return static_cast<int32_t>(token);
  }
  return arg_max(adjusted_);
}

}  // namespace trtllm::sampler
