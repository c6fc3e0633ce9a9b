#include "program/forward.h"

#include <algorithm>
#include <cstring>

#include "program/run_linear.h"

namespace trtllm::program {
namespace {

constexpr int kMaxRowGrain = 32;

// Rows taken at once: enough pieces for threads to even out, few enough that taking them costs nothing.
int row_grain(int rows, int num_threads) { return std::clamp(rows / (4 * num_threads), 1, kMaxRowGrain); }

}  // namespace

void ForwardPass::use_tactics(const TimingCache& timings, ops::Isa isa) {
  const std::vector<Phase>& phases = machine_.program.phases;
  for (size_t i = 0; i < phases.size(); ++i) {
    if (const auto* linear = std::get_if<LinearPhase>(&phases[i])) work_[i].tactics = timings.tactics({.isa = isa, .threads = team_.size()}, *linear);
  }
}

void ForwardPass::reserve(int max_rows, int max_sequences) {
  chunks_.reserve(static_cast<size_t>(max_rows / kernels_.attention_rows + max_sequences + 1));
}

void ForwardPass::run(const StepPlan& plan) {
  plan_ = &plan;
  cut_queries();
  for (Work& work : work_) work.rows.next.store(0, std::memory_order_relaxed);
  for (const BlockCopy& copy : plan.copies) machine_.kv.copy_block(copy.source_block, copy.target_block);
  team_.run([this](int thread) { walk(thread); });
}

void ForwardPass::walk(int thread) {
  kernels_.thread_begin();
  deal(thread);
  const std::vector<Phase>& phases = machine_.program.phases;
  for (size_t i = 0; i < phases.size(); ++i) {
    std::visit([&](const auto& phase) { run_phase(phase, work_[i], thread); }, phases[i]);
    team_.barrier();
  }
  kernels_.thread_end();
}

// The first phase embeds rows, as nothing has an input before: its barrier lies between this and the first piece taken.
void ForwardPass::deal(int thread) {
  const std::vector<Phase>& phases = machine_.program.phases;
  for (size_t i = 0; i < phases.size(); ++i) {
    if (const auto* linear = std::get_if<LinearPhase>(&phases[i])) deal_linear(*linear, work_[i].ranges, thread);
    if (const auto* attention = std::get_if<AttentionPhase>(&phases[i])) work_[i].ranges.deal(thread, num_items(*attention), 1);
  }
}

void ForwardPass::run_phase(const RowPhase& phase, Work& work, int /*thread*/) {
  const int rows = num_rows(phase.rows);
  const int grain = row_grain(rows, team_.size());
  for (int begin; (begin = work.rows.take(rows, grain)) >= 0;) {
    const int end = std::min(begin + grain, rows);
    for (const RowOp& op : phase.ops) std::visit([&](const auto& row_op) { run_rows(row_op, begin, end); }, op);
  }
}

void ForwardPass::run_phase(const LinearPhase& phase, Work& work, int thread) {
  const int rows = num_rows(phase.rows);
  if (rows == 0) return;
  run_linear({.phase = phase,
              .kernels = kernels_,
              .workspace = machine_.workspace,
              .rows = rows,
              .num_threads = team_.size(),
              .vocab_size = machine_.program.vocab_size,
              .tactic = work.tactics[row_bucket(rows)]},
             work.ranges, thread);
}

void ForwardPass::run_phase(const AttentionPhase& phase, Work& work, int thread) {
  const Workspace& workspace = machine_.workspace;
  const ops::KvLayer kv = machine_.kv.layer(machine_.program, phase.kv_layer);
  const int64_t group_width = int64_t{phase.group_size} * kv.head_dim;
  const int64_t output_element = static_cast<int64_t>(ops::activation_bytes(kernels_.activation));
  const WorkRanges::Piece own = work.ranges.own(thread, num_items(phase), 1);
  for (WorkRanges::Piece piece; !(piece = work.ranges.take(thread, 1)).is_empty();) {
    const int item = piece.begin;
    const QueryChunk& chunk = chunks_[item / kv.num_kv_heads];
    const int kv_head = item % kv.num_kv_heads;
    kernels_.attention({.q = workspace.float_row(phase.qkv, chunk.first_row) + kv_head * group_width,
                        .q_stride = workspace.stride(phase.qkv),
                        .rows = chunk.rows,
                        .first_position = chunk.first_position,
                        .group_size = phase.group_size,
                        .kv_head = kv_head,
                        .scale = phase.scale,
                        .window = phase.window,
                        .blocks = plan_->blocks.data() + plan_->sequence_block_offset[chunk.sequence],
                        .kv = kv,
                        .next = item >= own.begin && item + 1 < own.end ? keys_of(phase, kv, item + 1) : ops::KeyPages{},
                        .output = workspace.row(phase.output, chunk.first_row) + kv_head * group_width * output_element,
                        .output_stride = workspace.stride(phase.output),
                        .scratch = workspace.scratch(thread)});
  }
}

void ForwardPass::run_rows(const EmbedOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  kernels_.embed({.table = op.table,
                  .tokens = plan_->row_token.data(),
                  .output = workspace.float_row(op.output, 0),
                  .output_stride = workspace.stride(op.output),
                  .row_begin = begin,
                  .row_end = end});
}

void ForwardPass::run_rows(const RmsNormOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  kernels_.rms_norm({.input = workspace.float_row(op.input, 0),
                     .input_stride = workspace.stride(op.input),
                     .weight = op.weight,
                     .width = op.width,
                     .epsilon = op.epsilon,
                     .output = workspace.row(op.output, 0),
                     .output_stride = workspace.stride(op.output),
                     .row_begin = begin,
                     .row_end = end});
}

void ForwardPass::run_rows(const QuantizeOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  kernels_.quantize({.input = workspace.row(op.input, 0),
                     .input_stride = workspace.stride(op.input),
                     .width = op.width,
                     .output = workspace.row(op.output, 0),
                     .output_stride = workspace.stride(op.output),
                     .row_begin = begin,
                     .row_end = end});
}

void ForwardPass::run_rows(const HeadNormOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  kernels_.head_norm({.heads = workspace.float_row(op.heads.buffer, 0) + op.heads.first_column,
                      .stride = workspace.stride(op.heads.buffer),
                      .num_heads = op.heads.num_heads,
                      .head_dim = op.heads.head_dim,
                      .weight = op.weight,
                      .epsilon = op.epsilon,
                      .row_begin = begin,
                      .row_end = end});
}

void ForwardPass::run_rows(const RopeOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  const RopeTable& table = machine_.rope_tables[op.table];
  kernels_.rope({.heads = workspace.float_row(op.heads.buffer, 0) + op.heads.first_column,
                 .stride = workspace.stride(op.heads.buffer),
                 .num_heads = op.heads.num_heads,
                 .head_dim = op.heads.head_dim,
                 .rotary_dim = table.rotary_dim,
                 .cos = table.cos.data(),
                 .sin = table.sin.data(),
                 .positions = plan_->row_position.data(),
                 .row_begin = begin,
                 .row_end = end});
}

void ForwardPass::run_rows(const KvWriteOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  const float* qkv = workspace.float_row(op.qkv, 0);
  kernels_.kv_write({.k = qkv + op.k_column,
                     .v = qkv + op.v_column,
                     .stride = workspace.stride(op.qkv),
                     .slots = plan_->row_slot.data(),
                     .kv = machine_.kv.layer(machine_.program, op.kv_layer),
                     .row_begin = begin,
                     .row_end = end});
}

void ForwardPass::run_rows(const SelectRowsOp& op, int begin, int end) {
  const Workspace& workspace = machine_.workspace;
  for (int row = begin; row < end; ++row)
    std::memcpy(workspace.row(op.output, row), workspace.row(op.input, plan_->logit_rows[row]), static_cast<size_t>(workspace.used_row_bytes(op.output)));
}

int ForwardPass::num_items(const AttentionPhase& phase) const {
  return static_cast<int>(chunks_.size()) * machine_.program.kv_layers[phase.kv_layer].num_kv_heads;
}

// K pages that an item of attention begins with.
ops::KeyPages ForwardPass::keys_of(const AttentionPhase& phase, const ops::KvLayer& kv, int item) const {
  const QueryChunk& chunk = chunks_[item / kv.num_kv_heads];
  const int first = phase.window == 0 ? 0 : std::max(0, chunk.first_position - phase.window + 1) / kBlockTokens;
  return {.blocks = plan_->blocks.data() + plan_->sequence_block_offset[chunk.sequence] + first,
          .count = (chunk.first_position + chunk.rows - 1) / kBlockTokens + 1 - first,
          .kv_head = item % kv.num_kv_heads};
}

// Pieces of at most attention_rows query rows. Work grows with rows and with the positions they see: the longest go first, so
// that no thread begins one when the others are about to end.
void ForwardPass::cut_queries() {
  chunks_.clear();
  for (int sequence = 0; sequence < plan_->num_sequences(); ++sequence) {
    const int first_row = plan_->sequence_first_row[sequence];
    const int num_rows = plan_->sequence_num_rows[sequence];
    for (int row = 0; row < num_rows; row += kernels_.attention_rows)
      chunks_.push_back({.first_row = first_row + row,
                         .rows = std::min(kernels_.attention_rows, num_rows - row),
                         .first_position = plan_->row_position[first_row + row],
                         .sequence = sequence});
  }
  // Not stable_sort, which allocates: rows are different, so that no two pieces are equal.
  const auto order = [](const QueryChunk& chunk) { return std::pair(-int64_t{chunk.rows} * (chunk.first_position + chunk.rows), chunk.first_row); };
  std::ranges::sort(chunks_, std::ranges::less{}, order);
}

int ForwardPass::num_rows(Rows rows) const {
  return rows == Rows::all ? plan_->num_rows() : static_cast<int>(plan_->logit_rows.size());
}

}  // namespace trtllm::program
