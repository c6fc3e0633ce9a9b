// The KV cache's values. Blocks are handed out by the executor's block pool; a block holds its 32 tokens' K and V of all
// layers side by side, so that copying one is one memcpy.
#pragma once

#include "ops/kernels.h"
#include "program/program.h"
#include "program/reserved_memory.h"

namespace trtllm::program {

class KvPool {
 public:
  KvPool() = default;
  KvPool(const Program& program, int num_blocks);

  ops::KvLayer layer(const Program& program, int kv_layer) const;
  void copy_block(int32_t source, int32_t target);

 private:
  ReservedMemory memory_;
  int64_t block_bytes_ = 0;
};

}  // namespace trtllm::program
