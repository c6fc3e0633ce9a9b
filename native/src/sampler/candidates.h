// The tokens that top-k, top-p and min-p leave, best first. Linear in the vocabulary: a histogram of distances to the best logit tells
// how far down to look, and only what lies above that is sorted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sampler/sampling_params.h"

namespace trtllm::sampler {

struct Candidate {
  float logit;   // penalized, divided by the temperature
  int32_t token;
};

class CandidateFilter {
 public:
  // Applied in this order: top-k, top-p (renormalized), min-p. Of equal logits the lower token comes first.
  // `best`: the largest logit. The result is valid until the next call and never empty.
  std::span<const Candidate> filter(std::span<const float> logits, float best, const SamplingParams& params);

 private:
  void gather(std::span<const float> logits, float best, int last_bin);

  std::vector<double> bin_weight_;
  std::vector<int32_t> bin_count_;
  std::vector<Candidate> kept_;
};

}  // namespace trtllm::sampler
