// Runs a probe long enough, several times, on all threads of a team.
#include "roofline/measure.h"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace trtllm::roofline {
namespace {

constexpr int kRuns = 3;

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Keeps a result alive.
std::atomic<uint64_t> g_sink;
void keep(uint64_t value) { g_sink.fetch_xor(value, std::memory_order_relaxed); }

}  // namespace

double rounds_per_second(ThreadTeam& team, double seconds, const std::function<void(int, int64_t)>& work) {
  const double enough = seconds / (kRuns + 1);  // the search for the number of rounds takes about one run
  const auto run = [&](int64_t rounds) {
    return seconds_of([&] { team.run([&](int thread) { work(thread, rounds); }); });
  };
  run(1);  // what is made at first use is not timed
  int64_t rounds = 1;
  double taken = run(rounds);
  while (taken < enough / 4) taken = run(rounds *= 2);
  rounds = std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(rounds) * enough / taken));

  double best = 0;
  for (int i = 0; i < kRuns; ++i) best = std::max(best, static_cast<double>(rounds) / run(rounds));
  return best;
}

double fma_gflops(ThreadTeam& team, const VectorProbe& probe, double seconds) {
  const double rate = rounds_per_second(team, seconds, [&](int, int64_t rounds) { keep(static_cast<uint64_t>(probe.fma(rounds))); });
  return rate * probe.fma_flops_per_round * team.size() / 1e9;
}

double dot_gops(ThreadTeam& team, const DotProbe& probe, double seconds) {
  const double rate = rounds_per_second(team, seconds, [&](int, int64_t rounds) { probe.multiply(rounds); });
  return rate * probe.operations_per_round * team.size() / 1e9;
}

double read_gbytes(ThreadTeam& team, const VectorProbe& probe, std::span<const std::span<const std::byte>> buffers, double seconds) {
  const double rate = rounds_per_second(team, seconds, [&](int thread, int64_t rounds) {
    for (int64_t round = 0; round < rounds; ++round) keep(probe.read(buffers[thread].data(), buffers[thread].size()));
  });
  return rate * static_cast<double>(buffers[0].size()) * team.size() / 1e9;
}

double barrier_ns(ThreadTeam& team, double seconds) {
  const double rate = rounds_per_second(team, seconds, [&](int, int64_t rounds) {
    for (int64_t round = 0; round < rounds; ++round) team.barrier();
  });
  return 1e9 / rate;
}

std::vector<VectorProbe> vector_probes() {
  std::vector<VectorProbe> probes;
  if (ops::isa_available(ops::Isa::avx2)) probes.push_back(kAvx2Probe);
  if (ops::isa_available(ops::Isa::avx512)) probes.push_back(kAvx512Probe);
  return probes;
}

std::vector<DotProbe> dot_probes() {
  std::vector<DotProbe> probes;
  if (ops::isa_available(ops::Isa::avx2)) probes.push_back(ops::cpu_has("avx_vnni") ? kAvx2VnniInt8Probe : kAvx2Int8Probe);
  if (ops::isa_available(ops::Isa::avx512) && ops::cpu_has("avx512_bf16")) probes.push_back(kAvx512BFloat16Probe);
  if (ops::isa_available(ops::Isa::avx512) && ops::cpu_has("avx512_vnni")) probes.push_back(kAvx512Int8Probe);
  if (ops::isa_available(ops::Isa::amx)) probes.insert(probes.end(), {kAmxBFloat16Probe, kAmxInt8Probe});
  return probes;
}

}  // namespace trtllm::roofline
