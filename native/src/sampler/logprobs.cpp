#include "sampler/logprobs.h"

#include <algorithm>
#include <cmath>

namespace trtllm::sampler {
namespace {

// The `count` best tokens, best first: one pass over the vocabulary with a small heap whose front is the worst kept.
std::vector<std::pair<int32_t, float>> best_tokens(std::span<const float> logits, int count) {
  const auto better = [](const std::pair<int32_t, float>& a, const std::pair<int32_t, float>& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; };
  std::vector<std::pair<int32_t, float>> heap;
  for (size_t token = 0; token < logits.size() && count > 0; ++token) {
    const std::pair<int32_t, float> entry{static_cast<int32_t>(token), logits[token]};
    if (static_cast<int>(heap.size()) < count) {
      heap.push_back(entry);
      std::push_heap(heap.begin(), heap.end(), better);
    } else if (better(entry, heap.front())) {
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.back() = entry;
      std::push_heap(heap.begin(), heap.end(), better);
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
  return heap;
}

}  // namespace

RawLogprobs raw_logprobs(std::span<const float> logits, int32_t token, int num_top) {
  const float best = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits) sum += std::exp(static_cast<double>(logit) - best);
  const double log_sum = best + std::log(sum);
  const auto logprob = [&](float logit) { return std::max(static_cast<float>(logit - log_sum), kLowestLogprob); };

  RawLogprobs result;
  const float chosen = logits[static_cast<size_t>(token)];
  result.logprob = logprob(chosen);
  result.rank = 1;
  for (size_t other = 0; other < logits.size(); ++other) result.rank += logits[other] > chosen || (logits[other] == chosen && static_cast<int32_t>(other) < token);
  result.top = best_tokens(logits, num_top);
  for (auto& [id, value] : result.top) value = logprob(value);
  return result;
}

}  // namespace trtllm::sampler
