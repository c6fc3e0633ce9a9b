// How weights lie in a column of tiles (kernels.h, PackedWeight), read as float pairs; and how quantized ones are decoded to plain
// bf16 tiles where many rows share the work.
#pragma once

#include "ops/cpu/arithmetic.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kQuadRowBytes = 64;  // 16 outputs x 4 k in int8
inline constexpr int kInt4TileBytes = 512, kInt4TileRows = 8;  // 16 outputs x 64 k
inline constexpr int kInt4Offset = 8;  // a half byte holds code + 8
inline constexpr int kPairRowBytes = 64;  // 16 outputs x 2 k in bf16

// A table whose bf16 products are vdpbf16ps. Having the instruction is not enough: on Intel it is half as fast as an FMA.
#ifdef TRTLLM_BF16_DOT
inline constexpr bool kHasBf16Dot = true;
#else
inline constexpr bool kHasBf16Dot = false;
#endif

// Weights as pairs of k: pair<kHalf, kPart>(column, k) holds k + 2 kPart and the next one. The places of a pair in its line are known when
// compiling: shifts by a count in a register took most of the time that int4 took.
//   kLineDepth   k of a line, in kLineDepth / 2 parts
//   kHalfDepth   k after which the line changes between halves 0 and 1; 0: there is one half only
//   kDecodeRows  rows from which on it pays to decode them to plain bf16 tiles once
//   kDotRows     rows of a block from which on vdpbf16ps (bf16_pairs.h) is the faster way (NOTES.md)

// Weights in the arithmetic's own type; and the codes of an int8 weight as bf16, whose scale is left to the sums.
template <class Own>
struct PlainWeights {
  static constexpr int kLineDepth = 2, kHalfDepth = 0, kDecodeRows = 0, kDotRows = 1;
  template <class Arithmetic>
  using Decoded = PlainWeights;
  static constexpr bool kHasGroups = false;
  static constexpr int64_t kColumnBytes = 16 * Own::kElementBytes;  // of a column of tiles, for each k
  template <int kHalf, int kPart>
  TRTLLM_INLINE F32x16Pair pair(const std::byte* column, int k) {
    return Own::weight_pair(column, k);
  }
};

struct Int8Weights {
  template <class Arithmetic>
  using Decoded = PlainWeights<Arithmetic>;
  static constexpr bool kHasGroups = false;
  static constexpr int64_t kColumnBytes = 16;
  static constexpr int kLineDepth = 4, kHalfDepth = 0, kDecodeRows = kHasBf16Dot ? 12 : 0, kDotRows = 4;
  template <int kHalf, int kPart>
  TRTLLM_INLINE F32x16Pair pair(const std::byte* column, int k) {
    return load_int8_pairs(column + int64_t{k / 4} * kQuadRowBytes, kPart);
  }
};

// The codes of an int4 weight as bf16; each group's scale is left to its sum.
template <class Own>
struct GroupedWeights : PlainWeights<Own> {
  template <class Arithmetic>
  using Decoded = GroupedWeights;
  static constexpr bool kHasGroups = true;
};

struct Int4Weights {
  template <class Arithmetic>
  using Decoded = GroupedWeights<Arithmetic>;
  static constexpr bool kHasGroups = true;
  static constexpr int64_t kColumnBytes = 8;
  static constexpr int kLineDepth = 4, kHalfDepth = 32, kDecodeRows = kHasBf16Dot ? 48 : 0, kDotRows = 2;
  TRTLLM_INLINE const std::byte* line(const std::byte* column, int k) {
    const auto place = static_cast<unsigned>(k);
    return column + uint64_t{place / 64} * kInt4TileBytes + place % 32 / 4 * kQuadRowBytes;
  }
  template <int kHalf, int kPart>
  TRTLLM_INLINE F32x16Pair pair(const std::byte* column, int k) {
    return load_int4_pairs(line(column, k), kHalf, kPart);
  }
};

// visit<kHalf>(begin, end) for each run of k of one half.
template <class Weights, class Visit>
TRTLLM_INLINE void for_each_half(int begin, int end, Visit visit) {
  if constexpr (Weights::kHalfDepth == 0) {
    visit.template operator()<0>(begin, end);
  } else {
    constexpr int kDepth = Weights::kHalfDepth;
    for (int k = begin; k < end; k += kDepth) {
      if (k % (2 * kDepth) == 0) visit.template operator()<0>(k, k + kDepth);
      else visit.template operator()<1>(k, k + kDepth);
    }
  }
}

// take(k, pair) for each pair of the first `depth` inputs of one column.
template <class Weights, class Take>
TRTLLM_INLINE void for_each_pair(const std::byte* column, int depth, Take take) {
  for_each_half<Weights>(0, depth, [&]<int kHalf>(int begin, int end) {
    for (int k = begin; k < end; k += Weights::kLineDepth) {
      take(k, Weights::template pair<kHalf, 0>(column, k));
      if constexpr (Weights::kLineDepth == 4) take(k + 2, Weights::template pair<kHalf, 1>(column, k));
    }
  });
}

// `depth` inputs of one column as bf16 tiles. Whole numbers up to 127 are exact in bf16.
template <class Weights>
void decode_to_bf16(const std::byte* column, int depth, std::byte* out) {
  for_each_pair<Weights>(column, depth, [&](int k, const F32x16Pair& codes) { store_bf16_pairs(out + k / 2 * kPairRowBytes, codes); });
}

// The groups of an int4 column one after the other, 32 k at a time: each one's multiplier, ready to scale codes. Behind the last it is zero.
template <class Lanes>
class GroupScalers {
 public:
  GroupScalers(const PackedWeight& weight, int tile, int first_k)
      : multipliers_(weight.multiplier + int64_t{tile} * weight.num_groups() * 16), num_groups_(weight.num_groups()), group_size_(weight.group_size),
        group_(first_k >> __builtin_ctz(static_cast<unsigned>(weight.group_size))), left_((group_ + 1) * weight.group_size - first_k), scaler_(of_group()) {}

  // That of the next 32 k.
  TRTLLM_INLINE_METHOD auto next() {
    if (left_ == 0) {
      ++group_;
      left_ = group_size_;
      scaler_ = of_group();
    }
    left_ -= 32;
    return scaler_;
  }

 private:
  auto of_group() const { return int4_scaler(group_ < num_groups_ ? load_int8(multipliers_ + group_ * 16) : Lanes(splat_int(0))); }

  const int8_t* multipliers_;
  int num_groups_, group_size_, group_, left_;  // k left of the group
  decltype(int4_scaler(Lanes{})) scaler_;
};

// `depth` int4 codes from first_k on of one column, each times its group's multiplier, as int8 tiles. Half a tile is 32 k of one group;
// the padding behind the last group is zero. A template over I32x16, so that avx2 without VNNI, which reads int4 as it lies, needs none of its parts.
// Weights kAheadBytes on are asked for; 0: none.
template <class Lanes, int kAheadBytes>
TRTLLM_INLINE void decode_to_int8(const PackedWeight& weight, int tile, int first_k, int depth, const std::byte* column, std::byte* out) {
  constexpr int kHalfTileBytes = kInt4TileRows * kQuadRowBytes;
  GroupScalers<Lanes> groups(weight, tile, first_k);
  for (int k = 0; k < depth; k += 64, column += kInt4TileBytes, out += 2 * kHalfTileBytes) {
    const auto low = groups.next(), high = groups.next();
#pragma GCC unroll 8
    for (int row = 0; row < kInt4TileRows; ++row) {
      const std::byte* quads = column + row * kQuadRowBytes;
      if (kAheadBytes > 0) __builtin_prefetch(quads + kAheadBytes);
      store_scaled_int4(out + row * kQuadRowBytes, quads, 0, low);
      store_scaled_int4(out + kHalfTileBytes + row * kQuadRowBytes, quads, 1, high);
    }
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
