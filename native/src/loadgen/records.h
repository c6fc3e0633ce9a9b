// What goes back to the caller: a greeting, a record for each request that was sent, how far the run is, and a farewell. The layouts are
// those of packages/bench/src/client/native/records.ts; all numbers little-endian, as in memory.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "loadgen/bell.h"
#include "loadgen/reply.h"

namespace trtllm::loadgen {

// Of all layouts, and of the plan's (plan_input.h): rises with any change, so that two builds do not misread each other.
constexpr uint32_t kStreamVersion = 2;

struct Times {
  int64_t due = 0;   // ns, all of them
  int64_t sent = 0;  // just before its first byte; 0: never
  int64_t ended = 0;
};

// Frames on their way to the one thread that writes them.
class Outbox {
 public:
  void add_record(uint32_t id, const Times& times, const Reply& reply, End end, const std::string& reason);
  // Rings when there is something again, and for whoever asks.
  const Bell& bell() const { return bell_; }
  // Moves what is there into `bytes`; false: nothing.
  bool take(std::string& bytes);

 private:
  Bell bell_;
  std::mutex mutex_;
  std::string bytes_;
};

// Comes first.
std::string greeting_frame();

std::string progress_frame(uint64_t num_sent, uint64_t num_events);

struct Farewell {
  int64_t cpu_ns = 0;          // of this process, all threads
  int64_t read_lag_p50 = 0;    // ns that bytes lay in their socket before they were read
  int64_t read_lag_p99 = 0;
  int64_t read_lag_max = 0;
};
std::string farewell_frame(const Farewell& farewell);

}  // namespace trtllm::loadgen
