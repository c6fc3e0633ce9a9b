#include "executor/step_plan.h"

#include <algorithm>

namespace trtllm {
namespace {

using scheduler::Chunk;
using scheduler::Sequence;

// Positions [begin, end) of the chunk whose logits are wanted: undelivered prompt rows if asked for, and the row that the next token comes from.
std::pair<int, int> wanted_positions(const Chunk& chunk) {
  const Sequence& sequence = *chunk.sequence;
  const int end = sequence.num_computed + chunk.num_tokens;
  int begin = end == sequence.num_tokens() ? end - 1 : end;
  if (sequence.wants_prompt_logits && sequence.num_delivered_rows < sequence.num_prompt_tokens) begin = std::min(begin, std::max(sequence.num_computed, sequence.num_delivered_rows));
  return {begin, end};
}

void add_chunk(const Chunk& chunk, StepPlan& plan, std::vector<ChunkLogits>& logits) {
  const Sequence& sequence = *chunk.sequence;
  const int begin = sequence.num_computed, end = begin + chunk.num_tokens;
  const int first_row = plan.num_rows();
  const auto [wanted_begin, wanted_end] = wanted_positions(chunk);
  logits.push_back({static_cast<int>(plan.logit_rows.size()), wanted_end - wanted_begin, wanted_begin});
  for (int position = begin; position < end; ++position) {
    plan.row_token.push_back(sequence.tokens[position]);
    plan.row_position.push_back(position);
    plan.row_sequence.push_back(plan.num_sequences());
    plan.row_slot.push_back(sequence.blocks[position / kBlockTokens] * kBlockTokens + position % kBlockTokens);
    if (position >= wanted_begin) plan.logit_rows.push_back(first_row + position - begin);
  }
  plan.sequence_first_row.push_back(first_row);
  plan.sequence_num_rows.push_back(chunk.num_tokens);
  plan.sequence_kv_length.push_back(end);
  plan.sequence_block_offset.push_back(static_cast<int32_t>(plan.blocks.size()));
  plan.blocks.insert(plan.blocks.end(), sequence.blocks.begin(), sequence.blocks.begin() + scheduler::blocks_for(end));
}

}  // namespace

void StepPlan::clear() {
  for (auto* array : {&row_token, &row_position, &row_sequence, &row_slot, &sequence_first_row, &sequence_num_rows, &sequence_kv_length, &sequence_block_offset, &blocks, &logit_rows}) array->clear();
  copies.clear();
}

void reserve_step_plan(const ExecutorConfig& config, int max_logit_rows, StepPlan& plan, std::vector<ChunkLogits>& logits) {
  const auto max_rows = static_cast<size_t>(config.max_num_tokens), max_sequences = static_cast<size_t>(config.max_batch_size);
  for (auto* array : {&plan.row_token, &plan.row_position, &plan.row_sequence, &plan.row_slot}) array->reserve(max_rows);
  for (auto* array : {&plan.sequence_first_row, &plan.sequence_num_rows, &plan.sequence_kv_length, &plan.sequence_block_offset}) array->reserve(max_sequences);
  plan.blocks.reserve(max_sequences * static_cast<size_t>(scheduler::blocks_for(config.max_seq_len)));
  plan.logit_rows.reserve(static_cast<size_t>(max_logit_rows));
  logits.reserve(max_sequences);
}

void build_step_plan(const scheduler::ScheduledStep& step, StepPlan& plan, std::vector<ChunkLogits>& logits) {
  plan.clear();
  logits.clear();
  for (const Chunk& chunk : step.context) add_chunk(chunk, plan, logits);
  for (const Chunk& chunk : step.generation) add_chunk(chunk, plan, logits);
}

}  // namespace trtllm
