/* udp_listener.c - packets that come as datagrams. An answer leaves from the address that its packet came to: a head
   hears nobody else, and a machine may have several. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/listener.h"

/* A second of a hundred heads' packets. The system may give less. */
#define ROOM_BYTES (4 << 20)

struct udp_listener {
  hr_listener listener;
  int socket;
  uint32_t dropped; /* datagrams, as the system last said, modulo 2^32 */
};

/* A head's address and the one that it wrote to, inside an hr_peer. */
struct udp_peer {
  union {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
  } head;
  uint32_t head_bytes;
  union {
    struct in_addr four;
    struct in6_addr six;
  } own;
};
_Static_assert(sizeof(struct udp_peer) <= sizeof(hr_peer), "an hr_peer holds two addresses");

union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo)) +
             CMSG_SPACE(sizeof(uint32_t))];
};

static struct udp_listener *udp(hr_listener *listener) { return (struct udp_listener *)listener; }

static void note_own_address(struct msghdr *message, struct udp_peer *peer) {
  for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one; one = CMSG_NXTHDR(message, one)) {
    /* A socket of IPv6 hears of heads with IPv4 by both. */
    const int is_six = peer->head.any.sa_family == AF_INET6;
    if (!is_six && one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(one), sizeof info);
      peer->own.four = info.ipi_addr;
    } else if (one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(one), sizeof info);
      peer->own.six = info.ipi6_addr;
    }
  }
}

/* With each datagram comes how many were dropped before it, once any were. */
static void note_dropped(struct msghdr *message, hr_listener *listener) {
  for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one; one = CMSG_NXTHDR(message, one)) {
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SO_RXQ_OVFL) continue;
    uint32_t dropped;
    memcpy(&dropped, CMSG_DATA(one), sizeof dropped);
    listener->state.lost += dropped - udp(listener)->dropped;
    udp(listener)->dropped = dropped;
  }
}

static size_t take(hr_listener *listener, hr_peer *from, uint32_t *reads) {
  for (; *reads > 0; --*reads) {
    struct udp_peer peer = {0};
    union control control;
    struct iovec part = {listener->packet, sizeof listener->packet};
    struct msghdr message = {.msg_name = &peer.head, .msg_namelen = sizeof peer.head, .msg_iov = &part,
                             .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    const ssize_t received = recvmsg(udp(listener)->socket, &message, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN) return 0;
    if (received < 0) {
      /* EINTR, or that an earlier answer found nobody; anything else is told by poll. */
      if (errno == EINTR || errno == ECONNREFUSED) continue;
      return 0;
    }
    note_dropped(&message, listener);
    if (received == 0) {
      listener->state.damaged++;
      continue;
    }
    listener->state.bytes_received += (uint64_t)received;
    peer.head_bytes = message.msg_namelen;
    note_own_address(&message, &peer);
    memset(from, 0, sizeof *from);
    memcpy(from, &peer, sizeof peer);
    --*reads;
    return (size_t)received;
  }
  return 0;
}

static uint32_t wait_for(hr_listener *listener, struct pollfd *waits, uint64_t *until) {
  (void)until;
  waits[0] = (struct pollfd){.fd = udp(listener)->socket, .events = POLLIN};
  return 1;
}

static hr_status work(hr_listener *listener, const struct pollfd *waits, uint32_t count, hr_error *error) {
  (void)count;
  if (!(waits[0].revents & (POLLERR | POLLNVAL))) return HR_OK;
  int number = 0;
  socklen_t size = sizeof number;
  getsockopt(udp(listener)->socket, SOL_SOCKET, SO_ERROR, &number, &size);
  if (number == 0 || number == ECONNREFUSED || number == EHOSTUNREACH || number == ENETUNREACH) return HR_OK;
  return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "%.100s", listener->name);
}

static int answer(hr_listener *listener, const hr_peer *to, const uint8_t *packet, size_t packet_bytes) {
  struct udp_peer peer;
  memcpy(&peer, to, sizeof peer);
  if (peer.head_bytes > sizeof peer.head) return 0;
  union control control;
  memset(&control, 0, sizeof control);
  struct iovec part = {(void *)(uintptr_t)packet, packet_bytes};
  struct msghdr message = {.msg_name = &peer.head, .msg_namelen = peer.head_bytes, .msg_iov = &part,
                           .msg_iovlen = 1, .msg_control = &control};
  if (peer.head.any.sa_family == AF_INET6) {
    const struct in6_pktinfo info = {.ipi6_addr = peer.own.six, .ipi6_ifindex = peer.head.six.sin6_scope_id};
    control.header = (struct cmsghdr){CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO};
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof info);
  } else {
    const struct in_pktinfo info = {.ipi_spec_dst = peer.own.four};
    control.header = (struct cmsghdr){CMSG_LEN(sizeof info), IPPROTO_IP, IP_PKTINFO};
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof info);
  }
  /* Once more, for the error may be that of an answer before. */
  return sendmsg(udp(listener)->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
         (errno == ECONNREFUSED && sendmsg(udp(listener)->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0);
}

static void close_udp(hr_listener *listener) {
  if (udp(listener)->socket >= 0) close(udp(listener)->socket);
}

static const struct hr_listening kind = {take, wait_for, work, answer, NULL, close_udp};

hr_status hr_udp_listener_make(hr_listener **out, hr_error *error) {
  struct udp_listener *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a listener");
  self->listener.kind = &kind;
  self->socket = -1;
  *out = &self->listener;
  return HR_OK;
}

hr_status hr_udp_listener_begin(hr_listener *listener, hr_error *error) {
  struct udp_listener *self = udp(listener);
  hr_status status = hr_listener_bind(listener, SOCK_DGRAM, &self->socket, error);
  if (status != HR_OK) return status;
  const int on = 1;
  setsockopt(self->socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  setsockopt(self->socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  setsockopt(self->socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  const int room = ROOM_BYTES;
  /* Beyond the system's limit for those that may, else up to it. */
  if (setsockopt(self->socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
    setsockopt(self->socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  return HR_OK;
}
