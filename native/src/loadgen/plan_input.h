// The plan as it comes: frames of requests, one that says when it starts, which may come after any of them, and one that says there are no
// more. The layouts are those of packages/bench/src/client/native/plan-frames.ts.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/request.h"

namespace trtllm::loadgen {

class PlanInput {
 public:
  void push(std::span<const char> bytes);
  // The next request, if it has come whole and the start is known. Throws WORKER_PROTOCOL on a frame that is none.
  std::optional<Request> next();
  // The frame that ends the plan was read.
  bool has_ended() const { return has_ended_; }

 private:
  std::optional<std::string_view> next_frame();
  void take(std::string_view frame);

  std::string bytes_;
  size_t read_ = 0;
  std::optional<int64_t> start_;  // ns; the due times of requests count from it
  std::deque<Request> held_;      // read, not given yet
  bool has_ended_ = false;
};

}  // namespace trtllm::loadgen
