// Threads that must run the moment they wake.
#pragma once

#include <cstdint>

namespace trtllm::loadgen {

// For the calling thread: the smallest slice (a scheduler of Linux 6.12 or later lets who asks for little go first, and asks no right for it)
// and, where the process may, a nice value of -10. Without either it waits its turn, which is then seen in the send lag.
void take_precedence();

// Of the calling thread; 0: the system has none (before Linux 6.12).
uint64_t slice_ns();

}  // namespace trtllm::loadgen
