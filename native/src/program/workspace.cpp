#include "program/workspace.h"

#include <algorithm>

#include "program/memory_plan.h"

namespace trtllm::program {
namespace {

constexpr int64_t kCacheLineBytes = 64;
constexpr int64_t kRowMultiple = 32;  // elements: what kernels read of a row, zeros included
constexpr int kReadColumns = 64;      // and of int8 rows
constexpr int64_t kTileRows = 16;     // an AMX tile may read, never use, rows behind the last

// Rows whose distance is a multiple of a page compete for the same sets of the cache: they are set one line apart.
int64_t padded_stride(int width, size_t element_bytes) {
  const int64_t stride = round_up(width, kRowMultiple);
  return stride * static_cast<int64_t>(element_bytes) % kPageBytes == 0 ? stride + kRowMultiple : stride;
}

int64_t scratch_bytes(const Program& program, const ops::Kernels& kernels, int max_rows) {
  size_t bytes = 0;
  for (const Phase& phase : program.phases) {
    if (const auto* linear = std::get_if<LinearPhase>(&phase)) bytes = std::max(bytes, kernels.linear_scratch_bytes(max_rows, linear->weight.k_padded));
    if (const auto* attention = std::get_if<AttentionPhase>(&phase))
      bytes = std::max(bytes, kernels.attention_scratch_bytes(program.kv_layers[attention->kv_layer].head_dim, attention->group_size));
  }
  return round_up(static_cast<int64_t>(bytes), kPageBytes) + kPageBytes;
}

// Zeros behind a row's last column are written once, when the memory comes: a buffer that has some keeps its bytes to itself.
std::vector<std::vector<bool>> live_with_zeros(const Program& program) {
  std::vector<std::vector<bool>> live = live_buffers(program);
  for (size_t buffer = 0; buffer < program.buffers.size(); ++buffer) {
    if (program.buffers[buffer].width % kReadColumns == 0) continue;
    for (std::vector<bool>& phase : live) phase[buffer] = true;
  }
  return live;
}

}  // namespace

Workspace::Region Workspace::region_of(const BufferSpec& spec, const ops::Kernels& kernels) {
  if (spec.storage == Storage::int8) {
    const int64_t bytes = ops::Int8Row::bytes(spec.width), stride = bytes % kPageBytes == 0 ? bytes + kCacheLineBytes : bytes;
    return {.stride = stride, .row_bytes = stride, .used_bytes = bytes};
  }
  const size_t element_bytes = spec.storage == Storage::float32 ? sizeof(float) : ops::activation_bytes(kernels.activation);
  const int64_t stride = padded_stride(spec.width, element_bytes);
  return {.stride = stride, .row_bytes = stride * static_cast<int64_t>(element_bytes), .used_bytes = spec.width * static_cast<int64_t>(element_bytes)};
}

Workspace::Workspace(const Program& program, const ops::Kernels& kernels, int num_threads, int max_rows, int max_logit_rows) {
  std::vector<int64_t> bytes;
  for (const BufferSpec& spec : program.buffers) {
    regions_.push_back(region_of(spec, kernels));
    bytes.push_back(regions_.back().row_bytes * round_up(spec.rows == Rows::all ? max_rows : max_logit_rows, kTileRows));
  }
  bytes.push_back(int64_t{max_logit_rows} * program.vocab_size * static_cast<int64_t>(sizeof(float)));
  const MemoryPlan plan = place_buffers(bytes, live_with_zeros(program));
  scratch_bytes_ = scratch_bytes(program, kernels, std::max(max_rows, max_logit_rows));
  memory_ = ReservedMemory(static_cast<size_t>(plan.bytes + scratch_bytes_ * num_threads), "working memory of a step");
  for (size_t i = 0; i < regions_.size(); ++i) regions_[i].data = memory_.data() + plan.offsets[i];
  logits_ = reinterpret_cast<float*>(memory_.data() + plan.offsets.back());
  scratch_ = memory_.data() + plan.bytes;
}

}  // namespace trtllm::program
