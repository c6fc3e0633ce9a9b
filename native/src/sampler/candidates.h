// The tokens that top-k, top-p and min-p leave. What can possibly be left lies above a bound that is known before
// anything is sorted; whole blocks below it are passed over.
#pragma once

#include <array>
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
  static constexpr size_t kBuckets = 1024;

  explicit CandidateFilter(int vocab_size);
  // Applied in this order: top-k, top-p (renormalized), min-p. Of equal logits the lower token is the better.
  // In token order, valid until the next call, never empty. Nothing is sorted: linear in the vocabulary.
  std::span<const Candidate> filter(const WeighedRow& row, const SamplingParams& params);
  // The `count` best, best first.
  std::span<const Candidate> best(const WeighedRow& row, int count);

 private:
  float lowest_of_best(const WeighedRow& row, int count);
  void gather(const WeighedRow& row, float lowest);
  void keep_best(size_t count);
  void keep_nucleus(const WeighedRow& row, double wanted);
  Candidate last_of_weight(double wanted);

  std::vector<float> block_order_;
  std::vector<Candidate> kept_;   // in token order
  std::vector<Candidate> order_;  // some of them, being put in order
  std::array<double, kBuckets> bucket_weight_{};
};

}  // namespace trtllm::sampler
