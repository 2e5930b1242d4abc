/* socket.c - sockets that never wait. */
#define _GNU_SOURCE
#include "internal/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

int hr_socket_open(const struct hr_endpoint *endpoint, int type) {
  return socket(endpoint->address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void hr_socket_note_arrivals(int socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

static uint64_t nanoseconds(const struct timespec *time) {
  return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

/* How long ago a time of the kernel's was. It is of the clock that can be set: none if that makes no sense. */
static uint64_t age(const struct timespec *stamp) {
  static const uint64_t most = 60000000000u;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const uint64_t since = nanoseconds(&now) - nanoseconds(stamp);
  return since < most ? since : 0;
}

ssize_t hr_socket_receive(int socket, void *bytes, size_t byte_count, uint64_t *arrived_ns) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct timespec)) + 64];
  } control;
  struct iovec part = {bytes, byte_count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control};
  const ssize_t received = recvmsg(socket, &message, MSG_DONTWAIT);
  if (received < 0) return received;
  *arrived_ns = 0;
  for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    struct timespec stamp;
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_TIMESTAMPNS ||
        one->cmsg_len < CMSG_LEN(sizeof stamp))
      continue;
    memcpy(&stamp, CMSG_DATA(one), sizeof stamp);
    *arrived_ns = hr_clock_monotonic(NULL) - age(&stamp);
  }
  return received;
}

int hr_socket_progresses(int socket, uint32_t within_ms) {
  int untaken = 0;
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  return ioctl(socket, SIOCOUTQ, &untaken) == 0 && untaken > 0 &&
         getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_last_ack_recv < within_ms;
}

void hr_socket_abandon(int socket) {
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void hr_socket_hold_back(int socket) {
  const int unsent_bytes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, sizeof unsent_bytes);
}

void hr_socket_set_stream(int socket) {
  const int on = 1, idle_s = 60, between_s = 15, times = 4;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof between_s);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}
