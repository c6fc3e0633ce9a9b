// Log-probabilities of the raw logits: before penalties and temperature, as OpenAI and the reference report them.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace trtllm::sampler {

inline constexpr float kLowestLogprob = -9999.0f;

struct RawLogprobs {
  float logprob = 0;
  int32_t rank = 0;                            // 1: the most likely; of equal logits the lower token ranks first
  std::vector<std::pair<int32_t, float>> top;  // best first
};

// num_top most likely tokens besides. Sums run in token order, in double.
RawLogprobs raw_logprobs(std::span<const float> logits, int32_t token, int num_top);

}  // namespace trtllm::sampler
