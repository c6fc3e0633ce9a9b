#include "scheduler/scheduler.h"

#include <algorithm>

namespace trtllm::scheduler {

void insert_in_order(std::vector<Sequence*>& list, Sequence& sequence) {
  const auto at = std::upper_bound(list.begin(), list.end(), &sequence, [](const Sequence* a, const Sequence* b) { return runs_before(*a, *b); });
  list.insert(at, &sequence);
}

int ScheduledStep::num_context_tokens() const {
  int count = 0;
  for (const Chunk& chunk : context) count += chunk.num_tokens;
  return count;
}

void ScheduledStep::reserve(int max_sequences) {
  for (auto* chunks : {&context, &generation}) chunks->reserve(static_cast<size_t>(max_sequences));
  started.reserve(static_cast<size_t>(max_sequences));
}

void ScheduledStep::clear() {
  context.clear();
  generation.clear();
  started.clear();
  num_paused = 0;
}

Scheduler::Scheduler(const ExecutorConfig& config, int max_prompt_logit_rows)
    : config_(config), max_prompt_logit_rows_(max_prompt_logit_rows), blocks_(config.num_blocks) {
  active_.reserve(static_cast<size_t>(config.max_batch_size));
}

// All the memory that the sequence's steps will want is taken here.
void Scheduler::add(Sequence& sequence) {
  const auto max_blocks = static_cast<size_t>(blocks_to_completion(sequence));
  sequence.tokens.reserve(static_cast<size_t>(sequence.max_total_tokens));
  sequence.blocks.reserve(max_blocks);
  // The active may be paused. By doubling: reserve takes exactly what it is told, and a long queue would be copied for every request.
  if (const size_t most = waiting_.size() + active_.size() + 1; most > waiting_.capacity()) waiting_.reserve(2 * most);
  if (config_.enable_block_reuse && sequence.allow_reuse) sequence.keys = kv_cache::block_keys(sequence.tokens, sequence.cache_salt);
  sequence.keys.reserve(max_blocks);
  insert_in_order(waiting_, sequence);
}

void Scheduler::remove(Sequence& sequence) {
  std::erase(sequence.is_active ? active_ : waiting_, &sequence);
  sequence.is_active = false;
  blocks_.release_all(sequence.blocks);
}

void Scheduler::plan(ScheduledStep& step) {
  step.clear();
  admit(step);
  int budget = config_.max_num_tokens;
  plan_generation(step, budget);
  plan_context(step, context_budget(step, budget));
}

void Scheduler::observe(const ScheduledStep& step, double milliseconds) {
  step_time_.observe(static_cast<int>(step.generation.size()), step.num_context_tokens(), milliseconds);
}

void Scheduler::commit(const Chunk& chunk) {
  Sequence& sequence = *chunk.sequence;
  sequence.num_computed += chunk.num_tokens;
  if (!config_.enable_block_reuse || !sequence.allow_reuse) return;
  for (int full = sequence.num_computed / kBlockTokens; sequence.num_stored_blocks < full; ++sequence.num_stored_blocks) {
    const int index = sequence.num_stored_blocks;
    if (index == static_cast<int>(sequence.keys.size())) {
      const kv_cache::BlockKey parent = index == 0 ? kv_cache::root_key(sequence.cache_salt) : sequence.keys.back();
      sequence.keys.push_back(kv_cache::child_key(parent, std::span(sequence.tokens).subspan(static_cast<size_t>(index) * kBlockTokens, kBlockTokens)));
    }
    sequence.blocks[index] = blocks_.store(sequence.blocks[index], sequence.keys[index]);
  }
}

}  // namespace trtllm::scheduler
