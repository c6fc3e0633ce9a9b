// Timing of the probes on a thread team. A limit is what the machine can do, and others' work only takes from it: of several runs the best.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/thread_team.h"
#include "roofline/probe.h"

namespace trtllm::roofline {

// Runs work(rounds) on every thread of the team at once, with as many rounds as fill a quarter of `seconds`, three times.
// Returns the most rounds per second of one thread (all do the same number).
double rounds_per_second(ThreadTeam& team, double seconds, const std::function<void(int thread, int64_t rounds)>& work);

double fma_gflops(ThreadTeam& team, const VectorProbe& probe, double seconds);
double dot_gops(ThreadTeam& team, const DotProbe& probe, double seconds);
// Each thread reads its own buffers[thread].
double read_gbytes(ThreadTeam& team, const VectorProbe& probe, std::span<const std::span<const std::byte>> buffers, double seconds);
double barrier_ns(ThreadTeam& team, double seconds);

}  // namespace trtllm::roofline
