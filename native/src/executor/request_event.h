// What the executor tells of a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trtllm {

enum class FinishReason { none, stop, length, cancelled, error };

struct TokenLogprobs {
  float logprob = 0;
  int32_t rank = 0;  // 1: the most likely
  std::vector<std::pair<int32_t, float>> top;  // best first
};

// What one step did to one request.
struct RequestEvent {
  uint64_t id = 0;
  std::vector<int32_t> tokens;          // newly generated; a stop token that ended the request is included
  std::vector<TokenLogprobs> logprobs;  // one a token, if asked for
  // With the first token, if num_prompt_logprobs >= 0: one entry a prompt token; the first has no prediction and is empty.
  std::optional<std::vector<TokenLogprobs>> prompt_logprobs;
  FinishReason finish = FinishReason::none;
  std::string error_code, error_message;  // with FinishReason::error
  int32_t cached_tokens = -1;             // with the first token: prompt tokens taken from the cache
};

}  // namespace trtllm
