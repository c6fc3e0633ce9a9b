// The plan as it comes: frames of requests, then one that says there are no more. The layouts are those of
// packages/bench/src/client/native/plan-frames.ts.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "loadgen/request.h"

namespace trtllm::loadgen {

class PlanInput {
 public:
  // Throws WORKER_PROTOCOL on a frame that is none.
  void push(std::span<const char> bytes);
  // The next whole request, if it has come.
  std::optional<Request> next();
  // The frame that ends the plan was read.
  bool has_ended() const { return has_ended_; }

 private:
  std::string bytes_;
  size_t read_ = 0;
  bool has_ended_ = false;
};

}  // namespace trtllm::loadgen
