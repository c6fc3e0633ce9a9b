// A row of logits with the weight of every token, exp((logit - best) * scale), and both gathered by blocks. Made by two passes of the
// op kernels (ops/cpu/logits.h); all that is drawn or reported is read from it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/kernels.h"

namespace trtllm::sampler {

class WeighedRow {
 public:
  WeighedRow(const ops::Kernels& kernels, int vocab_size);

  // First pass; the row must stay where it is as long as this is used. False: a logit is NaN or infinite.
  bool scan(std::span<const float> logits);
  // Second pass. scale: 1 / temperature.
  void weigh(float scale);

  std::span<const float> logits() const { return logits_; }
  int32_t best_token() const { return scan_.token; }
  float best() const { return scan_.best; }
  float scale() const { return scale_; }
  std::span<const float> block_best() const { return block_best_; }
  std::span<const float> weights() const { return weights_; }
  // Of all weights: the blocks' sums in order, in double.
  double total() const { return total_; }
  // The token at which the running sum of weights passes u of their total, u in [0, 1). Never one of weight 0.
  int32_t token_at(double u) const;

 private:
  const ops::Kernels& kernels_;
  std::span<const float> logits_;
  ops::LogitScan scan_;
  float scale_ = 1;
  std::vector<float> block_best_, block_sum_, weights_;
  double total_ = 0;
};

}  // namespace trtllm::sampler
