// linear alone: rows x shape x class, on all threads, beside the machine's limits probed in the same run.
//   linear_bench [--isa NAME] [--threads N] [--format bfloat16|float32|int8_wo|int8_dyn|int4_wo|w4a8] [--rows N]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "linear_case.h"
#include "roofline/measure.h"

using namespace trtllm;

namespace {

constexpr int kRuns = 7, kRunsOfManyRows = 3;

struct Options {
  ops::Isa isa = ops::best_isa();
  Format format = kFormats[0];
  int threads = 2;
  int rows = 0;  // 0: the list
};

// Median seconds of one linear of `rows` rows on the whole team.
double median_seconds(ThreadTeam& team, const ops::Kernels& kernels, const Format& format, const Shape& shape, int rows) {
  LinearCase linear(kernels, format, shape, rows, team.size());
  linear.seconds(team, kernels);
  std::vector<double> seconds(rows <= 32 ? kRuns : kRunsOfManyRows);
  for (double& value : seconds) value = linear.seconds(team, kernels);
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
        const double seconds = median_seconds(team, kernels, options.format, shape, count);
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
