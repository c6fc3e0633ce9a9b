// One clock for everything: ns of CLOCK_MONOTONIC, which is also Node's process.hrtime().
#pragma once

#include <cstdint>
#include <ctime>

namespace trtllm::loadgen {

inline int64_t clock_ns(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
}

inline int64_t now_ns() { return clock_ns(CLOCK_MONOTONIC); }

}  // namespace trtllm::loadgen
