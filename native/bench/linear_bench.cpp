// linear alone: rows x shape x class, on all threads, beside the machine's limits probed in the same run.
//   linear_bench [--isa NAME] [--threads N] [--format bfloat16|float32|int8_wo|int8_dyn|int4_wo|w4a8] [--rows N]
// Weights are as large as a model's (16 copies, more than a cache holds) when rows are few, for there memory is the limit.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
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
#include "roofline/measure.h"

using namespace trtllm;

namespace {

struct Shape {
  const char* name;
  int n, k;
};

// Llama-3.2-1B.
constexpr Shape kShapes[] = {{"qkv", 3072, 2048}, {"o", 2048, 2048}, {"gate_up", 16384, 2048}, {"down", 2048, 8192}};
constexpr int kRuns = 7;
constexpr int kDealtTiles = 4;  // as the forward pass deals columns

// A weight format as `trtllm build --qformat` names it, or an arithmetic.
struct Format {
  std::string_view name;
  DType weight;
  bool int8_rows = false;
  bool has_multiplier = false;
  DType arithmetic() const { return weight == DType::float32 ? DType::float32 : DType::bfloat16; }
};
constexpr Format kFormats[] = {{"bfloat16", DType::bfloat16}, {"float32", DType::float32}, {"int8_wo", DType::int8}, {"int8_dyn", DType::int8, true},
                               {"int4_wo", DType::int4}, {"w4a8", DType::int4, true, true}};
constexpr int kGroupSize = 128;

struct Options {
  ops::Isa isa = ops::best_isa();
  Format format = kFormats[0];
  int threads = 2;
  int rows = 0;  // 0: the list
};

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

// Gaussian values (codes: of a deviation of a quarter of their range), enough copies of the weight that no cache holds them all.
class Weights {
 public:
  Weights(const Shape& shape, const Format& format, int copies) : shape_(shape), format_(format), bytes_(size_t(shape.n) * shape.k * dtype_bits(format.weight) / 8) {
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(2 << 20, round_up(bytes_ * copies, 2 << 20))));
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

std::vector<std::byte> gaussian_activations(ops::ActivationStorage storage, int64_t count) {
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

// Rows up to the next multiple of 16, as kernels may read them.
struct Input {
  Input(const ops::Kernels& kernels, const Format& format, int width, int rows) {
    const int readable = static_cast<int>(round_up(rows, 16));
    stride = width + 32;  // off powers of two: rows then fall into different cache sets
    bytes = gaussian_activations(kernels.activation, stride * readable);
    if (!format.int8_rows) return;
    const std::vector<std::byte> activations = std::move(bytes);
    const int64_t row_bytes = ops::Int8Row::bytes(width) + 64;
    bytes.resize(static_cast<size_t>(row_bytes) * readable);
    kernels.quantize({.input = activations.data(), .input_stride = stride, .width = width, .output = bytes.data(), .output_stride = row_bytes, .row_end = readable});
    stride = row_bytes;
  }
  int64_t stride;  // linear_int8: bytes
  std::vector<std::byte> bytes;
};

// Median seconds of one linear of `rows` rows on the whole team.
double seconds_of(ThreadTeam& team, const ops::Kernels& kernels, const Format& format, const Shape& shape, int rows) {
  const int copies = rows <= 32 ? 16 : 2;
  const Weights weights(shape, format, copies);
  const Input input(kernels, format, shape.k, rows);
  const auto linear = format.int8_rows ? kernels.linear_int8 : kernels.linear;
  std::vector<float> output(static_cast<size_t>(rows) * shape.n);
  std::vector<std::vector<std::byte>> scratch(team.size(), std::vector<std::byte>(kernels.linear_scratch_bytes(rows, shape.k) + 64));

  const auto pass = [&] {
    std::vector<WorkRanges> columns(copies, WorkRanges(team.size()));
    team.run([&](int thread) {
      kernels.thread_begin();
      for (WorkRanges& ranges : columns) ranges.deal(thread, shape.n / 16, kDealtTiles);
      team.barrier();
      ops::LinearArgs args;
      args.input = input.bytes.data();
      args.input_stride = input.stride;
      args.rows = rows;
      args.output = output.data();
      args.output_stride = shape.n;
      args.scratch = reinterpret_cast<std::byte*>(round_up(reinterpret_cast<intptr_t>(scratch[thread].data()), 64));
      for (int copy = 0; copy < copies; ++copy) {
        args.weight = weights.copy(copy);
        const int grain = rows > kernels.many_rows ? kernels.preferred_tiles_many_rows : kernels.preferred_tiles;
        for (WorkRanges::Piece piece; !(piece = columns[copy].take(thread, grain)).is_empty();) {
          args.tile_begin = piece.begin;
          args.tile_end = piece.end;
          linear(args);
        }
        team.barrier();
      }
      kernels.thread_end();
    });
  };
  pass();
  std::vector<double> seconds(rows <= 32 ? kRuns : 3);
  for (double& value : seconds) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    value = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / copies;
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

struct Limits {
  double gflops = 0, gbytes = 0;
};

// The narrowest products that the class has for the format; AMX's come from the tile probe.
Limits probe_limits(ThreadTeam& team, ops::Isa isa, const Format& format) {
  Limits limits;
  for (const auto& probe : roofline::vector_probes()) limits.gflops = roofline::fma_gflops(team, probe, 0.2);
  const std::string_view type = format.int8_rows ? "int8" : "bf16";
  if (format.arithmetic() == DType::float32) return limits;
  for (const auto& probe : roofline::dot_probes()) {
    if (probe.isa == isa && type == probe.type) limits.gflops = std::max(limits.gflops, roofline::dot_gops(team, probe, 0.2));
  }
  const std::vector<std::byte> memory(size_t{512} << 20, std::byte{1});
  std::vector<std::span<const std::byte>> pieces;
  const size_t piece = memory.size() / team.size() / 4096 * 4096;
  for (int thread = 0; thread < team.size(); ++thread) pieces.emplace_back(memory.data() + thread * piece, piece);
  limits.gbytes = roofline::read_gbytes(team, roofline::vector_probes().back(), pieces, 0.5);
  return limits;
}

Format format_of(const std::string& name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return format;
  }
  throw Error("BAD_FLAG", "--format " + name + ": expected bfloat16, float32, int8_wo, int8_dyn, int4_wo or w4a8");
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], value = argv[i + 1];
    if (flag == "--isa" && ops::parse_isa(value)) options.isa = *ops::parse_isa(value);
    else if (flag == "--format") options.format = format_of(value);
    else if (flag == "--threads") options.threads = std::max(1, std::atoi(value.c_str()));
    else if (flag == "--rows") options.rows = std::max(1, std::atoi(value.c_str()));
    else throw Error("BAD_FLAG", flag + " " + value + ": expected --isa NAME, --format NAME, --threads N or --rows N");
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    const ops::Kernels& kernels = ops::kernels(options.isa, options.format.arithmetic());
    ThreadTeam team(options.threads, true);
    const std::vector<int> rows = options.rows > 0 ? std::vector<int>{options.rows} : std::vector<int>{1, 4, 16, 64, 512};
    std::printf("%s, %d threads\n%-8s %5s %9s %9s %9s\n", std::string(ops::isa_name(options.isa)).c_str(), options.threads, "shape", "rows",
                "ms", "of peak", "of DRAM");
    for (int count : rows) {
      for (const Shape& shape : kShapes) {
        const Limits limits = probe_limits(team, options.isa, options.format);  // beside each figure: machines drift
        const double seconds = seconds_of(team, kernels, options.format, shape, count);
        const double gflops = 2.0 * count * shape.n * shape.k / seconds / 1e9;
        const double gbytes = static_cast<double>(shape.n) * shape.k * dtype_bits(options.format.weight) / 8 / seconds / 1e9;
        std::printf("%-8s %5d %9.3f %8.1f%% %8.1f%%   %.0f GFLOP/s of %.0f, %.1f GB/s of %.1f\n", shape.name, count, seconds * 1e3,
                    100 * gflops / limits.gflops, 100 * gbytes / limits.gbytes, gflops, limits.gflops, gbytes, limits.gbytes);
        std::fflush(stdout);
      }
    }
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", error.code().c_str(), error.what());
    return 2;
  }
}
