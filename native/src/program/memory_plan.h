// Which bytes of a step's working memory each buffer gets: buffers that no phase needs together may lie upon each other.
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"

namespace trtllm::program {

// [phase][buffer]: the phase touches it, or a later one reads what it holds. The logits come behind the program's buffers; they are
// needed after the last phase.
std::vector<std::vector<bool>> live_buffers(const Program& program);

inline constexpr int64_t kPageBytes = 4096;  // a buffer begins on such a border

struct MemoryPlan {
  std::vector<int64_t> offsets;  // of each buffer
  int64_t bytes = 0;
};

// The largest buffers first, each at the lowest place where it meets none that is live together with it. live: [phase][buffer].
MemoryPlan place_buffers(const std::vector<int64_t>& bytes, const std::vector<std::vector<bool>>& live);

}  // namespace trtllm::program
