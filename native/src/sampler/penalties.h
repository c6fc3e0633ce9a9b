// Tokens a sequence has seen, and what they do to its logits.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "sampler/sampling_params.h"

namespace trtllm::sampler {

class SeenTokens {
 public:
  void add_prompt(std::span<const int32_t> tokens);
  void add_output(int32_t token);
  // repetition: over prompt and output; presence and frequency: over output (OpenAI's definition counts what was generated so far).
  void penalize(const SamplingParams& params, std::span<float> logits) const;

 private:
  std::unordered_map<int32_t, int> output_count_;  // 0: in the prompt only
};

inline bool has_penalties(const SamplingParams& params) {
  return params.repetition_penalty != 1.0f || params.presence_penalty != 0.0f || params.frequency_penalty != 0.0f;
}

}  // namespace trtllm::sampler
