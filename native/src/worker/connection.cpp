#include "worker/connection.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace trtllm::worker {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr auto kHeartbeatLimit = std::chrono::seconds(30);
constexpr std::string_view kUnixPrefix = "unix:";

int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw Error("BAD_FLAG", "--connect: expected a socket path of 1 to " + std::to_string(sizeof address.sun_path - 1) + " bytes, found " + std::to_string(path.size()));
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw Error("IO_ERROR", "--connect: cannot connect to " + path + ": " + std::strerror(errno));
  return socket;
}

}  // namespace

bool Heartbeat::is_alive() const {
  if (is_idle_) return true;
  const std::chrono::steady_clock::time_point last{std::chrono::steady_clock::duration{last_.load()}};
  return std::chrono::steady_clock::now() - last < kHeartbeatLimit;
}

int dial(const std::string& target) {
  if (target == "-") return STDIN_FILENO;
  if (target.starts_with(kUnixPrefix)) return connect_unix(target.substr(kUnixPrefix.size()));
  throw Error("BAD_FLAG", "--connect: expected unix:PATH or -, found \"" + target + "\"");
}

Connection::Connection(int socket) : socket_(socket), reader_([this] { read_until_closed(); }), writer_([this] { write_until_closed(); }) {}

Connection::~Connection() {
  outbox_.close();
  writer_.join();
  ::shutdown(socket_, SHUT_RDWR);
  reader_.join();
  ::close(socket_);
}

std::vector<Incoming> Connection::take_incoming() {
  const std::lock_guard lock(mutex_);
  return std::exchange(incoming_, {});
}

void Connection::wait_incoming() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return !incoming_.empty(); });
}

void Connection::read_until_closed() {
  FrameDecoder decoder;
  std::vector<std::byte> bytes(kReadBytes);
  try {
    while (true) {
      const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      decoder.push(std::span(bytes).first(static_cast<size_t>(count)));
      while (const std::optional<Frame> frame = decoder.next()) deliver(parse_message(*frame));
    }
    deliver(PeerClosed{});
    outbox_.abandon();
    ::shutdown(socket_, SHUT_RDWR);  // wakes a writer that waits for a reader
  } catch (const Error& error) {
    deliver(PeerBroken{.code = error.code(), .message = error.what()});
  }
}

void Connection::deliver(Incoming message) {
  if (const ToWorker* known = std::get_if<ToWorker>(&message)) {
    if (const Ping* ping = std::get_if<Ping>(known)) {
      if (heartbeat_.is_alive()) outbox_.put(encode_pong(ping->nonce));
      return;
    }
  }
  const std::lock_guard lock(mutex_);
  incoming_.push_back(std::move(message));
  arrived_.notify_one();
}

void Connection::write_until_closed() {
  try {
    while (const std::optional<Outgoing> item = outbox_.take()) {
      if (!send_all(encode(*item))) return outbox_.abandon();
    }
  } catch (const Error& error) {  // a message of ours over the limits of a frame
    deliver(PeerBroken{.code = error.code(), .message = error.what()});
  }
}

bool Connection::send_all(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

}  // namespace trtllm::worker
