#include "builder/pack.h"

#include <algorithm>

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

constexpr int64_t kQuadTileRows = 16, kQuadRowBytes = 64, kTileDepth = 64;
constexpr int64_t kInt4TileRows = kQuadTileRows / 2;
constexpr std::byte kInt4Zeros{0x88};  // code 0 twice

// Where input k of an output lies: tile, row of quads, byte in the row.
struct Place {
  int64_t tile, row, byte;
};
Place place_of(int64_t column, int64_t k) { return {k / kTileDepth, k % kTileDepth / 4, column * 4 + k % 4}; }

}  // namespace

void pack_code_column(const std::vector<QuantizedRow>& rows, int64_t k, DType dtype, std::span<std::byte> out) {
  if (dtype == DType::int4) std::ranges::fill(out, kInt4Zeros);
  for (int64_t column = 0; column < kTileColumns; ++column) {
    for (int64_t i = 0; i < k; ++i) {
      const Place at = place_of(column, i);
      const int code = rows[column].codes[i];
      if (dtype == DType::int8) {
        out[(at.tile * kQuadTileRows + at.row) * kQuadRowBytes + at.byte] = static_cast<std::byte>(code);
        continue;
      }
      std::byte& both = out[(at.tile * kInt4TileRows + at.row % kInt4TileRows) * kQuadRowBytes + at.byte];
      const auto half = static_cast<std::byte>(code + 8);
      both = at.row < kInt4TileRows ? (both & std::byte{0xf0}) | half : (both & std::byte{0x0f}) | half << 4;
    }
  }
}

void pack_tile_column(const float* rows, int64_t k, DType dtype, std::span<std::byte> out) {
  if (dtype == DType::bfloat16) pack_bf16(rows, k, reinterpret_cast<uint16_t*>(out.data()));
  else pack_f32(rows, k, reinterpret_cast<float*>(out.data()));
}

}  // namespace trtllm::builder
