// Rows of finished sums on their way from memory to the output, in stages between the products of the block that follows. An unbroken
// chain of them holds up the tile unit: instructions retire in order, and it has few registers for what is not retired (NOTES.md).
// No arrays and no loops over columns: g++ 12 would keep the work in memory.
#pragma once

#include "ops/cpu/int8_rows.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr int kLineBytes = 64;  // a row of a tile: 16 sums
// Output lines are fetched for writing this many rows ahead (cpu-measurements 3b).
inline constexpr int kOutputPrefetchRows = 6;

// One row of two tile columns at a time. Format (tile_format.h) says what a line of sums stands for and which scales there are, its kEpilogue
// what becomes of it.
template <class Format>
class PairFinisher {
 public:
  TRTLLM_INLINE_METHOD PairFinisher(const LinearArgs& args, int tile) : args_(&args), tile_(tile), has_bias_(args.bias != nullptr) {
    if constexpr (Format::kHasScale) left_scale_ = load(args.weight.scale + tile * 16), right_scale_ = load(args.weight.scale + tile * 16 + 16);
    left_bias_ = has_bias_ ? load(args.bias + tile * 16) : zero();
    right_bias_ = has_bias_ ? load(args.bias + tile * 16 + 16) : zero();
  }

  // The next row, and its two lines of sums.
  TRTLLM_INLINE_METHOD void begin(int row, const std::byte* sums) { row_ = row, sums_ = sums; }

  // Part kPart of kParts of all that is to do with it.
  template <int kPart, int kParts>
  TRTLLM_INLINE_METHOD void part() {
    stages<kStages * kPart / kParts, kStages * (kPart + 1) / kParts>();
  }

 private:
  static constexpr int kStages = 6;
  static constexpr bool kIsGated = Format::kEpilogue == Epilogue::swiglu, kAdds = Format::kEpilogue == Epilogue::add_residual;

  template <int kFirst, int kLast>
  TRTLLM_INLINE_METHOD void stages() {
    if constexpr (kFirst < kLast) {
      stage<kFirst>();
      stages<kFirst + 1, kLast>();
    }
  }
  template <int kStage>
  TRTLLM_INLINE_METHOD void stage() {
    if constexpr (kStage == 0) read();
    if constexpr (kStage == 1) scale();
    if constexpr (kStage > 1 && kIsGated) gate<kStage>();
    if constexpr (kStage == 2 && kAdds) add_residual();
    if constexpr (kStage == 3 && !kIsGated) store();
  }

  TRTLLM_INLINE_METHOD void read() {
    fetch_output();
    left_ = pinned(Format::sum(sums_)), right_ = pinned(Format::sum(sums_ + kLineBytes));
  }
  // Each step is rounded, as the lanes do it.
  TRTLLM_INLINE_METHOD void scale() {
    if constexpr (Format::kHasRowScale) {
      const F32x16 factor = splat(Format::row_scale(*args_, row_));
      left_ = mul(left_, factor), right_ = mul(right_, factor);
    }
    if constexpr (Format::kHasScale) left_ = mul(left_, left_scale_), right_ = mul(right_, right_scale_);
    if (has_bias_) left_ = add(left_, left_bias_), right_ = add(right_, right_bias_);
    left_ = pinned(left_), right_ = pinned(right_);
  }

  // silu(left) * right
  template <int kStage>
  TRTLLM_INLINE_METHOD void gate() {
    if constexpr (kStage == 2) exp_.begin(sub(zero(), left_));
    if constexpr (kStage == 3) exp_.template add_terms<0, 4>();
    if constexpr (kStage == 4) {
      exp_.template add_terms<4, ExpParts::kNumTerms>();
      exp_.sum = add(splat(1.0f), exp_.value());
    }
    if constexpr (kStage < 5) exp_.sum = pinned(exp_.sum);
    if constexpr (kStage == 5) BFloat16Tiles::store_activation(activation(row_), mul(div(left_, exp_.sum), right_), 16);
  }

  TRTLLM_INLINE_METHOD void add_residual() {
    left_ = pinned(add(load_first(output(row_), count(0)), left_)), right_ = pinned(add(load_first(output(row_) + 16, count(1)), right_));
  }
  TRTLLM_INLINE_METHOD void store() {
    store_first(output(row_), left_, count(0));
    store_first(output(row_) + 16, right_, count(1));
  }

  TRTLLM_INLINE_METHOD void fetch_output() const {
    if constexpr (kIsGated) {
      __builtin_prefetch(activation(row_ + kOutputPrefetchRows), 1);
    } else {
      __builtin_prefetch(output(row_ + kOutputPrefetchRows), 1);
      __builtin_prefetch(output(row_ + kOutputPrefetchRows) + 16, 1);
    }
  }
  TRTLLM_INLINE_METHOD float* output(int row) const { return args_->output + row * args_->output_stride + tile_ * 16; }
  TRTLLM_INLINE_METHOD BFloat16Tiles::Activation* activation(int row) const {
    return static_cast<BFloat16Tiles::Activation*>(args_->output_activation) + row * args_->output_activation_stride + tile_ * 8;
  }
  // Outputs of a column that are no padding.
  TRTLLM_INLINE_METHOD int count(int column) const { return smaller(args_->weight.n - (tile_ + column) * 16, 16); }

  const LinearArgs* args_;
  int tile_;
  bool has_bias_;
  F32x16 left_scale_, right_scale_, left_bias_, right_bias_;
  int row_ = 0;
  const std::byte* sums_ = nullptr;
  F32x16 left_, right_;
  ExpParts exp_;  // of -left
};

// What is done between the products of a block: kRows rows of kTiles finished columns, which is two pairs of columns at most.
template <class Format, int kTiles, int kRows>
class RowsBeside {
 public:
  TRTLLM_INLINE_METHOD RowsBeside(const LinearArgs& args, int tile) : first_(args, tile), second_(args, kTiles == 4 ? tile + 2 : tile) {}
  TRTLLM_INLINE_METHOD void begin(int row, const std::byte* sums) {
    first_.begin(row, sums);
    if constexpr (kHasSecond) second_.begin(kTiles == 4 ? row : row + 1, sums + 2 * kLineBytes);
  }
  template <int kPart, int kParts>
  TRTLLM_INLINE_METHOD void part() {
    first_.template part<kPart, kParts>();
    if constexpr (kHasSecond) second_.template part<kPart, kParts>();
  }

 private:
  static_assert(kTiles * kRows == 2 || kTiles * kRows == 4);
  static constexpr bool kHasSecond = kTiles * kRows == 4;
  PairFinisher<Format> first_, second_;
};

// Rows [first, last) of kTiles tile columns with nothing in between, from `sums`, lines [last - first, kTiles].
template <class Format, int kTiles>
void finish_rows(const LinearArgs& args, int first, int last, int tile, const std::byte* sums) {
  for (int row = first; row < last; ++row, sums += kTiles * kLineBytes) {
    for (int t = 0; t + 1 < kTiles; t += 2) {
      PairFinisher<Format> finisher(args, tile + t);
      finisher.begin(row, sums + t * kLineBytes);
      finisher.template part<0, 1>();
    }
    if constexpr (kTiles == 1) Format::finish_column(args, row, tile, sums);
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
