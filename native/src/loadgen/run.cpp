#include "loadgen/run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "base/error.h"
#include "loadgen/awake_cores.h"
#include "loadgen/clock.h"
#include "loadgen/plan_input.h"
#include "loadgen/worker.h"

namespace trtllm::loadgen {

namespace {

constexpr int kProgressMs = 500;  // each wakes the caller, half a millisecond of its CPU

void raise_file_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// SIGTERM and SIGUSR1 as something to read. Ctrl-C in a terminal reaches the caller too, who decides.
int termination() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGUSR1);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  sigdelset(&wanted, SIGINT);
  sigdelset(&wanted, SIGPIPE);
  return ::signalfd(-1, &wanted, SFD_CLOEXEC);
}

int64_t cpu_ns() { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

int share_of(int total, int workers, int index) { return total / workers + (index < total % workers ? 1 : 0); }

class Run {
 public:
  Run(const RunOptions& options, int plan, int records) : plan_(plan), records_(records), flush_ms_(options.flush_ms), gate_(options.max_concurrency), awake_cores_(options.keeps_awake) {
    const Address server = find_server(options.host, options.port);
    for (int i = 0; i < options.workers; i++) {
      const WorkerOptions mine{server, options.timeout_ms * 1'000'000, share_of(options.connections, options.workers, i),
                               options.spare_connections, options.asks_kernel};
      workers_.push_back(std::make_unique<Worker>(mine, gate_, outbox_));
    }
  }

  void go() {
    const int stop = termination();
    write(greeting_frame());
    write_progress();
    std::vector<std::thread> threads;
    num_running_ = static_cast<int>(workers_.size());
    for (const auto& worker : workers_) {
      threads.emplace_back([this, &worker] {
        worker->run();
        num_running_--;
        outbox_.bell().ring();
      });
    }
    while (num_running_ > 0) pump(stop);
    for (std::thread& thread : threads) thread.join();
    ::close(stop);
    flush();
    write_progress();
    write(farewell_frame(farewell(awake_cores_.stop())));
  }

 private:
  void pump(int stop) {
    std::array<pollfd, 3> wanted{{{stop, POLLIN, 0}, {is_reading_ ? plan_ : -1, POLLIN, 0}, {has_records_ ? -1 : outbox_.bell().fd(), POLLIN, 0}}};
    ::poll(wanted.data(), wanted.size(), has_records_ ? flush_ms_ : kProgressMs);
    if (wanted[0].revents != 0) take_signal(stop);
    if (wanted[1].revents != 0 && is_reading_) read_plan();
    if (wanted[2].revents == 0) flush();
    else hear_records();
    if (now_ns() >= next_progress_) write_progress();
  }

  void write_progress() {
    next_progress_ = now_ns() + int64_t{kProgressMs} * 1'000'000;
    write(progress_frame(num_sent(), num_events()));
  }

  void take_signal(int stop) {
    signalfd_siginfo info{};
    if (::read(stop, &info, sizeof info) == sizeof info) order(info.ssi_signo == SIGUSR1 ? Order::kDropUnsent : Order::kCancel);
  }

  // A plan that breaks off before its end means that the caller is gone.
  void read_plan() {
    const ssize_t size = ::read(plan_, room_.data(), room_.size());
    if (size <= 0) return order(Order::kCancel);
    input_.push({room_.data(), static_cast<size_t>(size)});
    while (std::optional<Request> request = input_.next()) dispatch(std::move(*request));
    if (input_.has_ended()) order(Order::kFinish);
  }

  // Request i of the plan is sent by worker i mod N, at the plan's time: the arrivals are the same whatever N is.
  void dispatch(Request&& request) {
    if (request.is_due_with_slot && !gate_.admit(request)) return;
    workers_[num_dispatched_++ % workers_.size()]->inbox().give(std::move(request));
  }

  void order(Order what) {
    is_reading_ = false;
    if (what != Order::kFinish) gate_.drop_waiting();
    for (const auto& worker : workers_) worker->inbox().order(what);
  }

  // They wait for others, all together up to flush_ms_.
  void hear_records() {
    outbox_.bell().hear();
    has_records_ = num_running_ > 0;
  }

  void flush() {
    has_records_ = false;
    if (outbox_.take(taken_)) write(taken_);
  }

  // A caller that is gone cannot be told, and its load must not go on.
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(records_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) std::_Exit(6);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }

  uint64_t num_sent() const {
    uint64_t sum = 0;
    for (const auto& worker : workers_) sum += worker->num_sent();
    return sum;
  }
  uint64_t num_events() const {
    uint64_t sum = 0;
    for (const auto& worker : workers_) sum += worker->num_events();
    return sum;
  }
  // `spun`: ns of CPU time that are nobody's work.
  Farewell farewell(int64_t spun) const {
    LagHistogram lag;
    for (const auto& worker : workers_) lag.merge(worker->read_lag());
    return {cpu_ns() - spun, lag.at(0.5), lag.at(0.99), lag.max()};
  }

  const int plan_, records_, flush_ms_;
  Gate gate_;
  AwakeCores awake_cores_;
  Outbox outbox_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<int> num_running_{0};
  PlanInput input_;
  std::vector<char> room_ = std::vector<char>(1 << 20);
  std::string taken_;
  size_t num_dispatched_ = 0;
  bool is_reading_ = true, has_records_ = false;
  int64_t next_progress_ = 0;
};

}  // namespace

void run(const RunOptions& options, int plan, int records) {
  raise_file_limit();
  Run(options, plan, records).go();
}

}  // namespace trtllm::loadgen
