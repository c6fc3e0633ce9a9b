// One row of logits -> one token and what is reported of it. Knows logits, sampling parameters and random numbers; no batches, no
// scheduling. Each thread that samples has its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sampler/candidates.h"
#include "sampler/logprobs.h"
#include "sampler/penalties.h"
#include "sampler/sampling_params.h"
#include "sampler/weighed_row.h"

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
  Sampler(const ops::Kernels& kernels, int vocab_size);
  // nullopt: a logit is NaN or infinite. Of equal logits the lower token is the arg-max.
  std::optional<int32_t> sample(const SampleRequest& request);
  // Of the raw logits, before penalties and temperature, as OpenAI and the reference report them; num_top most likely tokens besides.
  // nullopt: a logit is NaN or infinite.
  std::optional<RawLogprobs> logprobs(std::span<const float> logits, int32_t token, int num_top);

 private:
  bool adjust(const SampleRequest& request);
  int32_t draw(const SampleRequest& request);

  std::vector<float> adjusted_;  // logits after penalties and suppression
  WeighedRow row_;
  CandidateFilter filter_;
};

}  // namespace trtllm::sampler
