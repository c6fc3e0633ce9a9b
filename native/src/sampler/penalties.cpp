#include "sampler/penalties.h"

#include <algorithm>
#include <limits>

namespace trtllm::sampler {

void SeenTokens::add_prompt(std::span<const int32_t> tokens, size_t max_outputs) {
  for (int32_t token : tokens) seen_.push_back({token, 0});
  std::ranges::sort(seen_, {}, &Seen::token);
  const auto repeated = std::ranges::unique(seen_, {}, &Seen::token);
  seen_.erase(repeated.begin(), repeated.end());
  seen_.reserve(seen_.size() + max_outputs);
}

void SeenTokens::add_output(int32_t token) {
  auto at = std::ranges::lower_bound(seen_, token, {}, &Seen::token);
  if (at == seen_.end() || at->token != token) at = seen_.insert(at, {token, 0});
  ++at->num_outputs;
}

void SeenTokens::penalize(const SamplingParams& params, std::span<float> logits) const {
  for (const Seen& seen : seen_) {
    float& logit = logits[static_cast<size_t>(seen.token)];
    logit = logit > 0 ? logit / params.repetition_penalty : logit * params.repetition_penalty;
    if (seen.num_outputs > 0) logit -= params.presence_penalty + params.frequency_penalty * static_cast<float>(seen.num_outputs);
    // A penalty near 0 or very large may leave the floats' range; the logit stays finite.
    logit = std::clamp(logit, std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max());
  }
}

}  // namespace trtllm::sampler
