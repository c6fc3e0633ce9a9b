#include "sampler/logprobs.h"

#include <algorithm>
#include <cmath>

namespace trtllm::sampler {
namespace {

int32_t rank_of(std::span<const float> logits, int32_t token) {
  const float chosen = logits[static_cast<size_t>(token)];
  int32_t above = 0, equal_before = 0;
  for (float logit : logits) above += logit > chosen;
  for (float logit : logits.first(static_cast<size_t>(token))) equal_before += logit == chosen;
  return 1 + above + equal_before;
}

}  // namespace

RawLogprobs raw_logprobs(const WeighedRow& row, int32_t token, std::span<const Candidate> top) {
  const double log_sum = row.best() + std::log(row.total());
  const auto logprob = [&](float logit) { return std::max(static_cast<float>(logit - log_sum), kLowestLogprob); };
  RawLogprobs result{.logprob = logprob(row.logits()[static_cast<size_t>(token)]), .rank = rank_of(row.logits(), token), .top = {}};
  result.top.reserve(top.size());
  for (const Candidate& candidate : top) result.top.emplace_back(candidate.token, logprob(candidate.logit));
  return result;
}

}  // namespace trtllm::sampler
