// What an executor keeps, and the parts of one step.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "executor/executor.h"
#include "executor/live_request.h"
#include "executor/row_reader.h"
#include "executor/step_plan.h"
#include "scheduler/scheduler.h"

namespace trtllm {

// Logit rows for prompts in one step, besides each sequence's last row: bounds the memory that scoring a prompt takes.
inline constexpr int kPromptLogitRows = 64;

struct Executor::State {
  using Chunk = scheduler::Chunk;
  using Clock = std::chrono::steady_clock;

  // Takes all the memory that steps will want.
  State(std::unique_ptr<Backend> owned, const ExecutorConfig& wanted);

  std::unique_ptr<Backend> backend;
  BackendInfo info;
  ExecutorConfig config;
  scheduler::Scheduler scheduler;
  RowReader reader;
  std::unordered_map<uint64_t, std::unique_ptr<LiveRequest>> live;
  EventList pending_events;  // of requests that ended between steps
  uint64_t num_submitted = 0;
  uint64_t iteration = 0;

  // Of the step being made.
  scheduler::ScheduledStep scheduled;
  StepPlan plan;
  std::vector<ChunkLogits> chunk_logits;
  std::span<const float> logits;
  std::vector<RowTask> tasks;
  StepResult result;
  int num_completed = 0;

  LiveRequest& live_of(const Chunk& chunk) { return *live.at(chunk.sequence->id); }
  const Chunk& chunk(size_t i) const { return i < scheduled.context.size() ? scheduled.context[i] : scheduled.generation[i - scheduled.context.size()]; }
  size_t num_chunks() const { return scheduled.context.size() + scheduled.generation.size(); }
  std::span<const float> row(int logit_row) const { return logits.subspan(static_cast<size_t>(logit_row) * info.vocab_size, info.vocab_size); }

  void begin();
  void schedule();
  void forward();
  void list_tasks();
  void tell();
  void report(Clock::time_point start);

  struct PromptRows {
    int begin = 0, end = 0;
  };

  void start_requests();
  PromptRows undelivered_rows(const LiveRequest& request, const ChunkLogits& rows) const;
  void tell_of(LiveRequest& request, const ChunkLogits& rows, std::span<RowTask> done);
  void deliver_prompt_rows(LiveRequest& request, const ChunkLogits& rows, std::span<RowTask> done);
  void append_token(LiveRequest& request, RowTask& drawn, RequestEvent& event);
  FinishReason finish_of(const LiveRequest& request, int32_t token) const;
  void end(LiveRequest& request);
};

}  // namespace trtllm
