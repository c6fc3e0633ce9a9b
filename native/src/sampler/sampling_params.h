// How one sequence's next token is chosen. Fields and ranges are those of packages/protocol/src/sampling-params.ts;
// the server checks them, the worker checks them again (messages.cpp).
#pragma once

#include <cstdint>

namespace trtllm {

struct SamplingParams {
  float temperature = 1.0f;          // >= 0; 0 takes the arg-max
  int32_t top_k = 0;                 // 0: off
  float top_p = 1.0f;                // (0, 1]
  float min_p = 0.0f;                // [0, 1], relative to the best token's probability
  float repetition_penalty = 1.0f;   // > 0; over prompt and output tokens: logit / r if positive, * r if negative
  float presence_penalty = 0.0f;     // [-2, 2]; over output tokens
  float frequency_penalty = 0.0f;    // [-2, 2]; over output tokens, times their count
  uint64_t seed = 0;                 // with the position it keys the random numbers: same seed, same text, in any batch
  int32_t num_logprobs = -1;         // -1: none; 0: the chosen token's; n: and the n best. Of the raw logits.
  int32_t num_prompt_logprobs = -1;  // the same for the prompt's tokens (echo)
  int32_t min_tokens = 0;            // stop tokens cannot be drawn before so many output tokens
};

}  // namespace trtllm
