// Runs an engine: requests in, tokens out, one step() at a time. Knows scheduler, KV blocks, sampler and a Backend;
// knows no JSON, frames, sockets or text. One thread calls submit, cancel and step; the owner brings its own queue.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "executor/backend.h"
#include "executor/event_list.h"
#include "sampler/sampling_params.h"
#include "scheduler/scheduler_config.h"

namespace trtllm {

struct Request {
  uint64_t id = 0;  // unique among live requests
  std::vector<int32_t> prompt;
  int32_t max_tokens = 16;
  SamplingParams sampling;
  std::vector<int32_t> stop_token_ids;  // EOS ids are put here by the caller, unless the request ignores them
  bool context_logits = false;          // deliver raw logits of every prompt row; bypasses prefix reuse
  bool allow_reuse = true;              // prompt log-probabilities bypass prefix reuse as well
  std::string cache_salt;               // requests with different salts share no blocks
  int32_t priority = 50;                // 0..100, higher first
};

// Raw logits of consecutive prompt rows of one request; `values` is valid until the next step().
struct ContextLogits {
  uint64_t id = 0;
  int32_t first_row = 0, num_rows = 0;
  const float* values = nullptr;  // [num_rows, vocab_size]
};

// One record of GET /metrics; names follow TensorRT-LLM's IterationStats.
struct IterationStats {
  uint64_t iteration = 0;
  double timestamp_s = 0;  // wall clock
  double latency_ms = 0;
  double forward_ms = 0;        // of it, the backend's forward pass; the rest is scheduling, sampling and telling
  double queue_latency_ms = 0;  // total waiting time of requests that became active in this step
  int num_new_active = 0, num_active = 0, num_queued = 0, num_completed = 0, num_paused = 0;
  int num_context_requests = 0, num_generation_requests = 0, num_context_tokens = 0;
  int max_blocks = 0, free_blocks = 0, used_blocks = 0;
  uint64_t alloc_total_blocks = 0, alloc_new_blocks = 0, reused_blocks = 0, missed_blocks = 0;
};

struct StepResult {
  EventList events;
  std::vector<ContextLogits> context_logits;
  IterationStats stats;
};

class Executor {
 public:
  Executor(std::unique_ptr<Backend> backend, const ExecutorConfig& config);
  ~Executor();

  // Throws Error{REQUEST_*} for a request that can never run (too long, empty, token id outside the vocabulary, ...).
  void submit(Request request);
  // Takes effect before the next step: the sequence leaves the batch and its blocks are free. Unknown ids are ignored.
  void cancel(uint64_t id);
  // True when a step would do something (work, or an event to report).
  bool has_work() const;
  // Valid until the next step. Allocates nothing for requests without log-probabilities.
  const StepResult& step();

  const ExecutorConfig& config() const;  // with all limits resolved
  int num_blocks() const;
  int num_free_blocks() const;  // blocks that hold nothing any live sequence needs (cached ones included)
  // Blocks, references and prefix tree agree with each other; throws std::logic_error with what is wrong. For tests.
  void check_integrity() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trtllm
