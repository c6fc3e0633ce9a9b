#include "builder/pack.h"

namespace trtllm::builder {
namespace {

// Dword (k/2, column) of the column holds the pair k, k+1 of one output.
void pack_bf16(const float* rows, int64_t k, uint16_t* out) {
  for (int column = 0; column < kTileColumns; ++column) {
    const float* row = rows + column * k;
    uint16_t* at = out + column * 2;
    for (int64_t i = 0; i < k; ++i) at[i / 2 * (2 * kTileColumns) + i % 2] = float_to_bf16(row[i]);
  }
}

void pack_f32(const float* rows, int64_t k, float* out) {
  for (int column = 0; column < kTileColumns; ++column) {
    for (int64_t i = 0; i < k; ++i) out[i * kTileColumns + column] = rows[column * k + i];
  }
}

}  // namespace

void pack_tile_column(const float* rows, int64_t k, DType dtype, std::span<std::byte> out) {
  if (dtype == DType::bfloat16) pack_bf16(rows, k, reinterpret_cast<uint16_t*>(out.data()));
  else pack_f32(rows, k, reinterpret_cast<float*>(out.data()));
}

}  // namespace trtllm::builder
