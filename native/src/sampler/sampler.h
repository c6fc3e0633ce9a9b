// One row of logits -> one token. Knows logits, sampling parameters and random numbers; no batches, no scheduling.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sampler/candidates.h"
#include "sampler/penalties.h"
#include "sampler/sampling_params.h"

namespace trtllm::sampler {

struct SampleRequest {
  std::span<const float> logits;  // raw, [vocab_size]
  const SamplingParams* params;
  const SeenTokens* seen;                     // read only where params has penalties
  std::span<const int32_t> suppressed;        // tokens that may not be drawn (stop tokens before min_tokens)
  uint64_t position;                          // of the token to be drawn, in its sequence
};

class Sampler {
 public:
  explicit Sampler(int vocab_size) : adjusted_(static_cast<size_t>(vocab_size)) {}
  // nullopt: a logit is NaN or infinite. Of equal logits the lower token is the arg-max.
  std::optional<int32_t> sample(const SampleRequest& request);

 private:
  std::span<const float> adjust(const SampleRequest& request);
  int32_t draw(std::span<const float> logits, const SampleRequest& request);

  std::vector<float> adjusted_;  // logits after penalties and suppression
  CandidateFilter filter_;
};

bool all_finite(std::span<const float> logits);

}  // namespace trtllm::sampler
