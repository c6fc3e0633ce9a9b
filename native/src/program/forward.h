// One forward pass: every thread of the team walks the program's phases, a barrier after each. Within a phase, threads take
// pieces of work until none is left; which thread takes a piece never changes a bit of it.
#pragma once

#include <vector>

#include "base/thread_team.h"
#include "base/work_ranges.h"
#include "executor/backend.h"
#include "program/kv_pool.h"
#include "program/program.h"
#include "program/rope_table.h"
#include "program/tactics.h"
#include "program/workspace.h"

namespace trtllm::program {

// All that a step reads besides the plan. Kept by the backend.
struct Machine {
  Program program;
  const ops::Kernels* kernels = nullptr;
  std::vector<RopeTable> rope_tables;
  Workspace workspace;
  KvPool kv;
};

class ForwardPass {
 public:
  ForwardPass(Machine& machine, ThreadTeam& team)
      : machine_(machine), kernels_(*machine.kernels), team_(team), work_(machine.program.phases.size(), Work(team.size())) {}

  // Tactics timed here; without, every linear is done as its class likes.
  void use_tactics(const TimingCache& timings, ops::Isa isa);
  // Takes the memory that no step may need more of.
  void reserve(int max_rows, int max_sequences);
  // Logits of plan.logit_rows are in machine.workspace.logits() afterwards.
  void run(const StepPlan& plan);

 private:
  // Query rows [first_row, first_row + rows) of one sequence, one query chunk of attention.
  struct QueryChunk {
    int first_row = 0, rows = 0;
    int first_position = 0;
    int sequence = 0;
  };

  // What is left of a phase: rows by a counter; in ranges what streams memory, tile columns of a linear and items of attention, which are
  // one kv head of one query chunk.
  struct Work {
    explicit Work(int num_threads) : ranges(num_threads) {}
    Work(const Work& other) : ranges(other.ranges), tactics(other.tactics) {}
    WorkCounter rows;
    WorkRanges ranges;
    RowTactics tactics = {};  // of a linear
  };

  void walk(int thread);
  void deal(int thread);
  void run_phase(const RowPhase& phase, Work& work, int thread);
  void run_phase(const LinearPhase& phase, Work& work, int thread);
  void run_phase(const AttentionPhase& phase, Work& work, int thread);

  void run_rows(const EmbedOp& op, int begin, int end);
  void run_rows(const RmsNormOp& op, int begin, int end);
  void run_rows(const QuantizeOp& op, int begin, int end);
  void run_rows(const HeadNormOp& op, int begin, int end);
  void run_rows(const RopeOp& op, int begin, int end);
  void run_rows(const KvWriteOp& op, int begin, int end);
  void run_rows(const SelectRowsOp& op, int begin, int end);

  void cut_queries();
  int num_items(const AttentionPhase& phase) const;
  ops::KeyPages keys_of(const AttentionPhase& phase, const ops::KvLayer& kv, int item) const;
  int num_rows(Rows rows) const;

  Machine& machine_;
  const ops::Kernels& kernels_;
  ThreadTeam& team_;
  std::vector<Work> work_;  // one a phase
  const StepPlan* plan_ = nullptr;
  std::vector<QueryChunk> chunks_;  // longest first
};

}  // namespace trtllm::program
