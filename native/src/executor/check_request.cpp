#include <cmath>
#include <string>

#include "base/error.h"
#include "executor/live_request.h"

namespace trtllm {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error("REQUEST_INVALID", what); }

std::string number(double value) { return std::to_string(value); }

void check_range(const char* name, double value, double min, double max) {
  if (!(value >= min && value <= max)) invalid(std::string(name) + ": expected a number from " + number(min) + " to " + number(max) + ", found " + number(value));
}

void check_sampling(const SamplingParams& sampling, int vocab_size) {
  if (!(sampling.temperature >= 0) || !std::isfinite(sampling.temperature)) invalid("temperature: expected a number >= 0, found " + number(sampling.temperature));
  if (sampling.top_k < 0) invalid("top_k: expected 0 (off) or more, found " + std::to_string(sampling.top_k));
  if (!(sampling.top_p > 0 && sampling.top_p <= 1)) invalid("top_p: expected a number in (0, 1], found " + number(sampling.top_p));
  check_range("min_p", sampling.min_p, 0, 1);
  if (!(sampling.repetition_penalty > 0) || !std::isfinite(sampling.repetition_penalty)) invalid("repetition_penalty: expected a number > 0, found " + number(sampling.repetition_penalty));
  check_range("presence_penalty", sampling.presence_penalty, -2, 2);
  check_range("frequency_penalty", sampling.frequency_penalty, -2, 2);
  for (int count : {sampling.num_logprobs, sampling.num_prompt_logprobs}) {
    if (count < -1 || count > vocab_size) invalid("logprobs: expected at most " + std::to_string(vocab_size) + ", found " + std::to_string(count));
  }
  if (sampling.min_tokens < 0) invalid("min_tokens: expected 0 or more, found " + std::to_string(sampling.min_tokens));
}

void check_tokens(const std::vector<int32_t>& tokens, const char* name, int vocab_size) {
  for (int32_t token : tokens) {
    if (token < 0 || token >= vocab_size) invalid(std::string(name) + ": token id " + std::to_string(token) + " is outside the vocabulary of " + std::to_string(vocab_size));
  }
}

}  // namespace

void check_request(const Request& request, const ExecutorConfig& config, const BackendInfo& backend) {
  if (request.prompt.empty()) invalid("the prompt is empty: at least one token is needed");
  if (request.max_tokens < 0) invalid("max_tokens: expected 0 or more, found " + std::to_string(request.max_tokens));
  if (request.priority < 0 || request.priority > 100) invalid("priority: expected 0 to 100, found " + std::to_string(request.priority));
  check_tokens(request.prompt, "prompt", backend.vocab_size);
  check_tokens(request.stop_token_ids, "stop_token_ids", backend.vocab_size);
  check_sampling(request.sampling, backend.vocab_size);

  const auto prompt = static_cast<int64_t>(request.prompt.size());
  const int64_t total = prompt + request.max_tokens;
  if (total > config.max_seq_len)
    throw Error("REQUEST_TOO_LONG", "prompt (" + std::to_string(prompt) + ") and max_tokens (" + std::to_string(request.max_tokens) + ") are " + std::to_string(total) +
                                        " tokens, max_seq_len is " + std::to_string(config.max_seq_len));
  if (!config.enable_chunked_context && prompt > config.max_num_tokens)
    throw Error("REQUEST_TOO_LONG", "the prompt has " + std::to_string(prompt) + " tokens, a step takes max_num_tokens " + std::to_string(config.max_num_tokens) + " and chunked context is off");
  const int64_t blocks = scheduler::blocks_for(static_cast<int>(request.max_tokens > 0 ? total - 1 : total));
  if (blocks > config.num_blocks)
    throw Error("REQUEST_TOO_LONG", "the request needs " + std::to_string(blocks) + " KV blocks, there are " + std::to_string(config.num_blocks) + "; give the KV cache more memory or lower max_tokens");
}

}  // namespace trtllm
