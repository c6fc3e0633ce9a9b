// The events of one step. Their memory is kept from step to step, so that a step which tells what steps usually tell allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "executor/request_event.h"

namespace trtllm {

class EventList {
 public:
  explicit EventList(size_t usual_size = 0) : events_(usual_size) {
    for (RequestEvent& event : events_) event.tokens.reserve(1);
  }

  // An empty event, valid until the next add.
  RequestEvent& add(uint64_t id);
  void remove_last() { --size_; }
  void clear() { size_ = 0; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const RequestEvent& operator[](size_t index) const { return events_[index]; }
  const RequestEvent* begin() const { return events_.data(); }
  const RequestEvent* end() const { return events_.data() + size_; }

 private:
  std::vector<RequestEvent> events_;  // the first size_ count
  size_t size_ = 0;
};

}  // namespace trtllm
