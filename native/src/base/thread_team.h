// Persistent threads that walk a program together. Thread 0 is the caller. Barriers are sense-reversing, spin briefly and
// then sleep on a futex, so that a 2-core machine that also runs the server loses nothing to spinning.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

namespace trtllm {

class ThreadTeam {
 public:
  // size >= 1. pin: one core a thread, if the process may use at least `size` cores.
  explicit ThreadTeam(int size, bool pin = false);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const;
  // Calls task(thread_index) on every thread at once; returns when all have ended. `task` must not throw.
  void run(const std::function<void(int)>& task);
  // Inside run(): returns when every thread of the team has called it. Writes before it are seen by all after it.
  void barrier();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Hands out [0, count) in pieces: threads that end early take what others have not begun (engine-design D7).
// Which thread computes an item never changes its bits.
struct alignas(64) WorkCounter {
  std::atomic<int> next{0};
  // The next piece's first item, or -1 when nothing is left.
  int take(int count, int grain = 1) {
    int first = next.fetch_add(grain, std::memory_order_relaxed);
    return first < count ? first : -1;
  }
};

}  // namespace trtllm
