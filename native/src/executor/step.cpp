// One step, part after part: plan, forward, read rows, tell what came of it.
#include <algorithm>
#include <string>

#include "executor/executor_state.h"

namespace trtllm {
namespace {

using scheduler::Chunk;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

TokenLogprobs public_logprobs(sampler::RawLogprobs raw) { return {raw.logprob, raw.rank, std::move(raw.top)}; }

}  // namespace

void Executor::State::begin() {
  result.events.clear();
  result.context_logits.clear();
  result.stats = {};
  for (const RequestEvent& event : pending_events) result.events.add(event.id).finish = event.finish;
  num_completed = static_cast<int>(pending_events.size());
  pending_events.clear();
}

void Executor::State::schedule() {
  scheduler.plan(scheduled);
  start_requests();
  build_step_plan(scheduled, plan, chunk_logits);
}

void Executor::State::start_requests() {
  for (const scheduler::Sequence* sequence : scheduled.started) {
    LiveRequest& request = *live.at(sequence->id);
    if (request.cached_tokens >= 0) continue;  // resumed
    request.cached_tokens = sequence->num_computed;
    ++result.stats.num_new_active;
    result.stats.queue_latency_ms += milliseconds_since(request.arrival);
  }
}

void Executor::State::forward() {
  if (plan.num_rows() == 0) return;
  const auto start = Clock::now();
  backend->enqueue(plan);
  logits = backend->wait();
  result.stats.forward_ms = milliseconds_since(start);
  scheduler.observe(scheduled, result.stats.forward_ms);
}

// What the step's logits are read for, in the chunks' order: a chunk's prompt rows, then, if it reached its sequence's end, the next token.
void Executor::State::list_tasks() {
  tasks.clear();
  for (size_t i = 0; i < num_chunks(); ++i) {
    const Chunk& done = chunk(i);
    LiveRequest& request = live_of(done);
    const ChunkLogits& rows = chunk_logits[i];
    scheduler.commit(done);
    if (request.request.sampling.num_prompt_logprobs >= 0) {
      const PromptRows prompt = undelivered_rows(request, rows);
      // The last prompt row's prediction is the first generated token.
      for (int position = prompt.begin; position < std::min(prompt.end, request.sequence.num_prompt_tokens - 1); ++position)
        tasks.push_back({.request = &request, .logits = row(rows.first + position - rows.first_position), .position = position + 1});
    }
    if (done.sequence->num_uncomputed() == 0 && request.request.max_tokens > 0)
      tasks.push_back({.request = &request, .logits = row(rows.first + rows.count - 1), .position = request.sequence.num_tokens()});
  }
}

// Prompt rows [begin, end) of the chunk's logits that nobody has seen; none: not asked for, or all were delivered before a pause.
Executor::State::PromptRows Executor::State::undelivered_rows(const LiveRequest& request, const ChunkLogits& rows) const {
  const scheduler::Sequence& sequence = request.sequence;
  const int end = std::min(rows.first_position + rows.count, sequence.num_prompt_tokens);
  if (!sequence.wants_prompt_logits || rows.count == 0 || rows.first_position != sequence.num_delivered_rows || end <= rows.first_position) return {};
  return {rows.first_position, end};
}

void Executor::State::tell() {
  size_t task = 0;
  for (size_t i = 0; i < num_chunks(); ++i) {
    LiveRequest& request = live_of(chunk(i));
    const size_t first_task = task;
    while (task < tasks.size() && tasks[task].request == &request) ++task;
    tell_of(request, chunk_logits[i], std::span(tasks).subspan(first_task, task - first_task));
  }
}

void Executor::State::tell_of(LiveRequest& request, const ChunkLogits& rows, std::span<RowTask> done) {
  RequestEvent& event = result.events.add(request.request.id);
  if (!std::ranges::all_of(done, &RowTask::is_finite)) {
    event.finish = FinishReason::error;
    event.error_code = "NUMERICS_ERROR";
    event.error_message = "the model gave logits that are NaN or infinite for this request";
  } else {
    deliver_prompt_rows(request, rows, done);
    if (request.sequence.num_uncomputed() > 0) return result.events.remove_last();  // nothing to tell yet
    if (request.request.max_tokens == 0) event.finish = FinishReason::length;
    else append_token(request, done.back(), event);
  }
  if (!request.has_reported) {
    request.has_reported = true;
    event.cached_tokens = request.cached_tokens;
    if (request.request.sampling.num_prompt_logprobs >= 0 && event.finish != FinishReason::error) event.prompt_logprobs = std::move(request.prompt_logprobs);
  }
  if (event.finish != FinishReason::none) end(request);
}

// Context logits and prompt log-probabilities of the chunk's rows.
void Executor::State::deliver_prompt_rows(LiveRequest& request, const ChunkLogits& rows, std::span<RowTask> done) {
  scheduler::Sequence& sequence = request.sequence;
  const PromptRows prompt = undelivered_rows(request, rows);
  if (prompt.begin == prompt.end) return;
  for (RowTask& task : done) {
    if (task.position < sequence.num_prompt_tokens) request.prompt_logprobs.push_back(public_logprobs(std::move(*task.logprobs)));
  }
  if (request.request.context_logits) result.context_logits.push_back({sequence.id, prompt.begin, prompt.end - prompt.begin, row(rows.first).data()});
  sequence.num_delivered_rows = prompt.end;
}

void Executor::State::append_token(LiveRequest& request, RowTask& drawn, RequestEvent& event) {
  if (drawn.logprobs) event.logprobs.push_back(public_logprobs(std::move(*drawn.logprobs)));
  request.sequence.tokens.push_back(drawn.token);
  if (sampler::has_penalties(request.request.sampling)) request.seen.add_output(drawn.token);
  event.tokens.push_back(drawn.token);
  event.finish = finish_of(request, drawn.token);
}

FinishReason Executor::State::finish_of(const LiveRequest& request, int32_t token) const {
  const auto& stops = request.request.stop_token_ids;
  if (std::find(stops.begin(), stops.end(), token) != stops.end()) return FinishReason::stop;
  return request.sequence.num_tokens() >= request.sequence.max_total_tokens ? FinishReason::length : FinishReason::none;
}

void Executor::State::end(LiveRequest& request) {
  scheduler.remove(request.sequence);
  ++num_completed;
  const uint64_t id = request.request.id;  // the request ends with its entry
  live.erase(id);
}

void Executor::State::report(Clock::time_point start) {
  IterationStats& stats = result.stats;
  stats.iteration = iteration++;
  stats.timestamp_s = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  stats.latency_ms = milliseconds_since(start);
  stats.num_active = scheduler.num_active();
  stats.num_queued = scheduler.num_waiting();
  stats.num_completed = num_completed;
  stats.num_paused = scheduled.num_paused;
  stats.num_context_requests = static_cast<int>(scheduled.context.size());
  stats.num_generation_requests = static_cast<int>(scheduled.generation.size());
  stats.num_context_tokens = scheduled.num_context_tokens();
  const kv_cache::BlockManager& blocks = scheduler.blocks();
  stats.max_blocks = blocks.num_blocks();
  stats.free_blocks = blocks.num_available();
  stats.used_blocks = blocks.num_used();
  stats.alloc_total_blocks = blocks.counters().alloc_total;
  stats.alloc_new_blocks = blocks.counters().alloc_new;
  stats.reused_blocks = blocks.counters().reused;
  stats.missed_blocks = blocks.counters().missed;
}

}  // namespace trtllm
