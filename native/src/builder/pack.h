// Float rows -> the bytes of a section (docs/engine-format.md): vector, or tile16 in bfloat16 or float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/types.h"

namespace trtllm::builder {

// One column of tiles: 16 rows of k values each -> all its tiles along k, padding zero.
// rows: [16, k]; out: 16 * k_padded elements of `dtype`, zeroed by the caller.
void pack_tile_column(const float* rows, int64_t k, DType dtype, std::span<std::byte> out);

}  // namespace trtllm::builder
