// Words that every room shares: element types and the constants that layouts depend on.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace trtllm {

// Values are stored in engine files (docs/engine-format.md): append, never renumber.
// int8 and int4 are codes of quantized weights (docs/engine-format.md).
enum class DType : uint32_t { bfloat16 = 1, float16 = 2, float32 = 3, int32 = 4, int8 = 5, int4 = 6 };

[[gnu::always_inline]] constexpr int64_t dtype_bits(DType dtype) {
  switch (dtype) {
    case DType::int4: return 4;
    case DType::int8: return 8;
    case DType::bfloat16:
    case DType::float16: return 16;
    case DType::float32:
    case DType::int32: return 32;
  }
  return 0;
}
// Not of int4, whose elements share bytes.
[[gnu::always_inline]] constexpr size_t dtype_bytes(DType dtype) { return static_cast<size_t>(dtype_bits(dtype) / 8); }

inline const char* dtype_name(DType dtype) {
  switch (dtype) {
    case DType::bfloat16: return "bfloat16";
    case DType::float16: return "float16";
    case DType::float32: return "float32";
    case DType::int32: return "int32";
    case DType::int8: return "int8";
    case DType::int4: return "int4";
  }
  return "unknown dtype";
}

// Token slots in one KV block. The attention kernels' tiles (2 x 16 tokens) depend on it.
inline constexpr int kBlockTokens = 32;

// Output channels side by side in one weight tile: the lanes of a 512-bit register, the columns of an AMX tile.
inline constexpr int kTileColumns = 16;

// Inlined wherever it stands: ISA-specific files call it (ops/cpu/isa_namespace.h).
[[gnu::always_inline]] constexpr int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// bfloat16 <-> float32. Rounding is to nearest, ties to even; NaN stays NaN (quieted).
inline float bf16_to_float(uint16_t value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

inline uint16_t float_to_bf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

inline float round_to_bf16(float value) { return bf16_to_float(float_to_bf16(value)); }

}  // namespace trtllm
