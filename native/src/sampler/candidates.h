// The tokens that top-k, top-p and min-p leave, best first. What can possibly be left lies above a bound that is known before
// anything is sorted; whole blocks below it are passed over.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sampler/sampling_params.h"
#include "sampler/weighed_row.h"

namespace trtllm::sampler {

struct Candidate {
  float logit;
  float weight;
  int32_t token;
};

class CandidateFilter {
 public:
  explicit CandidateFilter(int vocab_size);
  // Applied in this order: top-k, top-p (renormalized), min-p. Of equal logits the lower token comes first.
  // The result is valid until the next call and never empty.
  std::span<const Candidate> filter(const WeighedRow& row, const SamplingParams& params);
  // The `count` best, best first.
  std::span<const Candidate> best(const WeighedRow& row, int count);

 private:
  float lowest_of_best(const WeighedRow& row, int count);
  void gather(const WeighedRow& row, float lowest);
  void sort_to(size_t size);
  size_t nucleus_size(double wanted);

  std::vector<float> block_order_;
  std::vector<Candidate> kept_;
  size_t num_sorted_ = 0;  // of kept_, from the best on
};

}  // namespace trtllm::sampler
