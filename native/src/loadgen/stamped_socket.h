// A TCP connection to the server, not blocking, whose reads carry the time at which the kernel received them: what a busy client adds by
// reading late is not in its figures.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <span>
#include <string>

namespace trtllm::loadgen {

// Where the server listens: the first of a name's addresses that takes a connection.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// Throws SERVER_UNREACHABLE naming the host.
Address find_server(const std::string& host, const std::string& port);

class StampedSocket {
 public:
  StampedSocket() = default;
  StampedSocket(StampedSocket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  StampedSocket& operator=(StampedSocket&& other) noexcept;
  ~StampedSocket() { close(); }

  // Begins to connect. 0, or what is wrong (errno).
  int connect(const Address& address, bool asks_kernel);
  // Once writable: 0, or why there is no connection.
  int connect_error() const;
  // Bytes that the kernel took; -1 with errno.
  ssize_t send(std::string_view bytes) const;

  struct Read {
    ssize_t size = 0;      // 0: closed by the peer; -1: see error
    int error = 0;
    int64_t at = 0;        // ns; of the last byte
    int64_t read_at = 0;   // when the read returned: later than `at` by the wait in the socket
  };
  Read read(std::span<char> room) const;

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

}  // namespace trtllm::loadgen
