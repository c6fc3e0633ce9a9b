#include "loadgen/precedence.h"

#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace trtllm::loadgen {

namespace {

constexpr uint64_t kSmallestSlice = 100'000;  // ns; the kernel takes nothing smaller
constexpr int kPrecedingNice = -10;

bool ask(int nice) {
  sched_attr wanted{};
  wanted.size = sizeof wanted;
  wanted.sched_policy = 0;  // SCHED_OTHER
  wanted.sched_nice = nice;
  wanted.sched_runtime = kSmallestSlice;
  return ::syscall(SYS_sched_setattr, 0, &wanted, 0) == 0;
}

}  // namespace

void take_precedence() {
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  if (!ask(std::min(nice, kPrecedingNice))) ask(nice);
}

}  // namespace trtllm::loadgen
