// One thread's loop: sends requests when they are due, reads replies, gives a record of each. Sending goes before reading, since the
// kernel keeps the time of what arrived. Allocates for a request, not for an event.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <deque>
#include <memory>
#include <queue>
#include <vector>

#include "loadgen/gate.h"
#include "loadgen/inbox.h"
#include "loadgen/lag_histogram.h"
#include "loadgen/records.h"
#include "loadgen/stamped_socket.h"

namespace trtllm::loadgen {

struct WorkerOptions {
  Address server;
  int64_t timeout_ns = 0;      // without any progress
  int connections = 0;         // opened at the start
  int spare_connections = 0;   // kept ready beyond those in use
  bool asks_kernel = true;     // for stamps of reads
};

class Worker {
 public:
  Worker(const WorkerOptions& options, Gate& gate, Outbox& outbox);
  ~Worker();

  Inbox& inbox() { return inbox_; }
  // Until the inbox orders an end.
  void run();

  uint64_t num_sent() const { return num_sent_.load(std::memory_order_relaxed); }
  uint64_t num_events() const { return num_events_.load(std::memory_order_relaxed); }
  // After run().
  const LagHistogram& read_lag() const { return read_lag_; }

 private:
  enum class State : uint8_t { kConnecting, kIdle, kBusy, kClosed };
  struct Connection {
    StampedSocket socket;
    State state = State::kClosed;
    bool was_used = false;       // has carried a reply before
    bool is_stuck = false;       // the kernel takes no more of the request for now
    int64_t progress_at = 0;     // ns; of the connect, the send, or the last byte read
    Request request;
    Times times;
    size_t written = 0;          // bytes of the request
    Reply reply;
  };
  struct LaterDue {
    bool operator()(const Request& a, const Request& b) const { return a.due != b.due ? a.due > b.due : a.id > b.id; }
  };

  bool is_done() const;
  void take_inbox();
  void start_due();
  void start(Request&& request);
  void wait_and_handle();
  int64_t next_wake() const;
  void on_ready(Connection& connection, uint32_t what);

  void open_connections();
  void connect_one();
  void on_connected(Connection& connection);
  void on_connect_failed(Connection& connection, int error);
  void on_free(Connection& connection);
  void close(Connection& connection);
  void watch(Connection& connection, int operation, uint32_t what) const;

  void send_first(Connection& connection, Request&& request);
  void send_more(Connection& connection);
  void read(Connection& connection);
  void on_cut(Connection& connection, End end, int64_t at, int error);
  void end(Connection& connection, End end, int64_t at, const std::string& reason);
  void release_slot(const Request& request, int64_t now);
  void end_overdue(int64_t now);
  void cancel();

  const WorkerOptions options_;
  Gate& gate_;
  Outbox& outbox_;
  Inbox inbox_;
  const int epoll_;
  Order order_ = Order::kGoOn;

  std::priority_queue<Request, std::vector<Request>, LaterDue> due_;
  std::deque<Request> without_connection_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;      // the last used is used first
  std::vector<Connection*> closed_;    // to be used again
  std::vector<Connection*> closing_;   // closed in this round, whose events may still name them
  std::vector<Request> taken_;
  std::vector<char> room_;             // of one read
  int num_connecting_ = 0, num_busy_ = 0, num_opened_ = 0;
  int64_t now_ = 0;                    // of the last look at the clock
  int64_t next_check_ = 0;             // for requests without progress
  LagHistogram read_lag_;
  std::atomic<uint64_t> num_sent_{0}, num_events_{0};
};

}  // namespace trtllm::loadgen
