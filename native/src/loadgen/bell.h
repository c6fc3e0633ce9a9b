// Wakes a thread that waits among other things: its descriptor is readable from a ring until it is heard.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace trtllm::loadgen {

class Bell {
 public:
  Bell() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Bell() { ::close(event_); }
  Bell(const Bell&) = delete;

  void ring() const {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(event_, &one, sizeof one);
  }
  void hear() const {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t ignored = ::read(event_, &count, sizeof count);
  }
  int fd() const { return event_; }

 private:
  const int event_;
};

}  // namespace trtllm::loadgen
