// What waits to be sent. The engine thread puts and goes on; the writer thread takes and encodes. A step that is still waiting
// when the next one comes absorbs it: a tiny model steps thousands of times a second, the runtime wakes once.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "executor/executor.h"
#include "worker/stats.h"

namespace trtllm::worker {

struct StepBatch {
  uint64_t iteration = 0;
  std::vector<RequestEvent> events;  // one a request
};

using Outgoing = std::variant<std::string, StepBatch, StatsBatch>;  // string: an encoded frame

class Outbox {
 public:
  void put(std::string frame);
  void put_step(StepBatch step);
  // Waiting records join the waiting ones; beyond kMaxUnsentRecords the oldest are dropped.
  void put_stats(StatsBatch stats);
  // For bulk (logits): waits until little is unsent, so that a slow reader bounds our memory.
  void put_when_room(std::string frame);

  // Waits for something to send; nothing means: closed and all taken.
  std::optional<Outgoing> take();
  // No more puts will come.
  void close();
  // The peer is gone: what waits is dropped, and so is everything put later.
  void abandon();

 private:
  void put_locked(Outgoing item);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outgoing> waiting_;
  size_t waiting_bytes_ = 0;  // of encoded frames
  bool is_closed_ = false, is_abandoned_ = false;
};

std::string encode(const Outgoing& item);

}  // namespace trtllm::worker
