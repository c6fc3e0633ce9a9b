// Log-probabilities of a row.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sampler/candidates.h"
#include "sampler/weighed_row.h"

namespace trtllm::sampler {

inline constexpr float kLowestLogprob = -9999.0f;

struct RawLogprobs {
  float logprob = 0;
  int32_t rank = 0;                            // 1: the most likely; of equal logits the lower token ranks first
  std::vector<std::pair<int32_t, float>> top;  // best first
};

// row: weighed with scale 1.
RawLogprobs raw_logprobs(const WeighedRow& row, int32_t token, std::span<const Candidate> top);

}  // namespace trtllm::sampler
