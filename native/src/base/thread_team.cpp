// Threads that wait between tasks. A task is announced by a generation number; barriers count arrivals and flip a phase
// number. Every wait spins for a moment and then sleeps on the number itself (std::atomic::wait is a futex).
#include "base/thread_team.h"

#include <immintrin.h>
#include <sched.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace trtllm {
namespace {

// Long enough for a barrier between balanced threads, short enough to cost a 2-core machine nothing.
constexpr auto kSpin = std::chrono::microseconds(50);
constexpr int kPausesPerClock = 32;  // reading the clock costs more than a pause

// Returns once `value` is no longer `old`.
void wait_for_change(const std::atomic<uint32_t>& value, uint32_t old, std::chrono::microseconds spin) {
  const auto deadline = std::chrono::steady_clock::now() + spin;
  do {
    for (int i = 0; i < kPausesPerClock; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      _mm_pause();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  while (value.load(std::memory_order_acquire) == old) value.wait(old, std::memory_order_acquire);
}

void announce(std::atomic<uint32_t>& value) {
  value.fetch_add(1, std::memory_order_release);
  value.notify_all();
}

cpu_set_t allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);  // on failure no core: nothing is pinned
  return set;
}

std::vector<int> list_of(const cpu_set_t& set) {
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

// A refusal by the system costs only speed.
void allow_this_thread(const cpu_set_t& set) { sched_setaffinity(0, sizeof set, &set); }

void pin_this_thread(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  allow_this_thread(set);
}

}  // namespace

// Numbers that different threads write lie on different cache lines.
struct ThreadTeam::State {
  State(int size, int num_cores) : size(size), spin(size <= num_cores ? kSpin : kSpin.zero()) {}

  const int size;
  const std::chrono::microseconds spin;  // none where threads share cores: it would keep from its core the thread that is waited for
  const std::function<void(int)>* task = nullptr;  // null: end. Written before `generation` announces it
  std::vector<std::thread> threads;                // 1 .. size - 1
  bool pins = false;
  cpu_set_t allowed_before{};  // of thread 0, whose freedom ends with the team
  alignas(64) std::atomic<uint32_t> generation{0};
  alignas(64) std::atomic<int> arrived{0};
  alignas(64) std::atomic<uint32_t> phase{0};

  void barrier() {
    const uint32_t old = phase.load(std::memory_order_relaxed);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < size) return wait_for_change(phase, old, spin);
    arrived.store(0, std::memory_order_relaxed);  // seen by all that see the new phase
    announce(phase);
  }

  void serve(int index) {
    for (uint32_t done = 0;; ++done) {
      wait_for_change(generation, done, spin);
      if (task == nullptr) return;
      (*task)(index);
      barrier();
    }
  }
};

ThreadTeam::ThreadTeam(int size, bool pin) {
  const cpu_set_t allowed = allowed_cores();
  const std::vector<int> cores = list_of(allowed);
  state_ = std::make_unique<State>(size, static_cast<int>(cores.size()));
  state_->allowed_before = allowed;
  state_->pins = pin && static_cast<int>(cores.size()) >= size;
  for (int index = 1; index < size; ++index) {
    state_->threads.emplace_back([state = state_.get(), index, core = state_->pins ? cores[index] : -1] {
      if (core >= 0) pin_this_thread(core);
      state->serve(index);
    });
  }
  if (state_->pins) pin_this_thread(cores[0]);
}

ThreadTeam::~ThreadTeam() {
  state_->task = nullptr;
  announce(state_->generation);
  for (std::thread& thread : state_->threads) thread.join();
  if (state_->pins) allow_this_thread(state_->allowed_before);
}

int ThreadTeam::size() const { return state_->size; }

void ThreadTeam::run(const std::function<void(int)>& task) {
  state_->task = &task;
  announce(state_->generation);
  task(0);
  state_->barrier();
}

void ThreadTeam::barrier() { state_->barrier(); }

}  // namespace trtllm
