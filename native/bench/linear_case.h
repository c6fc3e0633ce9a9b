// A linear to be timed: the shapes of Llama-3.2-1B, a weight format, enough copies of the weights that no cache holds them, Gaussian data.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/thread_team.h"
#include "base/work_ranges.h"
#include "ops/kernels.h"

namespace trtllm {

struct Shape {
  const char* name;
  int n, k;
  ops::Epilogue epilogue = ops::Epilogue::store;
};

// Llama-3.2-1B.
inline constexpr Shape kShapes[] = {{"qkv", 3072, 2048},
                                    {"o", 2048, 2048, ops::Epilogue::add_residual},
                                    {"gate_up", 16384, 2048, ops::Epilogue::swiglu},
                                    {"down", 2048, 8192, ops::Epilogue::add_residual}};
inline constexpr int kDealtTiles = 4;  // as the forward pass deals columns

// A weight format as `trtllm build --qformat` names it, or an arithmetic.
struct Format {
  std::string_view name;
  DType weight;
  bool int8_rows = false;
  bool has_multiplier = false;
  DType arithmetic() const { return weight == DType::float32 ? DType::float32 : DType::bfloat16; }
};
inline constexpr Format kFormats[] = {{"bfloat16", DType::bfloat16}, {"float32", DType::float32}, {"int8_wo", DType::int8}, {"int8_dyn", DType::int8, true},
                               {"int4_wo", DType::int4}, {"w4a8", DType::int4, true, true}};
inline constexpr int kGroupSize = 128;
inline constexpr size_t kHugePage = 2 << 20;
inline constexpr size_t kMoreScratch = 8 << 20;  // versions that are timed by turns may want more than the first

inline Format format_of(const std::string& name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return format;
  }
  throw Error("BAD_FLAG", "--format " + name + ": expected bfloat16, float32, int8_wo, int8_dyn, int4_wo or w4a8");
}

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

// From zero, on huge pages, as an engine has its weights and its working memory.
inline std::unique_ptr<std::byte, FreeMemory> huge_memory(size_t bytes) {
  const size_t reserved = round_up(bytes, kHugePage);
  std::unique_ptr<std::byte, FreeMemory> memory(static_cast<std::byte*>(std::aligned_alloc(kHugePage, reserved)));
  madvise(memory.get(), reserved, MADV_HUGEPAGE);
  std::memset(memory.get(), 0, reserved);
  return memory;
}

// Gaussian values (codes: of a deviation of a quarter of their range), enough copies of the weight that no cache holds them all.
class Weights {
 public:
  Weights(const Shape& shape, const Format& format, int copies) : shape_(shape), format_(format), bytes_(size_t(shape.n) * shape.k * dtype_bits(format.weight) / 8) {
    memory_ = huge_memory(bytes_ * copies);
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.25f);
    const auto code = [&](int largest) { return std::clamp(static_cast<int>(std::lround(normal(random) * largest)), -largest, largest); };
    for (size_t i = 0; i < bytes_ * 8 / dtype_bits(format.weight); ++i) {
      if (format.weight == DType::bfloat16) reinterpret_cast<uint16_t*>(memory_.get())[i] = float_to_bf16(normal(random));
      if (format.weight == DType::float32) reinterpret_cast<float*>(memory_.get())[i] = normal(random);
      if (format.weight == DType::int8) memory_.get()[i] = static_cast<std::byte>(code(127));
      if (format.weight == DType::int4 && i % 2 == 0) memory_.get()[i / 2] = static_cast<std::byte>((code(7) + 8) | (code(7) + 8) << 4);
    }
    for (int copy = 1; copy < copies; ++copy) std::memcpy(memory_.get() + copy * bytes_, memory_.get(), bytes_);
  }
  size_t bytes() const { return bytes_; }
  ops::PackedWeight copy(int index) const {
    ops::PackedWeight weight{memory_.get() + index * bytes_, format_.weight, shape_.n, shape_.k, shape_.n, shape_.k};
    if (format_.weight == DType::int4) weight.group_size = kGroupSize;
    if (format_.weight == DType::int4 && !format_.has_multiplier) weight.group_scale = scales_.data();
    if (format_.has_multiplier) weight.multiplier = multipliers_.data();
    if (format_.weight == DType::int8 || format_.has_multiplier) weight.scale = scales_.data();
    return weight;
  }

 private:
  Shape shape_;
  Format format_;
  size_t bytes_;
  std::unique_ptr<std::byte, FreeMemory> memory_;
  std::vector<float> scales_ = std::vector<float>(size_t(shape_.n) * (shape_.k / kGroupSize), 0.01f);
  std::vector<int8_t> multipliers_ = std::vector<int8_t>(scales_.size(), 9);
};

inline std::vector<std::byte> gaussian_activations(ops::ActivationStorage storage, int64_t count) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  std::vector<std::byte> bytes(count * activation_bytes(storage));
  for (int64_t i = 0; i < count; ++i) {
    const float value = round_to_bf16(normal(random));
    if (storage == ops::ActivationStorage::bfloat16) {
      reinterpret_cast<uint16_t*>(bytes.data())[i] = float_to_bf16(value);
    } else {
      reinterpret_cast<float*>(bytes.data())[i] = value;
    }
  }
  return bytes;
}

// Rows up to the next multiple of 16, as kernels may read them, on borders of cache lines: a tile's row that crosses one costs AMX half
// of its speed.
struct Input {
  Input(const ops::Kernels& kernels, const Format& format, int width, int rows) {
    const int readable = static_cast<int>(round_up(rows, 16));
    stride = width + 32;  // off powers of two: rows then fall into different cache sets
    const std::vector<std::byte> activations = gaussian_activations(kernels.activation, stride * readable);
    if (!format.int8_rows) {
      bytes = huge_memory(activations.size());
      std::memcpy(bytes.get(), activations.data(), activations.size());
      return;
    }
    const int64_t row_bytes = ops::Int8Row::bytes(width) + 64;
    bytes = huge_memory(static_cast<size_t>(row_bytes) * readable);
    kernels.quantize({.input = activations.data(), .input_stride = stride, .width = width, .output = bytes.get(), .output_stride = row_bytes, .row_end = readable});
    stride = row_bytes;
  }
  int64_t stride;  // linear_int8: bytes
  std::unique_ptr<std::byte, FreeMemory> bytes;
};

class LinearCase {
 public:
  LinearCase(const ops::Kernels& kernels, const Format& format, const Shape& shape, int rows, int threads)
      : format_(format), shape_(shape), rows_(rows), copies_(copies_of(format, shape, rows)), weights_(shape, format, copies_),
        input_(kernels, format, shape.k, rows), output_bytes_(static_cast<size_t>(rows) * shape.n * sizeof(float)), activation_bytes_(static_cast<size_t>(rows) * activation_stride() * sizeof(float)),
        output_(huge_memory(output_bytes_)), activation_(huge_memory(activation_bytes_)), scratch_(threads, std::vector<std::byte>(kernels.linear_scratch_bytes(rows, shape.k) + kMoreScratch)) {}

  // Seconds of one linear on the whole team, all copies of the weights passed once.
  double seconds(ThreadTeam& team, const ops::Kernels& kernels) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<WorkRanges> columns(copies_, WorkRanges(team.size()));
    team.run([&](int thread) {
      kernels.thread_begin();
      for (WorkRanges& ranges : columns) ranges.deal(thread, shape_.n / 16, kDealtTiles);
      team.barrier();
      for (int copy = 0; copy < copies_; ++copy) {
        compute(kernels, copy, columns[copy], thread);
        team.barrier();
      }
      kernels.thread_end();
    });
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / copies_;
  }
  // What the last pass over all copies wrote, after clear_output.
  std::vector<std::byte> output() const {
    std::vector<std::byte> bytes(activation_.get(), activation_.get() + activation_bytes_);
    bytes.insert(bytes.end(), output_.get(), output_.get() + output_bytes_);
    return bytes;
  }
  void clear_output() { std::memset(output_.get(), 0, output_bytes_); }

 private:
  int64_t activation_stride() const { return shape_.n / 2 + 32; }

  // Few rows wait for memory: more than a cache holds.
  static int copies_of(const Format& format, const Shape& shape, int rows) {
    constexpr int64_t kBeyondCaches = int64_t{384} << 20;
    return rows <= 32 ? static_cast<int>(kBeyondCaches * 8 / (int64_t{shape.n} * shape.k * dtype_bits(format.weight)) + 1) : 2;
  }

  void compute(const ops::Kernels& kernels, int copy, WorkRanges& columns, int thread) {
    ops::LinearArgs args;
    args.input = input_.bytes.get();
    args.input_stride = input_.stride;
    args.rows = rows_;
    args.output = reinterpret_cast<float*>(output_.get());
    args.output_stride = shape_.n;
    args.epilogue = shape_.epilogue;
    args.output_activation = activation_.get();
    args.output_activation_stride = activation_stride();
    args.scratch = reinterpret_cast<std::byte*>(round_up(reinterpret_cast<intptr_t>(scratch_[thread].data()), 64));
    args.weight = weights_.copy(copy);
    const int grain = rows_ > kernels.many_rows ? kernels.preferred_tiles_many_rows : kernels.preferred_tiles;
    for (WorkRanges::Piece piece; !(piece = columns.take(thread, grain)).is_empty();) {
      args.tile_begin = piece.begin;
      args.tile_end = piece.end;
      (format_.int8_rows ? kernels.linear_int8 : kernels.linear)(args);
    }
  }

  Format format_;
  Shape shape_;
  int rows_, copies_;
  Weights weights_;
  Input input_;
  size_t output_bytes_, activation_bytes_;  // activations as wide as the widest storage
  std::unique_ptr<std::byte, FreeMemory> output_, activation_;
  std::vector<std::vector<std::byte>> scratch_;
};

}  // namespace trtllm
