// Tokens a sequence has seen, and what they do to its logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sampler/sampling_params.h"

namespace trtllm::sampler {

class SeenTokens {
 public:
  // max_outputs: so many outputs will take no more memory.
  void add_prompt(std::span<const int32_t> tokens, size_t max_outputs);
  void add_output(int32_t token);
  // repetition: over prompt and output; presence and frequency: over output (OpenAI's definition counts what was generated so far).
  void penalize(const SamplingParams& params, std::span<float> logits) const;

 private:
  struct Seen {
    int32_t token;
    int num_outputs;  // 0: in the prompt only
  };
  std::vector<Seen> seen_;  // ascending by token
};

inline bool has_penalties(const SamplingParams& params) {
  return params.repetition_penalty != 1.0f || params.presence_penalty != 0.0f || params.frequency_penalty != 0.0f;
}

}  // namespace trtllm::sampler
