#include "sampler/penalties.h"

#include <algorithm>
#include <limits>

namespace trtllm::sampler {

void SeenTokens::add_prompt(std::span<const int32_t> tokens) {
  for (int32_t token : tokens) output_count_.try_emplace(token, 0);
}

void SeenTokens::add_output(int32_t token) { ++output_count_[token]; }

void SeenTokens::penalize(const SamplingParams& params, std::span<float> logits) const {
  for (const auto& [token, count] : output_count_) {
    float& logit = logits[static_cast<size_t>(token)];
    logit = logit > 0 ? logit / params.repetition_penalty : logit * params.repetition_penalty;
    if (count > 0) logit -= params.presence_penalty + params.frequency_penalty * static_cast<float>(count);
    // A penalty near 0 or very large may leave the floats' range; the logit stays finite.
    logit = std::clamp(logit, std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max());
  }
}

}  // namespace trtllm::sampler
