// One read of a socket and its time in ns of CLOCK_MONOTONIC: that of the kernel's receiving the last byte where the socket was asked for
// such stamps, else that of the clock after the read.
#ifndef TRTLLM_STAMPED_READ_H
#define TRTLLM_STAMPED_READ_H

#include <linux/net_tstamp.h>
#include <string.h>
#include <sys/socket.h>

#include "marks.h"

static inline void ask_for_kernel_stamps(int fd) {
  const int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps) != 0) die("SO_TIMESTAMPING");
}

// The kernel's stamps are of the wall clock, whose distance from ours is read anew each time, since it may be slewed.
static inline int64_t of_wall_clock(struct timespec stamp) {
  struct timespec real;
  clock_gettime(CLOCK_REALTIME, &real);
  return (stamp.tv_sec - real.tv_sec) * 1000000000LL + (stamp.tv_nsec - real.tv_nsec) + monotonic_ns();
}

static inline ssize_t stamped_read(int fd, char* bytes, size_t room, int64_t* at) {
  char control[128];
  struct iovec part = {bytes, room};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  const ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
  *at = monotonic_ns();
  for (struct cmsghdr* found = CMSG_FIRSTHDR(&message); found != NULL; found = CMSG_NXTHDR(&message, found)) {
    struct timespec arrived;
    if (found->cmsg_level != SOL_SOCKET || found->cmsg_type != SCM_TIMESTAMPING) continue;
    memcpy(&arrived, CMSG_DATA(found), sizeof arrived);
    *at = of_wall_clock(arrived);
  }
  return size;
}

#endif
