// The peak of the tile unit: blocks of 2 x 2 tiles whose operands come from the first cache level.
#define TRTLLM_ISA amx_probe

#include "ops/cpu/f32x16_avx512.h"
#include "ops/cpu/tile_unit_hardware.h"
#include "roofline/probe.h"

namespace trtllm::ops::amx_probe {

inline constexpr int kTileBytes = 1024;
inline constexpr int kDepth = 4;  // steps along k: 4 x (2 + 2) tiles are 16 KiB

struct alignas(64) Operands {
  uint8_t tiles[kDepth][4][kTileBytes];
};

// Sums of 12 uniform numbers less 6: close to a normal distribution, and needs no function of std::.
static float next_gaussian(uint32_t& state) {
  float sum = -6;
  for (int i = 0; i < 12; ++i) {
    state = state * 1664525u + 1013904223u;
    sum += static_cast<float>(state >> 8) * 0x1p-24f;
  }
  return sum;
}

static Operands gaussian_bf16() {
  Operands operands;
  uint32_t state = 1;
  uint16_t* elements = reinterpret_cast<uint16_t*>(operands.tiles);
  for (size_t i = 0; i < sizeof operands / 2; ++i) elements[i] = bf16_of(next_gaussian(state));
  return operands;
}

static Operands gaussian_int8() {
  Operands operands;
  uint32_t state = 1;
  int8_t* elements = reinterpret_cast<int8_t*>(operands.tiles);
  for (size_t i = 0; i < sizeof operands; ++i) elements[i] = static_cast<int8_t>(larger(-127, smaller(127, static_cast<int>(next_gaussian(state) * 40))));
  return operands;
}

struct BFloat16Product {
  template <int kC, int kA, int kB>
  TRTLLM_INLINE void apply() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kC), "i"(kA), "i"(kB));
  }
};
struct Int8Product {
  template <int kC, int kA, int kB>
  TRTLLM_INLINE void apply() {
    asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kC), "i"(kA), "i"(kB));
  }
};

template <class Product>
void multiply_tiles(const Operands& operands, int64_t rounds) {
  configure_tiles();
  TileUnit unit;
  for (int64_t round = 0; round < rounds; ++round) {
    unit.zero<0>(), unit.zero<1>(), unit.zero<2>(), unit.zero<3>();
    for (int k = 0; k < kDepth; ++k) {
      unit.load<4>(operands.tiles[k][0], 64), unit.load<5>(operands.tiles[k][1], 64);
      unit.load<6>(operands.tiles[k][2], 64), unit.load<7>(operands.tiles[k][3], 64);
      Product::template apply<0, 4, 6>(), Product::template apply<1, 4, 7>();
      Product::template apply<2, 5, 6>(), Product::template apply<3, 5, 7>();
    }
  }
  release_tiles();
}

// Made once: making them takes as long as a thousand rounds.
static void multiply_bf16(int64_t rounds) {
  static const Operands kOperands = gaussian_bf16();
  multiply_tiles<BFloat16Product>(kOperands, rounds);
}

static void multiply_int8(int64_t rounds) {
  static const Operands kOperands = gaussian_int8();
  multiply_tiles<Int8Product>(kOperands, rounds);
}

inline constexpr double kBFloat16Operations = 2.0 * 16 * 16 * 32 * 4 * kDepth;

}  // namespace trtllm::ops::amx_probe

namespace trtllm::roofline {

using namespace ops::amx_probe;
constinit const DotProbe kAmxBFloat16Probe = {ops::Isa::amx, "bf16", multiply_bf16, kBFloat16Operations};
constinit const DotProbe kAmxInt8Probe = {ops::Isa::amx, "int8", multiply_int8, 2 * kBFloat16Operations};

}  // namespace trtllm::roofline
