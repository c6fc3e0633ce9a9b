// Scheduled chunks -> the flat arrays a backend reads.
#pragma once

#include <vector>

#include "executor/backend.h"
#include "scheduler/scheduler.h"

namespace trtllm {

// Which logit rows of the step belong to a chunk: logit_rows[first, first + count) are its rows' logits, in order of position. The chunk's last
// row is among them if it ends at the sequence's last token.
struct ChunkLogits {
  int first = 0, count = 0;
  int first_position = 0;  // of logit row `first`
};

// Room for the largest step that the limits allow.
void reserve_step_plan(const ExecutorConfig& config, int max_logit_rows, StepPlan& plan, std::vector<ChunkLogits>& logits);
// Fills `plan` (cleared first) and one ChunkLogits a chunk: context chunks, then generation.
void build_step_plan(const scheduler::ScheduledStep& step, StepPlan& plan, std::vector<ChunkLogits>& logits);

}  // namespace trtllm
