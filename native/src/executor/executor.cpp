#include "executor/executor.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "executor/live_request.h"
#include "executor/step_plan.h"
#include "sampler/logprobs.h"
#include "sampler/sampler.h"

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
        sampler(info.vocab_size) {
    backend->allocate_kv(config.num_blocks);
    backend->reserve(config.max_num_tokens, config.max_batch_size, config.max_batch_size + kPromptLogitRows);
  }

  std::unique_ptr<Backend> backend;
  BackendInfo info;
  ExecutorConfig config;
  scheduler::Scheduler scheduler;
  sampler::Sampler sampler;
  std::unordered_map<uint64_t, std::unique_ptr<LiveRequest>> live;
  std::vector<RequestEvent> pending_events;  // of requests that ended between steps
  uint64_t num_submitted = 0;
  uint64_t iteration = 0;

  // Of the step being made.
  scheduler::ScheduledStep scheduled;
  StepPlan plan;
  std::vector<ChunkLogits> chunk_logits;
  std::span<const float> logits;
  StepResult result;
  int num_completed = 0;

  LiveRequest& live_of(const Chunk& chunk) { return *live.at(chunk.sequence->id); }
  const Chunk& chunk(size_t i) const { return i < scheduled.context.size() ? scheduled.context[i] : scheduled.generation[i - scheduled.context.size()]; }
  size_t num_chunks() const { return scheduled.context.size() + scheduled.generation.size(); }
  std::span<const float> row(int logit_row) const { return logits.subspan(static_cast<size_t>(logit_row) * info.vocab_size, info.vocab_size); }

  void schedule();
  void forward();
  void sample_and_commit();
  void report(Clock::time_point start);

  void start_requests();
  bool deliver_prompt_rows(LiveRequest& request, const ChunkLogits& rows);
  void sample_next(LiveRequest& request, std::span<const float> row, RequestEvent& event);
  FinishReason finish_of(const LiveRequest& request, int32_t token) const;
  void end(LiveRequest& request, RequestEvent event);
};

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
  backend->enqueue(plan);
  logits = backend->wait();
}

// Every chunk: its prompt rows are delivered, its blocks counted; one that reached its sequence's end gets a token.
void Executor::State::sample_and_commit() {
  for (size_t i = 0; i < num_chunks(); ++i) {
    const Chunk& done = chunk(i);
    LiveRequest& request = live_of(done);
    RequestEvent event;
    event.id = request.request.id;
    scheduler.commit(done);
    if (!deliver_prompt_rows(request, chunk_logits[i])) {
      event.finish = FinishReason::error;
    } else if (done.sequence->num_uncomputed() == 0) {
      if (request.request.max_tokens == 0) event.finish = FinishReason::length;
      else sample_next(request, row(chunk_logits[i].first + chunk_logits[i].count - 1), event);
    } else {
      continue;
    }
    if (event.finish == FinishReason::error) {
      event.error_code = "NUMERICS_ERROR";
      event.error_message = "the model gave logits that are NaN or infinite for this request";
    }
    if (!request.has_reported) {
      request.has_reported = true;
      event.cached_tokens = request.cached_tokens;
      if (request.request.sampling.num_prompt_logprobs >= 0 && event.finish != FinishReason::error) event.prompt_logprobs = std::move(request.prompt_logprobs);
    }
    if (event.finish != FinishReason::none) end(request, std::move(event));
    else result.events.push_back(std::move(event));
  }
}

// Context logits and prompt log-probabilities of the chunk's rows; false: not finite.
bool Executor::State::deliver_prompt_rows(LiveRequest& request, const ChunkLogits& rows) {
  scheduler::Sequence& sequence = request.sequence;
  if (!sequence.wants_prompt_logits || rows.count == 0) return true;
  const int end = std::min(rows.first_position + rows.count, sequence.num_prompt_tokens);
  if (rows.first_position != sequence.num_delivered_rows || end <= rows.first_position) return true;  // all delivered before a pause
  const int num_prompt_logprobs = request.request.sampling.num_prompt_logprobs;
  for (int position = rows.first_position; position < end && num_prompt_logprobs >= 0; ++position) {
    if (position + 1 == sequence.num_prompt_tokens) break;  // its prediction is the first generated token
    const std::span<const float> logits_row = row(rows.first + position - rows.first_position);
    if (!sampler::all_finite(logits_row)) return false;
    request.prompt_logprobs.push_back(public_logprobs(sampler::raw_logprobs(logits_row, sequence.tokens[position + 1], num_prompt_logprobs)));
  }
  if (request.request.context_logits) result.context_logits.push_back({sequence.id, rows.first_position, end - rows.first_position, row(rows.first).data()});
  sequence.num_delivered_rows = end;
  return true;
}

void Executor::State::sample_next(LiveRequest& request, std::span<const float> logits_row, RequestEvent& event) {
  scheduler::Sequence& sequence = request.sequence;
  const SamplingParams& params = request.request.sampling;
  const bool is_early = sequence.num_generated() < params.min_tokens;
  const std::optional<int32_t> token = sampler.sample({logits_row, &params, &request.seen, is_early ? std::span<const int32_t>(request.request.stop_token_ids) : std::span<const int32_t>(),
                                                       static_cast<uint64_t>(sequence.num_tokens())});
  if (!token) {
    event.finish = FinishReason::error;
    return;
  }
  if (params.num_logprobs >= 0) event.logprobs.push_back(public_logprobs(sampler::raw_logprobs(logits_row, *token, params.num_logprobs)));
  sequence.tokens.push_back(*token);
  if (sampler::has_penalties(params)) request.seen.add_output(*token);
  event.tokens.push_back(*token);
  event.finish = finish_of(request, *token);
}

FinishReason Executor::State::finish_of(const LiveRequest& request, int32_t token) const {
  const auto& stops = request.request.stop_token_ids;
  if (std::find(stops.begin(), stops.end(), token) != stops.end()) return FinishReason::stop;
  return request.sequence.num_tokens() >= request.sequence.max_total_tokens ? FinishReason::length : FinishReason::none;
}

void Executor::State::end(LiveRequest& request, RequestEvent event) {
  scheduler.remove(request.sequence);
  ++num_completed;
  result.events.push_back(std::move(event));
  live.erase(result.events.back().id);
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
  for (const Chunk& context : scheduled.context) stats.num_context_tokens += context.num_tokens;
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
  if (sampler::has_penalties(asked.sampling)) live->seen.add_prompt(asked.prompt);
  state_->scheduler.add(sequence);
  state_->live.emplace(asked.id, std::move(live));
}

void Executor::cancel(uint64_t id) {
  const auto found = state_->live.find(id);
  if (found == state_->live.end()) return;
  state_->scheduler.remove(found->second->sequence);
  state_->live.erase(found);
  RequestEvent event;
  event.id = id;
  event.finish = FinishReason::cancelled;
  state_->pending_events.push_back(std::move(event));
}

bool Executor::has_work() const { return !state_->live.empty() || !state_->pending_events.empty(); }

StepResult Executor::step() {
  const auto start = Clock::now();
  state_->result = {};
  state_->result.events.swap(state_->pending_events);
  state_->num_completed = static_cast<int>(state_->result.events.size());
  state_->schedule();
  state_->forward();
  state_->sample_and_commit();
  state_->report(start);
  return std::move(state_->result);
}

const ExecutorConfig& Executor::config() const { return state_->config; }
int Executor::num_blocks() const { return state_->scheduler.blocks().num_blocks(); }
int Executor::num_free_blocks() const { return state_->scheduler.blocks().num_available(); }
void Executor::check_integrity() const { state_->scheduler.blocks().check_integrity(); }

}  // namespace trtllm
