#include "executor/executor.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "executor/live_request.h"
#include "executor/row_reader.h"
#include "executor/step_plan.h"

namespace trtllm {
namespace {

using scheduler::Chunk;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

// Logit rows for prompts in one step, besides each sequence's last row: bounds the memory that scoring a prompt takes.
constexpr int kPromptLogitRows = 64;

ExecutorConfig resolved(ExecutorConfig config, const BackendInfo& backend) {
  if (config.max_seq_len == 0 || config.max_seq_len > backend.max_seq_len) config.max_seq_len = backend.max_seq_len;
  // Every generating sequence has a row in every step.
  config.max_batch_size = std::min(config.max_batch_size, config.max_num_tokens);
  if (config.num_blocks < 1 || config.max_batch_size < 1 || config.max_seq_len < 1)
    throw Error("BAD_FLAG", "executor: blocks, batch size, tokens of a step and sequence length must be at least 1");
  return config;
}

TokenLogprobs public_logprobs(sampler::RawLogprobs raw) { return {raw.logprob, raw.rank, std::move(raw.top)}; }

}  // namespace

struct Executor::State {
  State(std::unique_ptr<Backend> owned, const ExecutorConfig& wanted)
      : backend(std::move(owned)),
        info(backend->info()),
        config(resolved(wanted, info)),
        scheduler(config, kPromptLogitRows),
        reader(backend->host(), info.vocab_size) {
    const int max_logit_rows = config.max_batch_size + kPromptLogitRows;
    backend->allocate_kv(config.num_blocks);
    backend->reserve(config.max_num_tokens, config.max_batch_size, max_logit_rows);
    scheduled.reserve(config.max_batch_size);
    reserve_step_plan(config, max_logit_rows, plan, chunk_logits);
    tasks.reserve(static_cast<size_t>(max_logit_rows));
    result.context_logits.reserve(static_cast<size_t>(config.max_batch_size));
    result.events = EventList(static_cast<size_t>(config.max_batch_size));
  }

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
  live.erase(request.request.id);
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

Executor::Executor(std::unique_ptr<Backend> backend, const ExecutorConfig& config) : state_(std::make_unique<State>(std::move(backend), config)) {}
Executor::~Executor() = default;

void Executor::submit(Request request) {
  check_request(request, state_->config, state_->info);
  if (state_->live.contains(request.id)) throw Error("REQUEST_INVALID", "id " + std::to_string(request.id) + " belongs to a live request");
  if (state_->scheduler.num_waiting() >= state_->config.max_queue_size)
    throw Error("QUEUE_FULL", std::to_string(state_->scheduler.num_waiting()) + " requests are waiting, max_queue_size is " + std::to_string(state_->config.max_queue_size));
  auto live = std::make_unique<LiveRequest>();
  live->arrival = Clock::now();
  live->request = std::move(request);
  const Request& asked = live->request;
  scheduler::Sequence& sequence = live->sequence;
  sequence.id = asked.id;
  sequence.arrival = state_->num_submitted++;
  sequence.priority = asked.priority;
  sequence.tokens = asked.prompt;
  sequence.num_prompt_tokens = static_cast<int>(asked.prompt.size());
  sequence.max_total_tokens = sequence.num_prompt_tokens + asked.max_tokens;
  sequence.wants_prompt_logits = asked.context_logits || asked.sampling.num_prompt_logprobs >= 0;
  sequence.allow_reuse = asked.allow_reuse && !sequence.wants_prompt_logits;
  sequence.cache_salt = asked.cache_salt;
  // The first prompt token has no prediction.
  if (asked.sampling.num_prompt_logprobs >= 0) live->prompt_logprobs.emplace_back();
  if (sampler::has_penalties(asked.sampling)) live->seen.add_prompt(asked.prompt, static_cast<size_t>(asked.max_tokens));
  state_->scheduler.add(sequence);
  state_->live.emplace(asked.id, std::move(live));
}

void Executor::cancel(uint64_t id) {
  const auto found = state_->live.find(id);
  if (found == state_->live.end()) return;
  state_->scheduler.remove(found->second->sequence);
  state_->live.erase(found);
  state_->pending_events.add(id).finish = FinishReason::cancelled;
}

bool Executor::has_work() const { return !state_->live.empty() || !state_->pending_events.empty(); }

const StepResult& Executor::step() {
  const auto start = Clock::now();
  state_->begin();
  state_->schedule();
  state_->forward();
  state_->list_tasks();
  state_->reader.read(state_->tasks);
  state_->tell();
  state_->report(start);
  return state_->result;
}

const ExecutorConfig& Executor::config() const { return state_->config; }
int Executor::num_blocks() const { return state_->scheduler.blocks().num_blocks(); }
int Executor::num_free_blocks() const { return state_->scheduler.blocks().num_available(); }
void Executor::check_integrity() const { state_->scheduler.blocks().check_integrity(); }

}  // namespace trtllm
