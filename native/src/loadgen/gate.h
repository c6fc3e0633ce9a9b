// The slots of --max-concurrency, shared by all workers: one limit for the run however many threads drive it. Requests that found no slot
// wait here in the order they came.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>

#include "loadgen/request.h"

namespace trtllm::loadgen {

class Gate {
 public:
  // 0: no limit.
  explicit Gate(int64_t slots) : free_(slots > 0 ? slots : std::numeric_limits<int64_t>::max()) {}

  // True: the request has a slot (or needs none). False: it was taken and waits.
  bool admit(Request& request) {
    if (!request.takes_slot || request.has_slot) return true;
    const std::lock_guard lock(mutex_);
    if (free_ > 0) return free_--, request.has_slot = true;
    waiting_.push_back(std::move(request));
    return false;
  }

  // A slot came free at `now`: the request that takes it over, if one waits.
  std::optional<Request> release(int64_t now) {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return free_++, std::nullopt;
    Request next = std::move(waiting_.front());
    waiting_.pop_front();
    next.has_slot = true;
    if (next.is_due_with_slot) next.due = now;
    return next;
  }

  void drop_waiting() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  int64_t free_;
  std::deque<Request> waiting_;
};

}  // namespace trtllm::loadgen
