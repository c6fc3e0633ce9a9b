// The engine thread: takes messages, steps the executor, hands out what each step gave. Sleeps when there is nothing to do.
#pragma once

#include <unordered_set>
#include <vector>

#include "executor/executor.h"
#include "worker/connection.h"
#include "worker/stats.h"

namespace trtllm::worker {

class EngineLoop {
 public:
  EngineLoop(Executor& executor, Connection& connection, int vocab_size, const StatsLimits& limits)
      : executor_(executor), connection_(connection), vocab_size_(vocab_size), stats_(limits) {}

  // Returns when drained or when the peer has closed. Throws Error{WORKER_PROTOCOL} when the peer sends what is no message.
  void run();

 private:
  void take(ToWorker message);
  void take(const PeerClosed&);
  void take(const PeerBroken& broken);
  void handle(Submit submit);
  void handle(const RefusedSubmit& refused);
  void handle(const Cancel& cancel);
  void handle(const Drain&);
  void handle(const Ping&) {}     // the reader thread has answered
  void handle(const Ignored&) {}

  void wait_for_work();
  void step();
  void refuse(uint64_t id, const std::string& code, const std::string& message);
  void send_stats(bool falls_idle);

  Executor& executor_;
  Connection& connection_;
  int vocab_size_;
  StatsCollector stats_;
  std::unordered_set<uint64_t> live_ids_;
  uint64_t iteration_ = 0;
  bool is_draining_ = false, is_closed_ = false;
};

}  // namespace trtllm::worker
