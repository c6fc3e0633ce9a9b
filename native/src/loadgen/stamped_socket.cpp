#include "loadgen/stamped_socket.h"

#include <linux/net_tstamp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/error.h"
#include "loadgen/clock.h"

namespace trtllm::loadgen {

namespace {

bool takes_connection(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool ok = fd >= 0 && ::connect(fd, address.ai_addr, address.ai_addrlen) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  errno = error;
  return ok;
}

// The kernel stamps by the wall clock. Its distance from ours is read at once, so that slewing and steps between reads do no harm.
int64_t of_wall_clock(int64_t wall_ns) { return now_ns() - (clock_ns(CLOCK_REALTIME) - wall_ns); }

// 0: the message carries none.
int64_t kernel_stamp(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPING) continue;
    timespec arrived;
    std::memcpy(&arrived, CMSG_DATA(part), sizeof arrived);
    if (arrived.tv_sec != 0) return of_wall_clock(arrived.tv_sec * int64_t{1'000'000'000} + arrived.tv_nsec);
  }
  return 0;
}

}  // namespace

Address find_server(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  if (problem != 0) throw Error("SERVER_UNREACHABLE", host + ": " + ::gai_strerror(problem));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (!takes_connection(*each)) continue;
    Address address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    return address;
  }
  throw Error("SERVER_UNREACHABLE", host + ":" + port + ": " + std::strerror(errno));
}

StampedSocket& StampedSocket::operator=(StampedSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

int StampedSocket::connect(const Address& address, bool asks_kernel) {
  fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return errno;
  const int yes = 1, stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  // Refused by some sandboxes' networks; then reads have the clock's time.
  if (asks_kernel) ::setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
  const bool ok = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 || errno == EINPROGRESS;
  return ok ? 0 : errno;
}

int StampedSocket::connect_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

ssize_t StampedSocket::send(std::string_view bytes) const { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

StampedSocket::Read StampedSocket::read(std::span<char> room) const {
  alignas(cmsghdr) char control[128];
  iovec part{room.data(), room.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  Read read;
  read.size = ::recvmsg(fd_, &message, 0);
  read.error = read.size < 0 ? errno : 0;
  read.at = read.read_at = now_ns();
  const int64_t arrived = read.size > 0 ? kernel_stamp(message) : 0;
  if (arrived > 0 && arrived < read.at) read.at = arrived;
  return read;
}

void StampedSocket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace trtllm::loadgen
