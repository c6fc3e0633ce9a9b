// Picks each step's work. Two questions: may a waiting sequence start, given blocks (admission)? How many tokens of whom
// in this step (step plan)? Knows token counts, blocks and limits; no tensors, no text.
#pragma once

#include <vector>

#include "kv_cache/block_manager.h"
#include "scheduler/scheduler_config.h"
#include "scheduler/sequence.h"
#include "scheduler/step_time_model.h"

namespace trtllm::scheduler {

// The next `num_tokens` tokens of a sequence, whose blocks are there.
struct Chunk {
  Sequence* sequence;
  int num_tokens;
};

struct ScheduledStep {
  std::vector<Chunk> context;     // prompts, and what paused sequences have to compute again
  std::vector<Chunk> generation;  // one token each
  std::vector<Sequence*> started;  // admitted in this step
  int num_paused = 0;
  int num_context_tokens() const;
  void reserve(int max_sequences);
  void clear();
};

// Keeps the list in scheduling order.
void insert_in_order(std::vector<Sequence*>& list, Sequence& sequence);

class Scheduler {
 public:
  // max_prompt_logit_rows: rows of one step whose logits may be asked for besides each sequence's last.
  Scheduler(const ExecutorConfig& config, int max_prompt_logit_rows);

  // Sequences belong to the caller and stay where they are until removed.
  void add(Sequence& sequence);
  // Leaves the queue or the batch; its blocks are given back.
  void remove(Sequence& sequence);
  // Fills `step`. Every sequence in it has blocks for its chunk.
  void plan(ScheduledStep& step);
  // How long the backend took for a planned step.
  void observe(const ScheduledStep& step, double milliseconds);
  // The chunk was computed: counts it and stores blocks that became full in the prefix tree.
  void commit(const Chunk& chunk);

  int num_waiting() const { return static_cast<int>(waiting_.size()); }
  int num_active() const { return static_cast<int>(active_.size()); }
  const kv_cache::BlockManager& blocks() const { return blocks_; }

 private:
  // admission.cpp
  void admit(ScheduledStep& step);
  enum class Admission { started, deferred, no_room };
  Admission try_start(Sequence& sequence);
  bool is_in_flight(const Sequence& sequence, size_t num_stored) const;
  int reserved_blocks() const;
  // step_planner.cpp
  void plan_generation(ScheduledStep& step, int& budget);
  void plan_context(ScheduledStep& step, int budget);
  int context_budget(const ScheduledStep& step, int budget) const;
  int chunk_tokens(const Sequence& sequence, int budget, int logit_rows) const;
  bool grow(Sequence& sequence, int num_tokens, ScheduledStep& step);
  bool pause_last(const Sequence& keep, ScheduledStep& step);
  void pause(Sequence& sequence, ScheduledStep& step);

  ExecutorConfig config_;
  int max_prompt_logit_rows_;
  kv_cache::BlockManager blocks_;
  StepTimeModel step_time_;
  std::vector<Sequence*> waiting_;  // in scheduling order
  std::vector<Sequence*> active_;   // in scheduling order
};

}  // namespace trtllm::scheduler
