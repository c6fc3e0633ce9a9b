// The AMX tile unit. Own inline assembly instead of g++ 12's intrinsics: those declare neither the 64 bytes of a
// configuration nor the memory of a tile as operands, so that the optimizer drops the stores before them.
#pragma once

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

// Palette 1: eight tiles of 16 rows x 64 bytes, all in full size. Short operands are padded, not configured.
struct alignas(64) TileConfig {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

static void configure_tiles() {
  static constexpr TileConfig kConfig;
  asm volatile("ldtilecfg %0" : : "m"(kConfig));
}
static void release_tiles() { asm volatile("tilerelease"); }

// Tiles are the registers tmm0 to tmm7: the numbers are part of the instructions.
struct TileUnit {
  template <int kTile>
  TRTLLM_INLINE void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
  }
  template <int kTile>
  TRTLLM_INLINE void load(const void* rows, int64_t stride_bytes) {
    asm volatile("tileloadd (%1, %2, 1), %%tmm%c0" : : "i"(kTile), "r"(rows), "r"(stride_bytes) : "memory");
  }
  template <int kTile>
  TRTLLM_INLINE void store(void* rows, int64_t stride_bytes) {
    asm volatile("tilestored %%tmm%c0, (%1, %2, 1)" : : "i"(kTile), "r"(rows), "r"(stride_bytes) : "memory");
  }
  // C[16, 16] += A[16, 32] * B[32, 16], bf16 products summed in float32
  template <int kC, int kA, int kB>
  TRTLLM_INLINE void multiply_add() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kC), "i"(kA), "i"(kB));
  }
  // C[16, 16] += A[16, 64] * B[64, 16], int8 products summed in int32
  template <int kC, int kA, int kB>
  TRTLLM_INLINE void multiply_add_int8() {
    asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kC), "i"(kA), "i"(kB));
  }
};

}  // namespace trtllm::ops::TRTLLM_ISA
