#include "program/kv_pool.h"

#include <cstring>

#include "base/error.h"

namespace trtllm::program {

KvPool::KvPool(const Program& program, int num_blocks) : block_bytes_(program.block_bytes) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<size_t>(num_blocks), static_cast<size_t>(block_bytes_), &bytes))
    throw Error("OUT_OF_MEMORY", "KV cache: " + std::to_string(num_blocks) + " blocks of " + std::to_string(block_bytes_) + " bytes are more than a process can address");
  memory_ = ReservedMemory(bytes, "KV cache of " + std::to_string(num_blocks) + " blocks");
}

ops::KvLayer KvPool::layer(const Program& program, int kv_layer) const {
  const KvLayerSpec& spec = program.kv_layers[kv_layer];
  return {.base = memory_.data() + spec.offset,
          .block_bytes = block_bytes_,
          .v_offset = spec.bytes / 2,
          .head_bytes = ops::kv_head_bytes(spec.head_dim, program.kv_dtype),
          .num_kv_heads = spec.num_kv_heads,
          .head_dim = spec.head_dim,
          .dtype = program.kv_dtype};
}

void KvPool::copy_block(int32_t source, int32_t target) {
  std::memcpy(memory_.data() + target * block_bytes_, memory_.data() + source * block_bytes_, static_cast<size_t>(block_bytes_));
}

}  // namespace trtllm::program
