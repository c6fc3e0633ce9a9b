// Requests from the thread that reads the plan to a worker, which waits for them among its sockets.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "loadgen/request.h"

namespace trtllm::loadgen {

// Each more than the one before; none is taken back.
enum class Order : uint8_t { kGoOn, kFinish, kDropUnsent, kCancel };

class Inbox {
 public:
  Inbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Inbox() { ::close(event_); }
  Inbox(const Inbox&) = delete;

  void give(Request&& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    wake();
  }
  // kFinish: no more requests come. kDropUnsent: and those that have not gone stay. kCancel: nor are those that are open waited for.
  void order(Order order) {
    const std::lock_guard lock(mutex_);
    order_ = std::max(order_, order);
    wake();
  }
  Order take(std::vector<Request>& requests) {
    requests.clear();
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t ignored = ::read(event_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    std::swap(requests, requests_);
    return order_;
  }
  // Readable when there is something to take.
  int fd() const { return event_; }

 private:
  void wake() const {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(event_, &one, sizeof one);
  }

  int event_;
  std::mutex mutex_;
  std::vector<Request> requests_;
  Order order_ = Order::kGoOn;
};

}  // namespace trtllm::loadgen
