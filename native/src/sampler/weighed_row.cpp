#include "sampler/weighed_row.h"

#include <algorithm>

namespace trtllm::sampler {

WeighedRow::WeighedRow(const ops::Kernels& kernels, int vocab_size)
    : kernels_(kernels), block_best_(static_cast<size_t>(ops::logit_blocks(vocab_size))), block_sum_(block_best_.size()), weights_(static_cast<size_t>(vocab_size)) {}

bool WeighedRow::scan(std::span<const float> logits) {
  logits_ = logits;
  scan_ = kernels_.scan_logits({.logits = logits.data(), .count = static_cast<int>(logits.size()), .block_best = block_best_.data()});
  return scan_.is_finite;
}

void WeighedRow::weigh(float scale) {
  scale_ = scale;
  kernels_.weigh_logits({.logits = logits_.data(),
                         .count = static_cast<int>(logits_.size()),
                         .best = scan_.best,
                         .scale = scale,
                         .weights = weights_.data(),
                         .block_sum = block_sum_.data()});
  total_ = 0;
  for (float sum : block_sum_) total_ += sum;
}

int32_t WeighedRow::token_at(double u) const {
  const double wanted = u * total_;
  size_t block = 0, heaviest = 0;
  double before = 0;
  for (; block < block_sum_.size() && before + block_sum_[block] <= wanted; ++block) {
    before += block_sum_[block];
    if (block_sum_[block] > 0) heaviest = block;
  }
  if (block == block_sum_.size()) block = heaviest;  // u * total rounded up to the total
  const size_t begin = block * ops::kLogitBlock, end = std::min(begin + ops::kLogitBlock, weights_.size());
  int32_t token = scan_.token;
  double sum = before;
  for (size_t i = begin; i < end; ++i) {
    if (weights_[i] == 0) continue;
    token = static_cast<int32_t>(i);  // the last one of weight, if rounding keeps the sum below
    if ((sum += weights_[i]) > wanted) break;
  }
  return token;
}

}  // namespace trtllm::sampler
