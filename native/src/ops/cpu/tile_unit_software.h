// The AMX tile unit in software, bit for bit (measured, engine-design 2.1; TDPBF16PS in Intel's manual): each element gets
// two chains of fma, over the even and the odd of the 32 k; they are added, then added to C. Denormals count as zero.
#pragma once

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

static void configure_tiles() {}
static void release_tiles() {}

// Sets flush-to-zero and denormals-are-zero while it lives. What is computed in between must be loaded and stored in between.
class DenormalsAreZero {
 public:
  DenormalsAreZero() : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | 0x8040);
    asm volatile("" : : : "memory");
  }
  ~DenormalsAreZero() {
    asm volatile("" : : : "memory");
    _mm_setcsr(before_);
  }
  DenormalsAreZero(const DenormalsAreZero&) = delete;
  DenormalsAreZero& operator=(const DenormalsAreZero&) = delete;

 private:
  unsigned before_;
};

// An instruction of the unit is a call here: inlined into every block of the kernels, they were a minute of compiling.
class TileUnit {
 public:
  template <int kTile>
  void zero() {
    zero(tiles_[kTile]);
  }
  template <int kTile>
  void load(const void* rows, int64_t stride_bytes) {
    load(tiles_[kTile], static_cast<const char*>(rows), stride_bytes);
  }
  template <int kTile>
  void store(void* rows, int64_t stride_bytes) {
    store(tiles_[kTile], static_cast<char*>(rows), stride_bytes);
  }
  template <int kC, int kA, int kB>
  void multiply_add() {
    multiply_add(tiles_[kC], tiles_[kA], tiles_[kB]);
  }
  template <int kC, int kA, int kB>
  void multiply_add_int8() {
    multiply_add_int8(tiles_[kC], tiles_[kA], tiles_[kB]);
  }

 private:
  // Rows of 16 floats or int32, of 32 bf16 (A: k; B: 16 columns of 2 k) or of 64 int8 (A: k; B: 16 columns of 4 k).
  using Tile = char[16][64];

  [[gnu::noinline]] static void zero(Tile& tile) { __builtin_memset(tile, 0, sizeof tile); }
  [[gnu::noinline]] static void load(Tile& tile, const char* rows, int64_t stride_bytes) {
    for (int row = 0; row < 16; ++row) __builtin_memcpy(tile[row], rows + row * stride_bytes, 64);
  }
  [[gnu::noinline]] static void store(const Tile& tile, char* rows, int64_t stride_bytes) {
    for (int row = 0; row < 16; ++row) __builtin_memcpy(rows + row * stride_bytes, tile[row], 64);
  }

  [[gnu::noinline]] static void multiply_add_int8(Tile& c, const Tile& a, const Tile& b) {
    for (int row = 0; row < 16; ++row) {
      int32_t* sums = reinterpret_cast<int32_t*>(c[row]);
      for (int k = 0; k < 64; ++k) {
        const int8_t* weights = reinterpret_cast<const int8_t*>(b[k / 4]) + k % 4;
        const int code = static_cast<int8_t>(a[row][k]);
        for (int column = 0; column < 16; ++column) sums[column] += code * weights[4 * column];
      }
    }
  }

  [[gnu::noinline]] static void multiply_add(Tile& c, const Tile& a, const Tile& b) {
    const DenormalsAreZero scope;
    for (int row = 0; row < 16; ++row) {
      F32x16 even = trtllm::ops::TRTLLM_ISA::zero(), odd = even;
      for (int pair = 0; pair < 16; ++pair) {
        uint32_t both;
        __builtin_memcpy(&both, a[row] + pair * 4, 4);
        const F32x16Pair weights = load_bf16_pairs(b[pair]);
        even = fma(splat(float_of(both << 16)), weights.even, even);
        odd = fma(splat(float_of(both & 0xffff0000u)), weights.odd, odd);
      }
      float* sums = reinterpret_cast<float*>(c[row]);
      trtllm::ops::TRTLLM_ISA::store(sums, add(trtllm::ops::TRTLLM_ISA::load(sums), add(even, odd)));
    }
  }

  alignas(64) Tile tiles_[8];
};

}  // namespace trtllm::ops::TRTLLM_ISA
