// The seam between scheduling and computing: one step at a time. Everything above it (scheduler, KV blocks, sampler) is
// shared by all backends; a CUDA backend implements this header and nothing else (engine-design section 6).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_team.h"
#include "base/types.h"
#include "ops/kernels.h"

namespace trtllm {

struct BlockCopy {
  int32_t source_block;
  int32_t target_block;
};

// Integers that describe one forward pass. Filled by the executor, read by the backend; ranks get identical plans.
// Rows are tokens; a sequence's rows are consecutive and in order of position. Context sequences come first.
struct StepPlan {
  // Per row.
  std::vector<int32_t> row_token;
  std::vector<int32_t> row_position;  // absolute position in the sequence, 0-based
  std::vector<int32_t> row_sequence;  // index into the per-sequence arrays below
  std::vector<int32_t> row_slot;      // block id * kBlockTokens + offset: where this row's K and V are written

  // Per sequence of this step.
  std::vector<int32_t> sequence_first_row;
  std::vector<int32_t> sequence_num_rows;
  std::vector<int32_t> sequence_kv_length;     // tokens in the KV cache once this step's rows are written
  std::vector<int32_t> sequence_block_offset;  // into `blocks`; its block table has ceil(kv_length / kBlockTokens) entries
  std::vector<int32_t> blocks;                 // block tables, one after the other

  std::vector<int32_t> logit_rows;  // rows whose logits are wanted, ascending
  std::vector<BlockCopy> copies;    // done before the forward pass

  int num_rows() const { return static_cast<int>(row_token.size()); }
  int num_sequences() const { return static_cast<int>(sequence_first_row.size()); }
  void clear();
};

struct BackendInfo {
  int vocab_size = 0;
  int max_seq_len = 0;        // positions the model (its rope tables) allows
  int64_t block_bytes = 0;    // KV bytes of one block over all layers
  int64_t weight_bytes = 0;
};

// What sampling runs on: the host's threads, which rest between steps, and its vector kernels.
struct HostCompute {
  ThreadTeam* team = nullptr;
  const ops::Kernels* kernels = nullptr;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual BackendInfo info() const = 0;
  virtual HostCompute host() = 0;  // as long as the backend lives; not to be used between enqueue and wait
  // Reserves the KV pool. Called once, before the first step.
  virtual void allocate_kv(int num_blocks) = 0;
  // Reserves the step's working memory. Called once: no step may then have more rows or logit rows than this.
  virtual void reserve(int max_rows, int max_sequences, int max_logit_rows) = 0;
  // Starts a step. The plan must stay alive and unchanged until wait() returns. At most one step is in flight.
  virtual void enqueue(const StepPlan& plan) = 0;
  // Ends the step; logits float32 [plan.logit_rows.size(), vocab_size], valid until the next enqueue.
  virtual std::span<const float> wait() = 0;
};

}  // namespace trtllm
