// Requests from the thread that reads the plan to a worker, which waits for them among its sockets.
#pragma once

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "loadgen/bell.h"
#include "loadgen/request.h"

namespace trtllm::loadgen {

// Each more than the one before; none is taken back.
enum class Order : uint8_t { kGoOn, kFinish, kDropUnsent, kCancel };

class Inbox {
 public:
  void give(Request&& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    if (requests_.size() == 1) bell_.ring();
  }
  // kFinish: no more requests come. kDropUnsent: and those that have not gone stay. kCancel: nor are those that are open waited for.
  void order(Order order) {
    const std::lock_guard lock(mutex_);
    order_ = std::max(order_, order);
    bell_.ring();
  }
  Order take(std::vector<Request>& requests) {
    requests.clear();
    bell_.hear();
    const std::lock_guard lock(mutex_);
    std::swap(requests, requests_);
    return order_;
  }
  // Readable when there is something to take.
  int fd() const { return bell_.fd(); }

 private:
  Bell bell_;
  std::mutex mutex_;
  std::vector<Request> requests_;
  Order order_ = Order::kGoOn;
};

}  // namespace trtllm::loadgen
