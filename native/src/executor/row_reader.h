// Rows of logits -> tokens and log-probabilities, on all threads of the host. Each row is read on its own: which thread reads it never shows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "executor/backend.h"
#include "executor/live_request.h"
#include "sampler/sampler.h"

namespace trtllm {

struct RowTask {
  const LiveRequest* request = nullptr;
  std::span<const float> logits;
  int position = 0;  // of the token that the row predicts: one the sequence has (prompt log-probabilities), or the next one, to be drawn
  // Results.
  bool is_finite = false;
  int32_t token = 0;
  std::optional<sampler::RawLogprobs> logprobs = {};  // if asked for
};

class RowReader {
 public:
  RowReader(const HostCompute& host, int vocab_size);
  void read(std::span<RowTask> tasks);

 private:
  HostCompute host_;
  std::vector<sampler::Sampler> samplers_;  // one a thread
};

}  // namespace trtllm
