// A backend without a model: it stores which token lies in which KV slot and draws logits from a hash of exactly the tokens that the block
// table shows. A wrong slot, block table, position or reuse changes the text. Every plan is checked against backend.h's promises.
#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "executor/backend.h"

namespace trtllm {

class TokenStoreBackend : public Backend {
 public:
  explicit TokenStoreBackend(int vocab_size = 97, int max_seq_len = 512) : info_{vocab_size, max_seq_len, 64, 0} {}

  // Called with the tokens a row sees and its logits; may change them.
  std::function<void(const std::vector<int32_t>&, float*)> tamper;
  std::function<void(const StepPlan&)> on_plan;

  BackendInfo info() const override { return info_; }
  void allocate_kv(int num_blocks) override { slots_.assign(static_cast<size_t>(num_blocks) * kBlockTokens, -1); }
  void reserve(int max_rows, int max_sequences, int max_logit_rows) override { limits_ = {max_rows, max_sequences, max_logit_rows}; }

  void enqueue(const StepPlan& plan) override {
    check(plan);
    if (on_plan) on_plan(plan);
    for (int row = 0; row < plan.num_rows(); ++row) slots_[plan.row_slot[row]] = plan.row_token[row];
    logits_.assign(plan.logit_rows.size() * static_cast<size_t>(info_.vocab_size), 0);
    for (size_t i = 0; i < plan.logit_rows.size(); ++i) fill(plan, plan.logit_rows[i], logits_.data() + i * info_.vocab_size);
  }
  std::span<const float> wait() override { return logits_; }

 private:
  struct Limits {
    int rows = 0, sequences = 0, logit_rows = 0;
  };

  static void expect(bool truth, const char* what) {
    if (!truth) throw std::logic_error(std::string("step plan: ") + what);
  }

  void check(const StepPlan& plan) const {
    const int rows = plan.num_rows(), sequences = plan.num_sequences();
    expect(rows > 0 && rows <= limits_.rows, "rows within the limit");
    expect(sequences <= limits_.sequences, "sequences within the limit");
    expect(static_cast<int>(plan.logit_rows.size()) <= limits_.logit_rows, "logit rows within the limit");
    expect(std::is_sorted(plan.logit_rows.begin(), plan.logit_rows.end()), "logit rows ascend");
    int next_row = 0;
    std::vector<int> written;
    for (int s = 0; s < sequences; ++s) {
      expect(plan.sequence_first_row[s] == next_row && plan.sequence_num_rows[s] > 0, "rows of a sequence are consecutive");
      for (int i = 0; i < plan.sequence_num_rows[s]; ++i, ++next_row) {
        const int position = plan.row_position[next_row];
        expect(plan.row_sequence[next_row] == s, "a row knows its sequence");
        expect(position == plan.sequence_kv_length[s] - plan.sequence_num_rows[s] + i, "positions are consecutive and end the sequence");
        const int block = plan.blocks[plan.sequence_block_offset[s] + position / kBlockTokens];
        expect(plan.row_slot[next_row] == block * kBlockTokens + position % kBlockTokens, "a row's slot is its position's");
        written.push_back(plan.row_slot[next_row]);
      }
    }
    expect(next_row == rows, "every row belongs to a sequence");
    std::sort(written.begin(), written.end());
    expect(std::adjacent_find(written.begin(), written.end()) == written.end(), "no slot is written twice");
  }

  void fill(const StepPlan& plan, int row, float* logits) const {
    const int s = plan.row_sequence[row];
    std::vector<int32_t> seen;
    uint64_t hash = 0x9e3779b97f4a7c15ull;
    for (int position = 0; position <= plan.row_position[row]; ++position) {
      const int block = plan.blocks[plan.sequence_block_offset[s] + position / kBlockTokens];
      seen.push_back(slots_[static_cast<size_t>(block) * kBlockTokens + position % kBlockTokens]);
      hash = (hash ^ static_cast<uint64_t>(seen.back() + 1)) * 0xbf58476d1ce4e5b9ull;
      hash ^= hash >> 29;
    }
    for (int token = 0; token < info_.vocab_size; ++token) {
      uint64_t mixed = (hash + static_cast<uint64_t>(token) * 0x94d049bb133111ebull) * 0xd6e8feb86659fd93ull;
      mixed ^= mixed >> 32;
      logits[token] = static_cast<float>(mixed % 1000) / 125.0f;
    }
    if (tamper) tamper(seen, logits);
  }

  BackendInfo info_;
  Limits limits_;
  std::vector<int32_t> slots_;
  std::vector<float> logits_;
};

}  // namespace trtllm
