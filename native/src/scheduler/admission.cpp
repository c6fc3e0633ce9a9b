// Admission: may a waiting sequence start, given blocks?
#include <algorithm>

#include "scheduler/scheduler.h"

namespace trtllm::scheduler {

// Takes from the queue in order until one does not fit: nobody is passed over for being large. A deferred one waits for a prefix that
// another computes right now; those behind it may go on. Not in a static batch, where it would wait for the whole batch.
void Scheduler::admit(ScheduledStep& step) {
  if (config_.capacity_policy == CapacityPolicy::static_batch && !active_.empty()) return;  // a batch is closed until all have ended
  for (size_t i = 0; i < waiting_.size();) {
    if (num_active() >= config_.max_batch_size) return;
    Sequence& sequence = *waiting_[i];
    const Admission admission = try_start(sequence);
    if (admission == Admission::no_room) return;
    if (admission == Admission::deferred) {
      ++i;
      continue;
    }
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    sequence.is_active = true;
    step.started.push_back(&sequence);
    insert_in_order(active_, sequence);  // at once: the next candidate sees its blocks and prefix as taken
  }
}

// Blocks that active sequences may still take, if they run to completion.
int Scheduler::reserved_blocks() const {
  int reserved = 0;
  for (const Sequence* sequence : active_) reserved += blocks_to_completion(*sequence) - static_cast<int>(sequence->blocks.size());
  return reserved;
}

Scheduler::Admission Scheduler::try_start(Sequence& sequence) {
  // The last token is always computed: its logits are wanted.
  const size_t usable = std::min(sequence.keys.size(), static_cast<size_t>((sequence.num_tokens() - 1) / kBlockTokens));
  std::vector<int>& prefix = sequence.blocks;  // empty, as of every waiting sequence
  blocks_.take_prefix(std::span(sequence.keys).first(usable), prefix);
  const bool may_defer = config_.capacity_policy != CapacityPolicy::static_batch;
  if (may_defer && prefix.size() < usable && is_in_flight(sequence, prefix.size())) {
    blocks_.release_all(prefix);
    return Admission::deferred;
  }
  const int held = static_cast<int>(prefix.size());
  const bool to_completion = config_.capacity_policy != CapacityPolicy::max_utilization;
  const int next_tokens = std::min(sequence.num_tokens(), held * kBlockTokens + config_.max_num_tokens);
  const int needed = (to_completion ? blocks_to_completion(sequence) : blocks_for(next_tokens)) - held;
  if (needed > blocks_.num_available() - (to_completion ? reserved_blocks() : 0)) {
    blocks_.release_all(prefix);
    return Admission::no_room;
  }
  if (!sequence.was_paused) blocks_.count_prefix(prefix.size(), sequence.keys.size() - prefix.size());
  sequence.num_computed = held * kBlockTokens;
  sequence.num_stored_blocks = held;
  return Admission::started;
}

// Does an active sequence compute the first block that this one misses?
bool Scheduler::is_in_flight(const Sequence& sequence, size_t num_stored) const {
  const auto computes_it = [&](const Sequence* other) {
    return other->keys.size() > num_stored && other->num_stored_blocks <= static_cast<int>(num_stored) && other->keys[num_stored] == sequence.keys[num_stored];
  };
  return std::any_of(active_.begin(), active_.end(), computes_it);
}

}  // namespace trtllm::scheduler
