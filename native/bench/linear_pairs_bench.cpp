// Versions of the kernels by turns in one process: what a change gives, on machines whose speed drifts more than it gives.
//   bench/kernel_library.sh avx2 /tmp/before.so; …change…; bench/kernel_library.sh avx2 /tmp/after.so
//   linear_pairs_bench [--format NAME] [--rows N] [--threads N] [--rounds N] [--shape NAME] TABLE BEFORE.so AFTER.so…
// TABLE is a name of ops/cpu/tables.h. Prints the median of the rounds' ratios, BEFORE's time over each other's, and whether the bits agree.
#include <cstdio>

#include "kernel_library.h"
#include "linear_case.h"

using namespace trtllm;

namespace {

struct Options {
  Format format = kFormats[0];
  int rows = 1, threads = 2, rounds = 15;
  std::string shape, table;
  std::vector<std::string> libraries;
};

Options parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (!flag.starts_with("--")) {
      words.push_back(flag);
      continue;
    }
    const std::string value = ++i < argc ? argv[i] : "";
    if (flag == "--format") options.format = format_of(value);
    else if (flag == "--rows") options.rows = std::max(1, std::atoi(value.c_str()));
    else if (flag == "--threads") options.threads = std::max(1, std::atoi(value.c_str()));
    else if (flag == "--rounds") options.rounds = std::max(1, std::atoi(value.c_str()));
    else if (flag == "--shape") options.shape = value;
    else throw Error("BAD_FLAG", flag + " " + value + ": expected --format, --rows, --threads, --rounds or --shape");
  }
  if (words.size() < 3) throw Error("BAD_FLAG", "expected a table (kAvx2BFloat16) and at least two libraries");
  options.table = words[0];
  options.libraries.assign(words.begin() + 1, words.end());
  return options;
}

void compare(ThreadTeam& team, const Options& options, const Shape& shape, const std::vector<const ops::Kernels*>& tables) {
  LinearCase linear(*tables[0], options.format, shape, options.rows, options.threads);
  std::vector<std::vector<double>> seconds(tables.size());
  std::vector<bool> is_same(tables.size());
  std::vector<std::byte> expected;
  for (int round = 0; round <= options.rounds; ++round) {
    for (size_t i = 0; i < tables.size(); ++i) {
      linear.clear_output();
      const double took = linear.seconds(team, *tables[i]);
      if (round > 0) seconds[i].push_back(took);
      if (i == 0) expected = linear.output();
      is_same[i] = expected == linear.output();
    }
  }
  const double bytes = static_cast<double>(shape.n) * shape.k * dtype_bits(options.format.weight) / 8, operations = 2.0 * options.rows * shape.n * shape.k;
  for (size_t i = 0; i < tables.size(); ++i) {
    std::vector<double> ratios;
    for (int round = 0; round < options.rounds; ++round) ratios.push_back(seconds[0][round] / seconds[i][round]);
    const double typical = median(seconds[i]), best = *std::min_element(seconds[i].begin(), seconds[i].end());
    std::printf("%-8s %4d rows  %-24s %8.3f ms  %6.1f GB/s  %6.0f GFLOP/s (best %.0f)  %5.3f x%s\n", shape.name, options.rows, options.libraries[i].c_str(),
                typical * 1e3, bytes / typical / 1e9, operations / typical / 1e9, operations / best / 1e9, median(ratios), is_same[i] ? "" : "  OTHER BITS");
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    std::vector<const ops::Kernels*> tables;
    for (const std::string& library : options.libraries) tables.push_back(&table_of(library, options.table));
    ThreadTeam team(options.threads, true);
    for (const Shape& shape : kShapes) {
      if (options.shape.empty() || options.shape == shape.name) compare(team, options, shape, tables);
    }
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", error.code().c_str(), error.what());
    return 2;
  }
}
