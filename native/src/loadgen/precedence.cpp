#include "loadgen/precedence.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace trtllm::loadgen {

namespace {

constexpr uint64_t kSmallestSlice = 100'000;  // ns; the kernel takes nothing smaller
constexpr int kPrecedingNice = -10;

// As sched_setattr(2) has it; the kernel's header for it and libc's <sched.h> cannot be included together.
struct Attributes {
  uint32_t size = sizeof(Attributes), policy = 0;  // SCHED_OTHER
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0, deadline = 0, period = 0;  // ns; of SCHED_OTHER the first is the slice
};

bool ask(int nice) {
  Attributes wanted;
  wanted.nice = nice;
  wanted.runtime = kSmallestSlice;
  return ::syscall(SYS_sched_setattr, 0, &wanted, 0) == 0;
}

}  // namespace

void take_precedence() {
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  if (!ask(std::min(nice, kPrecedingNice))) ask(nice);
}

uint64_t slice_ns() {
  Attributes mine;
  ::syscall(SYS_sched_getattr, 0, &mine, sizeof mine, 0);
  return mine.runtime;
}

}  // namespace trtllm::loadgen
