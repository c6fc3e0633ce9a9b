// One request while it lives: what was asked, how the scheduler sees it, what is to be reported.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "executor/executor.h"
#include "sampler/penalties.h"
#include "scheduler/sequence.h"

namespace trtllm {

struct LiveRequest {
  Request request;
  scheduler::Sequence sequence;
  sampler::SeenTokens seen;
  std::vector<TokenLogprobs> prompt_logprobs;  // collected chunk by chunk, reported with the first token
  std::chrono::steady_clock::time_point arrival;
  int cached_tokens = -1;  // set when it first starts
  bool has_reported = false;
};

// Throws Error{REQUEST_INVALID | REQUEST_TOO_LONG}: what can never run is refused at the door.
void check_request(const Request& request, const ExecutorConfig& config, const BackendInfo& backend);

}  // namespace trtllm
