// Keeps cores from halting: a thread of the idle class spins on each, and gives way to whoever wants to run. A halted core of a virtual machine
// takes up to milliseconds to wake, which would be in every send and, without stamps of the kernel, in every read.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace trtllm::loadgen {

class AwakeCores {
 public:
  // Those that this process may use, or none; none either where the system does not say which those are.
  explicit AwakeCores(bool is_wanted);
  ~AwakeCores() { stop(); }
  AwakeCores(const AwakeCores&) = delete;

  // CPU time that was spun away, ns.
  int64_t stop();

 private:
  void spin(int core);

  std::atomic<bool> is_stopping_{false};
  std::atomic<int64_t> cpu_ns_{0};
  std::vector<std::thread> threads_;
};

}  // namespace trtllm::loadgen
