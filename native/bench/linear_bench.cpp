// linear alone: rows x shape x class, on all threads, beside the machine's limits probed in the same run.
//   linear_bench [--isa NAME] [--threads N] [--dtype bfloat16|float32] [--rows N]
// Weights are as large as a model's (16 copies, more than a cache holds) when rows are few, for there memory is the limit.
#include <algorithm>
#include <chrono>
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

struct Options {
  ops::Isa isa = ops::best_isa();
  DType dtype = DType::bfloat16;
  int threads = 2;
  int rows = 0;  // 0: the list
};

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

// Gaussian values, enough copies of the weight that no cache holds them all.
class Weights {
 public:
  Weights(const Shape& shape, DType dtype, int copies) : shape_(shape), dtype_(dtype), bytes_(size_t(shape.n) * shape.k * dtype_bytes(dtype)) {
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(2 << 20, round_up(bytes_ * copies, 2 << 20))));
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.02f);
    for (size_t i = 0; i < bytes_ / dtype_bytes(dtype); ++i) {
      const float value = normal(random);
      if (dtype == DType::bfloat16) {
        reinterpret_cast<uint16_t*>(memory_.get())[i] = float_to_bf16(value);
      } else {
        reinterpret_cast<float*>(memory_.get())[i] = value;
      }
    }
    for (int copy = 1; copy < copies; ++copy) std::memcpy(memory_.get() + copy * bytes_, memory_.get(), bytes_);
  }
  size_t bytes() const { return bytes_; }
  ops::PackedWeight copy(int index) const { return {memory_.get() + index * bytes_, dtype_, shape_.n, shape_.k, shape_.n, shape_.k}; }

 private:
  Shape shape_;
  DType dtype_;
  size_t bytes_;
  std::unique_ptr<std::byte, FreeMemory> memory_;
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

// Median seconds of one linear of `rows` rows on the whole team.
double seconds_of(ThreadTeam& team, const ops::Kernels& kernels, const Shape& shape, int rows) {
  const int copies = rows <= 32 ? 16 : 2;
  const Weights weights(shape, kernels.arithmetic, copies);
  const int64_t stride = shape.k + 32;  // off powers of two: rows then fall into different cache sets
  const std::vector<std::byte> input = gaussian_activations(kernels.activation, stride * rows);
  std::vector<float> output(static_cast<size_t>(rows) * shape.n);
  std::vector<std::vector<std::byte>> scratch(team.size(), std::vector<std::byte>(kernels.linear_scratch_bytes(rows, shape.k) + 64));

  const auto pass = [&] {
    std::vector<WorkCounter> counters(copies);
    team.run([&](int thread) {
      kernels.thread_begin();
      ops::LinearArgs args;
      args.input = input.data();
      args.input_stride = stride;
      args.rows = rows;
      args.output = output.data();
      args.output_stride = shape.n;
      args.scratch = reinterpret_cast<std::byte*>(round_up(reinterpret_cast<intptr_t>(scratch[thread].data()), 64));
      for (int copy = 0; copy < copies; ++copy) {
        args.weight = weights.copy(copy);
        const int tiles = shape.n / 16;
        const int grain = rows > 32 ? kernels.preferred_tiles_many_rows : kernels.preferred_tiles;
        for (int first; (first = counters[copy].take(tiles, grain)) >= 0;) {
          args.tile_begin = first;
          args.tile_end = std::min(first + grain, tiles);
          kernels.linear(args);
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
  return roofline::median(seconds);
}

struct Limits {
  double gflops = 0, gbytes = 0;
};

// uses_dots: bf16 arithmetic may go by narrow products where the class has them.
Limits probe_limits(ThreadTeam& team, ops::Isa isa, bool uses_dots) {
  Limits limits;
  for (const auto& probe : roofline::vector_probes()) limits.gflops = roofline::fma_gflops(team, probe, 0.2);
  for (const auto& probe : roofline::dot_probes()) {
    if (probe.isa == isa && std::string_view(probe.type) == "bf16" && uses_dots) limits.gflops = std::max(limits.gflops, roofline::dot_gops(team, probe, 0.2));
  }
  const std::vector<std::byte> memory(size_t{512} << 20, std::byte{1});
  std::vector<std::span<const std::byte>> pieces;
  const size_t piece = memory.size() / team.size() / 4096 * 4096;
  for (int thread = 0; thread < team.size(); ++thread) pieces.emplace_back(memory.data() + thread * piece, piece);
  limits.gbytes = roofline::read_gbytes(team, roofline::vector_probes().back(), pieces, 0.5);
  return limits;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], value = argv[i + 1];
    if (flag == "--isa" && ops::parse_isa(value)) options.isa = *ops::parse_isa(value);
    else if (flag == "--dtype") options.dtype = value == "float32" ? DType::float32 : DType::bfloat16;
    else if (flag == "--threads") options.threads = std::max(1, std::atoi(value.c_str()));
    else if (flag == "--rows") options.rows = std::max(1, std::atoi(value.c_str()));
    else throw Error("BAD_FLAG", flag + " " + value + ": expected --isa NAME, --dtype bfloat16|float32, --threads N or --rows N");
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    const ops::Kernels& kernels = ops::kernels(options.isa, options.dtype);
    ThreadTeam team(options.threads, true);
    const std::vector<int> rows = options.rows > 0 ? std::vector<int>{options.rows} : std::vector<int>{1, 4, 16, 64, 512};
    std::printf("%s, %d threads\n%-8s %5s %9s %9s %9s\n", std::string(ops::isa_name(options.isa)).c_str(), options.threads, "shape", "rows",
                "ms", "of peak", "of DRAM");
    for (int count : rows) {
      for (const Shape& shape : kShapes) {
        const Limits limits = probe_limits(team, options.isa, options.dtype == DType::bfloat16);  // beside each figure: machines drift
        const double seconds = seconds_of(team, kernels, shape, count);
        const double gflops = 2.0 * count * shape.n * shape.k / seconds / 1e9;
        const double gbytes = static_cast<double>(shape.n) * shape.k * dtype_bytes(options.dtype) / seconds / 1e9;
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
