// Which limits are measured, on how many threads and over which working sets.
#include "roofline/roofline.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/error.h"
#include "base/host_limits.h"
#include "base/json.h"
#include "roofline/measure.h"

namespace trtllm::roofline {
namespace {

constexpr long kKiB = 1024, kMiB = 1024 * kKiB, kPage = 4 * kKiB;

long cache_bytes(int name, long otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? bytes : otherwise;
}

// Memory for the read probes, touched by the threads that will read it.
class Memory {
 public:
  Memory(ThreadTeam& team, long bytes) : bytes_(bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      throw Error("OUT_OF_MEMORY", "roofline: the bandwidth probe needs " + std::to_string(bytes / kMiB) + " MiB, which the system refused");
    }
    madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: without huge pages the figure is a little lower
    base_ = static_cast<std::byte*>(memory);
    const long share = bytes / team.size();
    team.run([&](int thread) { std::memset(base_ + thread * share, 1, thread + 1 == team.size() ? bytes - thread * share : share); });
  }
  ~Memory() { munmap(base_, bytes_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // One working set a thread, evenly spread over the whole.
  std::vector<std::span<const std::byte>> working_sets(int threads, long bytes_per_thread) const {
    std::vector<std::span<const std::byte>> sets;
    for (int thread = 0; thread < threads; ++thread) {
      sets.emplace_back(base_ + thread * (bytes_ / threads / kPage * kPage), static_cast<size_t>(bytes_per_thread));
    }
    return sets;
  }

 private:
  long bytes_;
  std::byte* base_ = nullptr;
};

struct WorkingSet {
  const char* level;
  long bytes_per_thread;
};

// Four times the shared cache, but between 512 MiB and 1 GiB.
long dram_bytes(long l3) { return std::clamp(4 * l3, 512 * kMiB, 1024 * kMiB); }

struct Caches {
  long l1 = cache_bytes(_SC_LEVEL1_DCACHE_SIZE, 32 * kKiB);
  long l2 = cache_bytes(_SC_LEVEL2_CACHE_SIZE, kMiB);
  long l3 = std::max(cache_bytes(_SC_LEVEL3_CACHE_SIZE, 32 * kMiB), 4 * l2);
};

// Half of each private cache, a share of a quarter of the common one, a share of what is far too large for it.
std::vector<WorkingSet> working_sets(int threads) {
  const Caches cache;
  const auto whole_pages = [](long bytes) { return std::max(bytes / kPage, 1L) * kPage; };
  return {{"L1", whole_pages(cache.l1 / 2)},
          {"L2", whole_pages(cache.l2 / 2)},
          {"L3", whole_pages(std::max(cache.l3 / 4 / threads, 2 * cache.l2))},
          {"DRAM", whole_pages(dram_bytes(cache.l3) / threads)}};
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

void measure_team(ThreadTeam& team, const Memory& memory, double seconds_each, Roofline& result) {
  for (const VectorProbe& probe : vector_probes()) {
    result.arithmetic.push_back({std::string(ops::isa_name(probe.isa)), "fp32", team.size(), fma_gflops(team, probe, seconds_each)});
  }
  for (const DotProbe& probe : dot_probes()) {
    result.arithmetic.push_back({std::string(ops::isa_name(probe.isa)), probe.type, team.size(), dot_gops(team, probe, seconds_each)});
  }
  for (const WorkingSet& set : working_sets(team.size())) {
    const auto buffers = memory.working_sets(team.size(), set.bytes_per_thread);
    const double rate = read_gbytes(team, vector_probes().back(), buffers, seconds_each);
    result.read.push_back({set.level, set.bytes_per_thread, team.size(), rate});
  }
}

// Every probe once, on one thread and on all.
Roofline measure_once(ThreadTeam& all, const Memory& memory, double seconds_each) {
  Roofline result;
  if (all.size() > 1) {
    ThreadTeam one(1);
    measure_team(one, memory, seconds_each, result);
  }
  measure_team(all, memory, seconds_each, result);
  result.barrier_ns = barrier_ns(all, seconds_each);
  return result;
}

void keep_better(Roofline& best, const Roofline& other) {
  for (size_t i = 0; i < best.arithmetic.size(); ++i) best.arithmetic[i].gflops = std::max(best.arithmetic[i].gflops, other.arithmetic[i].gflops);
  for (size_t i = 0; i < best.read.size(); ++i) best.read[i].gbytes_per_second = std::max(best.read[i].gbytes_per_second, other.read[i].gbytes_per_second);
  best.barrier_ns = std::min(best.barrier_ns, other.barrier_ns);
}

// Others' work may last longer than all runs of a probe, but hardly comes back at the same one.
constexpr int kPasses = 3;

}  // namespace

Roofline measure(const Options& options) {
  check(options);
  const int threads = options.threads > 0 ? options.threads : usable_cores(), teams = threads > 1 ? 2 : 1;
  const size_t per_team = vector_probes().size() + dot_probes().size() + working_sets(1).size();
  const double seconds_each = options.seconds / static_cast<double>((per_team * teams + 1) * kPasses);
  ThreadTeam all(threads, true);
  const Memory memory(all, dram_bytes(Caches().l3));
  Roofline result = measure_once(all, memory, seconds_each);
  for (int pass = 1; pass < kPasses; ++pass) keep_better(result, measure_once(all, memory, seconds_each));
  for (ops::Isa isa : ops::available_isas()) result.isas.emplace_back(ops::isa_name(isa));
  result.cpu_features = ops::cpu_feature_text();
  result.threads = threads;
  return result;
}

std::string to_json(const Roofline& roofline, double seconds) {
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
  const nlohmann::json all = {{"isas", roofline.isas},   {"cpu_features", roofline.cpu_features}, {"threads", roofline.threads}, {"seconds", seconds},
                              {"arithmetic", arithmetic}, {"read", read},                          {"barrier_ns", roofline.barrier_ns}};
  return all.dump(2);
}

}  // namespace trtllm::roofline
