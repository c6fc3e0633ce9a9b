#include "loadgen/awake_cores.h"

#include <pthread.h>
#include <sched.h>

#include "loadgen/clock.h"

namespace trtllm::loadgen {

AwakeCores::AwakeCores(bool is_wanted) {
  cpu_set_t cores;
  if (!is_wanted || ::sched_getaffinity(0, sizeof cores, &cores) != 0) return;
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (CPU_ISSET(core, &cores)) threads_.emplace_back([this, core] { spin(core); });
  }
}

void AwakeCores::spin(int core) {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  CPU_SET(core, &mine);
  ::pthread_setaffinity_np(::pthread_self(), sizeof mine, &mine);
  const sched_param none{};
  if (::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &none) != 0) return;  // at any other priority it would do harm
  while (!is_stopping_.load(std::memory_order_relaxed)) __builtin_ia32_pause();
  cpu_ns_ += clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t AwakeCores::stop() {
  is_stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return cpu_ns_;
}

}  // namespace trtllm::loadgen
