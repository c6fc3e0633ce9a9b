// Float rows -> the bytes of a section (docs/engine-format.md): vector, or tile16 in bfloat16 or float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"
#include "builder/quantize.h"

namespace trtllm::builder {

// One column of tiles: 16 rows of k values each -> all its tiles along k, padding zero.
// rows: [16, k]; out: 16 * k_padded elements of `dtype`, zeroed by the caller.
// Codes of 16 rows (each [k]) as int8 or int4 tiles, `out` filled with zeros before.
void pack_code_column(const std::vector<QuantizedRow>& rows, int64_t k, DType dtype, std::span<std::byte> out);

void pack_tile_column(const float* rows, int64_t k, DType dtype, std::span<std::byte> out);

}  // namespace trtllm::builder
