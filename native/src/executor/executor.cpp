#include "executor/executor.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "executor/executor_state.h"

namespace trtllm {
namespace {

ExecutorConfig resolved(ExecutorConfig config, const BackendInfo& backend) {
  if (config.max_seq_len == 0 || config.max_seq_len > backend.max_seq_len) config.max_seq_len = backend.max_seq_len;
  // Every generating sequence has a row in every step.
  config.max_batch_size = std::min(config.max_batch_size, config.max_num_tokens);
  if (config.num_blocks < 1 || config.max_batch_size < 1 || config.max_seq_len < 1)
    throw Error("BAD_FLAG", "executor: blocks, batch size, tokens of a step and sequence length must be at least 1");
  return config;
}

}  // namespace

Executor::State::State(std::unique_ptr<Backend> owned, const ExecutorConfig& wanted)
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

Executor::Executor(std::unique_ptr<Backend> backend, const ExecutorConfig& config) : state_(std::make_unique<State>(std::move(backend), config)) {}
Executor::~Executor() = default;

void Executor::submit(Request request) {
  check_request(request, state_->config, state_->info);
  if (state_->live.contains(request.id)) throw Error("REQUEST_INVALID", "id " + std::to_string(request.id) + " belongs to a live request");
  if (state_->scheduler.num_waiting() >= state_->config.max_queue_size)
    throw Error("QUEUE_FULL", std::to_string(state_->scheduler.num_waiting()) + " requests are waiting, max_queue_size is " + std::to_string(state_->config.max_queue_size));
  auto live = std::make_unique<LiveRequest>();
  live->arrival = State::Clock::now();
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
  const auto start = State::Clock::now();
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
