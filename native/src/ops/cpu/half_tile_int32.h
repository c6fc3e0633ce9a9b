// The sums of half an int4 tile, eight quads of each output, on classes that add a quad to int32 sums in one go: nothing to prepare and
// nothing to finish. i32x16_avx2.h has sums of its own.
#pragma once

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

using Int4Quads = WeightQuads;
using HalfTileSum = I32x16;

// Whether kDecodeInt4Rows rows and more have int4 weights decoded to int8 once for all of them, multipliers and all.
inline constexpr bool kDecodesInt4 = true;
// Whether one row takes both halves of a tile at once: two chains of sums, and each line of weights read once.
inline constexpr bool kTakesWholeTiles = true;
// Rows of half a tile that the compiler writes out one after the other.
inline constexpr int kHalfTileUnroll = kAccumulators >= 6 ? 8 : 1;

// What the quads are added to, and the sum with them.
TRTLLM_INLINE HalfTileSum start_half_tile(const I32x16& sum) { return sum; }
TRTLLM_INLINE I32x16 end_half_tile(const HalfTileSum& half, const I32x16&) { return half; }

}  // namespace trtllm::ops::TRTLLM_ISA
