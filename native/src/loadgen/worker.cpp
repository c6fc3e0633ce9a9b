#include "loadgen/worker.h"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "loadgen/clock.h"
#include "loadgen/precedence.h"

namespace trtllm::loadgen {

namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kConnectTimeout = 10 * kSecond;
constexpr int kMaxConnecting = 64;  // servers' queues of connections hold 128 and more
constexpr size_t kReadBytes = size_t{1} << 18;

}  // namespace

Worker::Worker(const WorkerOptions& options, Gate& gate, Outbox& outbox)
    : options_(options), gate_(gate), outbox_(outbox), epoll_(::epoll_create1(EPOLL_CLOEXEC)), room_(kReadBytes) {
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, inbox_.fd(), &event);
}

Worker::~Worker() { ::close(epoll_); }

void Worker::run() {
  take_precedence();
  ::prctl(PR_SET_TIMERSLACK, 1);  // ns; the default of 50 µs would be in every send
  now_ = now_ns();
  next_check_ = now_ + kSecond;
  open_connections();
  while (!is_done()) {
    wait_and_handle();
    now_ = now_ns();
    start_due();
    open_connections();
    if (now_ >= next_check_) end_overdue(now_);
  }
}

bool Worker::is_done() const { return order_ == Order::kCancel || (order_ >= Order::kFinish && due_.empty() && without_connection_.empty() && num_busy_ == 0); }

void Worker::take_inbox() {
  order_ = inbox_.take(taken_);
  for (Request& request : taken_) due_.push(std::move(request));
  if (order_ >= Order::kDropUnsent) due_ = {}, without_connection_.clear();
  if (order_ == Order::kCancel) cancel();
}

void Worker::start_due() {
  while (!due_.empty() && due_.top().due <= now_ && order_ != Order::kCancel) {
    Request request = std::move(const_cast<Request&>(due_.top()));  // popped at once; its order does not matter any more
    due_.pop();
    if (gate_.admit(request)) start(std::move(request));
    now_ = now_ns();
  }
}

void Worker::start(Request&& request) {
  if (idle_.empty()) return without_connection_.push_back(std::move(request));  // one is opened at the end of the round
  Connection& connection = *idle_.back();
  idle_.pop_back();
  send_first(connection, std::move(request));
}

int64_t Worker::next_wake() const { return due_.empty() ? next_check_ : std::min(due_.top().due, next_check_); }

void Worker::wait_and_handle() {
  std::array<epoll_event, 256> ready;
  const int64_t wait = std::max<int64_t>(0, next_wake() - now_ns());
  const timespec timeout{wait / kSecond, wait % kSecond};
  const int count = ::epoll_pwait2(epoll_, ready.data(), ready.size(), &timeout, nullptr);
  for (int i = 0; i < count && order_ != Order::kCancel; i++) {
    if (ready[i].data.ptr == nullptr) take_inbox();
    else on_ready(*static_cast<Connection*>(ready[i].data.ptr), ready[i].events);
    start_due();
  }
  closed_.insert(closed_.end(), closing_.begin(), closing_.end());
  closing_.clear();
}

void Worker::on_ready(Connection& connection, uint32_t what) {
  if (!connection.socket.is_open()) return;
  if (connection.state == State::kConnecting) {
    const int error = connection.socket.connect_error();
    return error == 0 ? on_connected(connection) : on_connect_failed(connection, error);
  }
  if ((what & EPOLLOUT) != 0 && connection.state == State::kBusy) send_more(connection);
  if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && connection.socket.is_open()) read(connection);
}

// As many as requests wait for, and those that were asked for in advance.
void Worker::open_connections() {
  if (order_ != Order::kGoOn && without_connection_.empty()) return;
  const auto wanted = [&] {
    const int ready = static_cast<int>(idle_.size()) + num_connecting_ - static_cast<int>(without_connection_.size());
    return ready < 0 || num_opened_ < options_.connections || ready < options_.spare_connections;
  };
  while (num_connecting_ < kMaxConnecting && wanted()) {
    const int before = num_connecting_;
    connect_one();
    if (num_connecting_ == before && without_connection_.empty()) return;  // failed at once, and nobody is left to be told
  }
}

void Worker::connect_one() {
  num_opened_++;
  if (closed_.empty()) {
    connections_.push_back(std::make_unique<Connection>());
    closed_.push_back(connections_.back().get());
  }
  Connection& connection = *closed_.back();
  closed_.pop_back();
  connection.state = State::kConnecting;
  connection.was_used = connection.is_stuck = false;
  connection.progress_at = now_;
  num_connecting_++;
  const int error = connection.socket.connect(options_.server, options_.asks_kernel);
  if (error != 0) on_connect_failed(connection, error);
  else watch(connection, EPOLL_CTL_ADD, EPOLLOUT);
}

void Worker::on_connected(Connection& connection) {
  num_connecting_--;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN);
  on_free(connection);
}

void Worker::on_connect_failed(Connection& connection, int error) {
  num_connecting_--;
  if (!without_connection_.empty()) {
    connection.request = std::move(without_connection_.front());
    without_connection_.pop_front();
    connection.times = {connection.request.due, 0, 0};
    connection.reply.reset(connection.request.wants_stream);
    num_busy_++;
    num_sent_.fetch_add(1, std::memory_order_relaxed);
    return end(connection, End::kNoConnection, now_ns(), std::strerror(error));
  }
  close(connection);
}

void Worker::on_free(Connection& connection) {
  connection.state = State::kIdle;
  if (without_connection_.empty()) {
    idle_.push_back(&connection);
    return;
  }
  Request next = std::move(without_connection_.front());
  without_connection_.pop_front();
  send_first(connection, std::move(next));
}

void Worker::close(Connection& connection) {
  connection.socket.close();
  connection.state = State::kClosed;
  std::erase(idle_, &connection);
  closing_.push_back(&connection);
}

void Worker::watch(Connection& connection, int operation, uint32_t what) const {
  epoll_event event{};
  event.events = what;
  event.data.ptr = &connection;
  ::epoll_ctl(epoll_, operation, connection.socket.fd(), &event);
}

void Worker::send_first(Connection& connection, Request&& request) {
  connection.request = std::move(request);
  connection.written = 0;
  connection.reply.reset(connection.request.wants_stream);
  connection.state = State::kBusy;
  num_busy_++;
  num_sent_.fetch_add(1, std::memory_order_relaxed);
  now_ = connection.progress_at = now_ns();
  connection.times = {connection.request.due, now_, 0};
  send_more(connection);
}

void Worker::send_more(Connection& connection) {
  const std::string_view left = std::string_view(connection.request.message).substr(connection.written);
  if (left.empty()) return;
  const ssize_t sent = connection.socket.send(left);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return on_cut(connection, End::kClosedEarly, now_ns(), errno);
  connection.written += static_cast<size_t>(std::max<ssize_t>(sent, 0));
  const bool is_stuck = connection.written < connection.request.message.size();
  if (is_stuck == connection.is_stuck) return;
  connection.is_stuck = is_stuck;
  watch(connection, EPOLL_CTL_MOD, is_stuck ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Worker::read(Connection& connection) {
  const StampedSocket::Read got = connection.socket.read(room_);
  now_ = got.read_at;
  if (got.size < 0 && (got.error == EAGAIN || got.error == EINTR)) return;
  // An idle connection was closed, or a server speaks without being asked.
  if (connection.state != State::kBusy) return close(connection);
  if (got.size < 0) return on_cut(connection, connection.reply.has_head() ? End::kClosedMidway : End::kClosedEarly, got.read_at, got.error);
  if (got.size == 0) {
    const End how = connection.reply.close();
    return how == End::kWhole ? end(connection, how, got.read_at, {}) : on_cut(connection, how, got.read_at, 0);
  }
  // A stamp from before the request went out is of a clock that was set in between.
  const int64_t at = std::max(got.at, connection.times.sent);
  read_lag_.add(got.read_at - at);
  connection.progress_at = got.read_at;
  const size_t before = connection.reply.events().list.size();
  const End how = connection.reply.push({room_.data(), static_cast<size_t>(got.size)}, at);
  num_events_.fetch_add(connection.reply.events().list.size() - before, std::memory_order_relaxed);
  if (how != End::kOpen) end(connection, how, at, connection.reply.failure());
}

// A server may close a kept connection just as a request goes out on it: that says nothing of the request, which goes out again on another
// (RFC 9112, 9.3.1). Anything else is the request's end.
void Worker::on_cut(Connection& connection, End how, int64_t at, int error) {
  if (how != End::kClosedEarly || !connection.was_used || connection.reply.last_byte_at() != 0) {
    return end(connection, how, at, error == 0 ? "closed by the server" : std::strerror(error));
  }
  num_busy_--;
  num_sent_.fetch_sub(1, std::memory_order_relaxed);
  without_connection_.push_front(std::move(connection.request));
  close(connection);
}

void Worker::end(Connection& connection, End how, int64_t at, const std::string& reason) {
  num_busy_--;
  connection.times.ended = at;
  outbox_.add_record(connection.request.id, connection.times, connection.reply, how, reason);
  const Request ended = std::move(connection.request);
  connection.was_used = true;
  if (how == End::kWhole && connection.reply.keeps_alive()) on_free(connection);
  else close(connection);
  release_slot(ended, at);
}

void Worker::release_slot(const Request& request, int64_t now) {
  if (!request.takes_slot || order_ == Order::kCancel) return;
  if (std::optional<Request> next = gate_.release(now)) {
    start(std::move(*next));
  }
}

void Worker::end_overdue(int64_t now) {
  next_check_ = now + std::min(kSecond, std::max<int64_t>(options_.timeout_ns / 10, kSecond / 1000));
  for (size_t i = 0; i < connections_.size(); i++) {
    Connection& connection = *connections_[i];
    const int64_t without_progress = now - connection.progress_at;
    if (connection.state == State::kConnecting && without_progress > kConnectTimeout) on_connect_failed(connection, ETIMEDOUT);
    if (connection.state != State::kBusy || without_progress <= options_.timeout_ns) continue;
    end(connection, connection.reply.has_head() ? End::kStoodStill : End::kNoReply, now, {});
  }
}

void Worker::cancel() {
  for (size_t i = 0; i < connections_.size(); i++) {
    if (connections_[i]->state == State::kBusy) end(*connections_[i], End::kCancelled, now_, {});
  }
}

}  // namespace trtllm::loadgen
