// A backend that computes nothing but remembers everything: each KV slot holds a hash of all the text up to it, as a real
// slot's K and V depend on all of it. Logits are a function of that hash, so a wrong block, position or chunk border changes them.
// Plans that break the contract of executor/backend.h throw std::logic_error.
#pragma once

#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "executor/backend.h"

namespace trtllm::executor_test {

inline constexpr int kVocab = 50;
inline constexpr int32_t kPoison = kVocab - 1;  // from this token on, a text's logits are NaN; never the likeliest itself
inline constexpr int kModelLength = 512;

inline uint64_t mix(uint64_t x) {  // splitmix64's finalizer
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// A text, as far as the fake model knows it.
struct TextState {
  uint64_t hash = 1;
  int length = 0;
  bool is_poisoned = false;
  TextState then(int32_t token) const { return {mix(hash * 31 + static_cast<uint64_t>(token)), length + 1, is_poisoned || token == kPoison}; }
  bool operator==(const TextState&) const = default;
};

inline std::vector<float> logits_after(const TextState& text) {
  std::vector<float> logits(kVocab);
  for (int token = 0; token < kVocab; ++token) logits[token] = static_cast<float>(mix(text.hash ^ mix(static_cast<uint64_t>(token))) % 8000) / 1000.0f;
  logits[kPoison] = -100;
  if (text.is_poisoned) logits[3] = std::numeric_limits<float>::quiet_NaN();
  return logits;
}

class FakeBackend : public Backend {
 public:
  BackendInfo info() const override { return {.vocab_size = kVocab, .max_seq_len = kModelLength, .block_bytes = 1, .weight_bytes = 1}; }
  HostCompute host() override { return {.team = &team_, .kernels = &ops::kernels(ops::Isa::scalar, DType::float32)}; }
  void allocate_kv(int num_blocks) override { slots_.resize(static_cast<size_t>(num_blocks) * kBlockTokens); }
  void reserve(int max_rows, int max_sequences, int max_logit_rows) override {
    max_rows_ = max_rows;
    max_sequences_ = max_sequences;
    max_logit_rows_ = max_logit_rows;
  }

  void enqueue(const StepPlan& plan) override {
    num_rows += plan.num_rows();
    check_sizes(plan);
    check_rows(plan);
    for (int sequence = 0; sequence < plan.num_sequences(); ++sequence) write_rows(plan, sequence);
    for (int sequence = 0; sequence < plan.num_sequences(); ++sequence) check_text(plan, sequence);
    logits_.clear();
    for (int32_t row : plan.logit_rows) {
      const std::vector<float> logits = logits_after(slots_.at(plan.row_slot.at(row))->text);
      logits_.insert(logits_.end(), logits.begin(), logits.end());
    }
  }
  std::span<const float> wait() override { return logits_; }

  int64_t num_rows = 0;  // computed so far

 private:
  struct Slot {
    int32_t token;
    TextState text;  // up to and with the token
  };

  // Called for every token of every step: no string is made of `what` until it is needed.
  static void require(bool holds, const char* what, int position = -1) {
    if (holds) return;
    throw std::logic_error(std::string("plan: ") + what + (position < 0 ? "" : ", position " + std::to_string(position)));
  }

  void check_sizes(const StepPlan& plan) const {
    const size_t rows = plan.row_token.size(), sequences = plan.sequence_first_row.size();
    require(rows > 0 && plan.num_rows() <= max_rows_, "number of rows");
    require(plan.num_sequences() <= max_sequences_, "number of sequences");
    require(static_cast<int>(plan.logit_rows.size()) <= max_logit_rows_, "number of logit rows");
    require(plan.row_position.size() == rows && plan.row_sequence.size() == rows && plan.row_slot.size() == rows, "row arrays differ in length");
    require(plan.sequence_num_rows.size() == sequences && plan.sequence_kv_length.size() == sequences && plan.sequence_block_offset.size() == sequences,
            "sequence arrays differ in length");
    for (size_t i = 1; i < plan.logit_rows.size(); ++i) require(plan.logit_rows[i - 1] < plan.logit_rows[i], "logit rows ascend");
  }

  // Rows lie sequence after sequence, positions end at kv_length, slots are those of the block table; nobody writes what another reads.
  void check_rows(const StepPlan& plan) const {
    std::vector<int> readers(slots_.size() / kBlockTokens, 0);
    for (int32_t block : plan.blocks) ++readers.at(block);
    int row = 0;
    for (int sequence = 0; sequence < plan.num_sequences(); ++sequence) {
      require(plan.sequence_first_row[sequence] == row && plan.sequence_num_rows[sequence] > 0, "first row");
      for (int left = plan.sequence_num_rows[sequence]; left > 0; --left, ++row) {
        const int position = plan.sequence_kv_length[sequence] - left;
        require(plan.row_sequence.at(row) == sequence && plan.row_position[row] == position, "row of another sequence or position");
        require(plan.row_slot[row] == slot_of(plan, sequence, position), "slot outside the block table");
        require(readers[plan.row_slot[row] / kBlockTokens] == 1, "a shared block is written");
      }
    }
    require(row == plan.num_rows(), "rows of no sequence");
  }

  static int slot_of(const StepPlan& plan, int sequence, int position) {
    return plan.blocks.at(plan.sequence_block_offset[sequence] + position / kBlockTokens) * kBlockTokens + position % kBlockTokens;
  }

  void write_rows(const StepPlan& plan, int sequence) {
    const int first = plan.sequence_first_row[sequence];
    for (int row = first; row < first + plan.sequence_num_rows[sequence]; ++row) {
      TextState before;
      if (const int position = plan.row_position[row]; position > 0) {
        const std::optional<Slot>& previous = slots_.at(slot_of(plan, sequence, position - 1));
        require(previous.has_value(), "the token before was never computed");
        before = previous->text;
      }
      slots_.at(plan.row_slot[row]) = Slot{plan.row_token[row], before.then(plan.row_token[row])};
    }
  }

  // What lies in the block table is one text, from its first token on.
  void check_text(const StepPlan& plan, int sequence) const {
    TextState text;
    for (int position = 0; position < plan.sequence_kv_length[sequence]; ++position) {
      const std::optional<Slot>& slot = slots_.at(slot_of(plan, sequence, position));
      require(slot.has_value(), "an empty slot is read");
      text = text.then(slot->token);
      require(slot->text == text, "a slot of another text is read", position);
    }
  }

  ThreadTeam team_{2};
  std::vector<std::optional<Slot>> slots_;
  std::vector<float> logits_;
  int max_rows_ = 0, max_sequences_ = 0, max_logit_rows_ = 0;
};

}  // namespace trtllm::executor_test
