// A request of the plan as it waits and goes.
#pragma once

#include <cstdint>
#include <string>

namespace trtllm::loadgen {

struct Request {
  uint32_t id = 0;
  bool wants_stream = false;
  bool takes_slot = false;        // of --max-concurrency
  bool has_slot = false;
  bool is_due_with_slot = false;  // closed loop: one that waited for a slot was due when that came free
  int64_t due = 0;                // ns; in the plan from its start, then of the monotonic clock
  std::string message;        // the whole HTTP request
};

}  // namespace trtllm::loadgen
