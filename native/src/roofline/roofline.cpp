#include "roofline/roofline.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"
#include "roofline/measure.h"

namespace trtllm::roofline {
namespace {

constexpr long kKiB = 1024, kMiB = 1024 * kKiB;

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(CPU_COUNT(&set), 1) : 1;
}

long cache_bytes(int name, long otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? bytes : otherwise;
}

// Memory of one team's read probe, one piece a thread, touched by the thread that will read it.
class Buffers {
 public:
  Buffers(ThreadTeam& team, long bytes_per_thread) : bytes_(bytes_per_thread * team.size()) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      throw Error("OUT_OF_MEMORY", "roofline: the bandwidth probe needs " + std::to_string(bytes_ / kMiB) + " MiB, which the system refused");
    }
    madvise(memory, bytes_, MADV_HUGEPAGE);  // a wish: without huge pages the figure is a little lower
    base_ = static_cast<std::byte*>(memory);
    for (int thread = 0; thread < team.size(); ++thread) {
      pieces_.emplace_back(base_ + thread * bytes_per_thread, static_cast<size_t>(bytes_per_thread));
    }
    team.run([&](int thread) { std::memset(base_ + thread * bytes_per_thread, 1, bytes_per_thread); });
  }
  ~Buffers() { munmap(base_, bytes_); }
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;

  // The first bytes of every thread's piece.
  std::vector<std::span<const std::byte>> first(long bytes) const {
    std::vector<std::span<const std::byte>> parts;
    for (std::span<const std::byte> piece : pieces_) parts.push_back(piece.first(bytes));
    return parts;
  }

 private:
  size_t bytes_;
  std::byte* base_ = nullptr;
  std::vector<std::span<const std::byte>> pieces_;
};

struct WorkingSet {
  const char* level;
  long bytes_per_thread;
};

// Half of each private cache, a quarter of the shared one, and four times the shared one (but between 512 MiB and 1 GiB).
std::vector<WorkingSet> working_sets(int threads) {
  const long l1 = cache_bytes(_SC_LEVEL1_DCACHE_SIZE, 32 * kKiB), l2 = cache_bytes(_SC_LEVEL2_CACHE_SIZE, kMiB);
  const long l3 = std::max(cache_bytes(_SC_LEVEL3_CACHE_SIZE, 32 * kMiB), 4 * l2);
  const auto whole_pages = [](long bytes) { return std::max(bytes / (4 * kKiB), 1L) * 4 * kKiB; };
  return {{"L1", whole_pages(l1 / 2)},
          {"L2", whole_pages(l2 / 2)},
          {"L3", whole_pages(std::max(l3 / 4 / threads, 2 * l2))},
          {"DRAM", whole_pages(std::clamp(4 * l3, 512 * kMiB, 1024 * kMiB) / threads)}};
}

void check(const Options& options) {
  if (options.threads < 0 || options.threads > 4096) {
    throw Error("BAD_FLAG", "--threads: expected 1 to 4096, or 0 for all cores, found " + std::to_string(options.threads));
  }
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    throw Error("BAD_FLAG", "--seconds: expected more than 0 and at most 3600, found " + std::to_string(options.seconds));
  }
  if (vector_probes().empty()) {
    throw Error("ISA_UNAVAILABLE", "roofline: expected AVX2 or AVX-512, this CPU has: " + ops::cpu_feature_text());
  }
}

void measure_team(ThreadTeam& team, double seconds_each, Roofline& result) {
  for (const VectorProbe& probe : vector_probes()) {
    result.arithmetic.push_back({std::string(ops::isa_name(probe.isa)), "fp32", team.size(), fma_gflops(team, probe, seconds_each)});
  }
  for (const MatrixProbe& probe : matrix_probes()) {
    result.arithmetic.push_back({"amx", probe.type, team.size(), matrix_gops(team, probe, seconds_each)});
  }
  const std::vector<WorkingSet> sets = working_sets(team.size());
  const Buffers buffers(team, sets.back().bytes_per_thread);
  for (const WorkingSet& set : sets) {
    const double rate = read_gbytes(team, vector_probes().back(), buffers.first(set.bytes_per_thread), seconds_each);
    result.read.push_back({set.level, set.bytes_per_thread, team.size(), rate});
  }
}

}  // namespace

Roofline measure(const Options& options) {
  check(options);
  Roofline result;
  for (ops::Isa isa : ops::available_isas()) result.isas.emplace_back(ops::isa_name(isa));
  result.cpu_features = ops::cpu_feature_text();
  result.threads = options.threads > 0 ? options.threads : usable_cores();

  std::vector<int> team_sizes{1};
  if (result.threads > 1) team_sizes.push_back(result.threads);
  const size_t per_team = vector_probes().size() + matrix_probes().size() + working_sets(1).size();
  const double seconds_each = options.seconds / static_cast<double>(per_team * team_sizes.size() + 1);
  for (int size : team_sizes) {
    ThreadTeam team(size, true);
    measure_team(team, seconds_each, result);
    if (size == result.threads) result.barrier_ns = barrier_ns(team, seconds_each);
  }
  return result;
}

nlohmann::json to_json(const Roofline& roofline, double seconds) {
  nlohmann::json arithmetic = nlohmann::json::array(), read = nlohmann::json::array();
  for (const ArithmeticPeak& peak : roofline.arithmetic) {
    arithmetic.push_back({{"isa", peak.isa}, {"type", peak.type}, {"threads", peak.threads}, {"gflops", peak.gflops}});
  }
  for (const ReadBandwidth& point : roofline.read) {
    read.push_back({{"level", point.level},
                    {"bytes_per_thread", point.bytes_per_thread},
                    {"threads", point.threads},
                    {"gbytes_per_second", point.gbytes_per_second}});
  }
  return {{"isas", roofline.isas},   {"cpu_features", roofline.cpu_features}, {"threads", roofline.threads}, {"seconds", seconds},
          {"arithmetic", arithmetic}, {"read", read},                          {"barrier_ns", roofline.barrier_ns}};
}

}  // namespace trtllm::roofline
