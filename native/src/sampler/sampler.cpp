#include "sampler/sampler.h"

#include <algorithm>
#include <limits>

#include "sampler/philox.h"

namespace trtllm::sampler {
namespace {

bool has_filters(const SamplingParams& params) { return params.top_k > 0 || params.top_p < 1 || params.min_p > 0; }

// The candidate at which the running sum of weights passes u of their total; never one of weight 0.
int32_t pick(std::span<const Candidate> candidates, double u) {
  double total = 0, sum = 0;
  for (const Candidate& candidate : candidates) total += candidate.weight;
  int32_t token = candidates.front().token;
  for (const Candidate& candidate : candidates) {
    if (candidate.weight == 0) continue;
    token = candidate.token;
    if ((sum += candidate.weight) > u * total) break;
  }
  return token;
}

}  // namespace

Sampler::Sampler(const ops::Kernels& kernels, int vocab_size) : adjusted_(static_cast<size_t>(vocab_size)), row_(kernels, vocab_size), filter_(vocab_size) {}

std::optional<int32_t> Sampler::sample(const SampleRequest& request) {
  if (!row_.scan(request.logits) || !adjust(request)) return std::nullopt;
  return request.params->temperature == 0 ? row_.best_token() : draw(request);
}

// Where a logit changes, all are copied and scanned again.
bool Sampler::adjust(const SampleRequest& request) {
  if (!has_penalties(*request.params) && request.suppressed.empty()) return true;
  std::copy(request.logits.begin(), request.logits.end(), adjusted_.begin());
  if (has_penalties(*request.params)) request.seen->penalize(*request.params, adjusted_);
  for (int32_t token : request.suppressed) adjusted_[static_cast<size_t>(token)] = std::numeric_limits<float>::lowest();
  return row_.scan(adjusted_);
}

int32_t Sampler::draw(const SampleRequest& request) {
  const SamplingParams& params = *request.params;
  const double u = uniform(params.seed, request.position, Purpose::token);
  // A temperature may be so small that its inverse is no float.
  row_.weigh(std::min(1.0f / params.temperature, std::numeric_limits<float>::max()));
  // Without filters nothing needs sorting: the draw walks the vocabulary in token order.
  return has_filters(params) ? pick(filter_.filter(row_, params), u) : row_.token_at(u);
}

std::optional<RawLogprobs> Sampler::logprobs(std::span<const float> logits, int32_t token, int num_top) {
  if (!row_.scan(logits)) return std::nullopt;
  row_.weigh(1);
  return raw_logprobs(row_, token, filter_.best(row_, num_top));
}

}  // namespace trtllm::sampler
