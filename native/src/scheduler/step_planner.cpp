// Step plan: how many tokens of whom in this step? Generation first, one token each; what is left of the budget goes to prompts.
#include <algorithm>

#include "scheduler/scheduler.h"

namespace trtllm::scheduler {

// In scheduling order, so that whoever is paused for blocks comes later and is not in the step yet.
void Scheduler::plan_generation(ScheduledStep& step, int& budget) {
  for (size_t i = 0; i < active_.size() && budget > 0;) {
    Sequence& sequence = *active_[i];
    if (sequence.is_generating()) {
      if (!grow(sequence, 1, step)) continue;  // it was paused itself: active_[i] is another now
      step.generation.push_back({&sequence, 1});
      --budget;
    }
    ++i;
  }
}

// What is left for prompts; less where generating sequences would feel more. Where more wait for their first token than generate, their
// time counts in proportion: a few early ones must not hold up all that came after them. Prompts that may not be cut get all of it.
int Scheduler::context_budget(const ScheduledStep& step, int budget) const {
  const int num_generating = static_cast<int>(step.generation.size());
  if (config_.target_itl_ms == 0 || !config_.enable_chunked_context || num_generating == 0) return budget;
  const double waiting_share = static_cast<double>(num_active() - num_generating) / num_generating;
  return std::min(budget, step_time_.context_rows_within(num_generating, config_.target_itl_ms * std::max(1.0, waiting_share)));
}

// Prompts in scheduling order; the first that gets nothing ends it, so that a long one is never passed over for good.
void Scheduler::plan_context(ScheduledStep& step, int budget) {
  int logit_rows = max_prompt_logit_rows_;
  const auto in_context = [](const Sequence* sequence) { return !sequence->is_generating(); };
  const int num_context = static_cast<int>(std::count_if(active_.begin(), active_.end(), in_context));
  const int fair_share = num_context == 0 ? budget : std::max(kBlockTokens, budget / num_context / kBlockTokens * kBlockTokens);
  // Prompts that may not be cut cannot share: each would wait for a step of its own forever.
  const bool shares = config_.enable_chunked_context && config_.chunking_policy == ChunkingPolicy::equal_progress;
  const int share = shares ? fair_share : budget;
  for (size_t i = 0; i < active_.size(); ++i) {
    Sequence& sequence = *active_[i];
    if (!in_context(&sequence)) continue;
    const int num_tokens = chunk_tokens(sequence, std::min(budget, share), logit_rows);
    if (num_tokens == 0) return;
    // Pausing others is safe only while nobody is in the step; then it is needed, or two half-computed prompts would wait for each other.
    const bool is_first = step.context.empty() && step.generation.empty();
    if (!is_first && blocks_for(sequence.num_computed + num_tokens) - static_cast<int>(sequence.blocks.size()) > blocks_.num_available()) return;
    if (!grow(sequence, num_tokens, step)) return;
    step.context.push_back({&sequence, num_tokens});
    budget -= num_tokens;
    if (sequence.wants_prompt_logits) logit_rows -= num_tokens;
  }
}

// Tokens of the next chunk: ends on a block's border unless it is the last one or less than a block is left of the budget.
int Scheduler::chunk_tokens(const Sequence& sequence, int budget, int logit_rows) const {
  const int left = sequence.num_uncomputed();
  int taken = std::min(left, budget);
  if (sequence.wants_prompt_logits) taken = std::min(taken, std::max(0, sequence.num_delivered_rows - sequence.num_computed) + std::max(0, logit_rows));
  if (taken <= 0) return 0;
  if (taken == left) return taken;
  // A paused sequence may have grown beyond one step; it is cut even where prompts are not.
  if (!config_.enable_chunked_context && !sequence.was_paused && !sequence.wants_prompt_logits) return 0;
  const int border = (sequence.num_computed + taken) / kBlockTokens * kBlockTokens;
  return border > sequence.num_computed ? border - sequence.num_computed : taken;
}

// Blocks for the next `num_tokens` tokens. Where none is left, the last in scheduling order is paused; false: that was the sequence itself.
bool Scheduler::grow(Sequence& sequence, int num_tokens, ScheduledStep& step) {
  while (static_cast<int>(sequence.blocks.size()) < blocks_for(sequence.num_computed + num_tokens)) {
    const int block = blocks_.take();
    if (block >= 0) sequence.blocks.push_back(block);
    else if (!pause_last(sequence, step)) return false;
  }
  return true;
}

bool Scheduler::pause_last(const Sequence& keep, ScheduledStep& step) {
  Sequence& last = *active_.back();
  const bool is_other = &last != &keep;
  pause(last, step);
  return is_other;
}

// Back into the queue at its place. Its full blocks stay in the prefix tree as long as there is room; the rest is computed again, to the same bits.
void Scheduler::pause(Sequence& sequence, ScheduledStep& step) {
  std::erase(active_, &sequence);
  std::erase(step.started, &sequence);
  sequence.is_active = false;
  sequence.was_paused = true;
  blocks_.release_all(sequence.blocks);
  sequence.num_computed = 0;
  sequence.num_stored_blocks = 0;
  insert_in_order(waiting_, sequence);
  ++step.num_paused;
}

}  // namespace trtllm::scheduler
