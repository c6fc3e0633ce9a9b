// The socket to the runtime. A reader thread turns bytes into messages and answers pings; a writer thread empties the outbox.
// The engine thread only ever touches two queues.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "worker/messages.h"
#include "worker/outbox.h"

namespace trtllm::worker {

struct PeerClosed {};
// The peer sent what is no message.
struct PeerBroken {
  std::string code, message;
};
using Incoming = std::variant<ToWorker, PeerClosed, PeerBroken>;

// Says whether the engine thread still moves: it is idle, or it ended a step lately.
class Heartbeat {
 public:
  void beat() { last_ = std::chrono::steady_clock::now().time_since_epoch().count(); }
  void set_idle(bool is_idle) {
    beat();
    is_idle_ = is_idle;
  }
  bool is_alive() const;

 private:
  std::atomic<std::chrono::steady_clock::rep> last_{std::chrono::steady_clock::now().time_since_epoch().count()};
  std::atomic<bool> is_idle_{true};
};

// A connected socket: `unix:PATH` dialled, or `-`, which is standard input. Throws Error{IO_ERROR} or Error{BAD_FLAG}.
int dial(const std::string& target);

class Connection {
 public:
  explicit Connection(int socket);
  // Sends what waits, then closes.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Outbox& outbox() { return outbox_; }
  Heartbeat& heartbeat() { return heartbeat_; }
  // What has come since the last call, in order.
  std::vector<Incoming> take_incoming();
  // Returns when something has come.
  void wait_incoming();

 private:
  void read_until_closed();
  void write_until_closed();
  void deliver(Incoming message);
  bool send_all(const std::string& bytes);

  int socket_;
  Outbox outbox_;
  Heartbeat heartbeat_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Incoming> incoming_;
  std::thread reader_, writer_;
};

}  // namespace trtllm::worker
