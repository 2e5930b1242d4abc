/* udp_link.c - a link whose packets are datagrams. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/transport.h"
#include "internal/socket.h"

/* A socket keeps the address it had when it was made, which may be this board's no longer; a new one would not hear
   answers that come late. */
enum { FAILURES_FOR_A_NEW_SOCKET = 3, MOST_DATAGRAM_BYTES = 65507 };

struct udp_link {
  hr_link link;
  int socket; /* connected, so that the kernel leaves out what others send; or -1 */
  uint32_t turn; /* which of the host's addresses is tried */
};

static struct udp_link *udp(const hr_link *link) { return (struct udp_link *)(uintptr_t)link; }

static void close_socket(struct udp_link *self) {
  if (self->socket >= 0) close(self->socket);
  self->socket = -1;
}

static void connect_udp(hr_link *link) {
  struct udp_link *self = udp(link);
  if (self->socket >= 0 && link->backoff.failures % FAILURES_FOR_A_NEW_SOCKET != 0) return;
  close_socket(self);
  struct hr_endpoints endpoints;
  hr_error error = {.struct_size = sizeof error};
  if (hr_address_resolve(&link->address, SOCK_DGRAM, &endpoints, &error) != HR_OK) {
    hr_link_broke(link, "%s", error.message);
    return;
  }
  const struct hr_endpoint *endpoint = &endpoints.at[self->turn++ % endpoints.count];
  self->socket = hr_socket_open(endpoint, SOCK_DGRAM);
  if (self->socket < 0 || connect(self->socket, (const struct sockaddr *)&endpoint->address, endpoint->bytes) != 0) {
    const int number = errno;
    close_socket(self);
    hr_link_broke(link, "%s", strerror(number));
    return;
  }
  hr_socket_note_arrivals(self->socket);
  hr_link_connected(link);
}

static int is_ready(const hr_link *link) { return udp(link)->socket >= 0; }

static enum hr_handed hand(hr_link *link, uint32_t slot, const uint8_t *bytes, size_t byte_count) {
  (void)slot;
  if (byte_count > MOST_DATAGRAM_BYTES) return HR_HANDED_NEVER;
  if (send(udp(link)->socket, bytes, byte_count, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return HR_HANDED;
  switch (errno) {
    case EAGAIN:
    case ENOBUFS:
    case EINTR: return HR_HANDED_LATER;
    case EMSGSIZE: return HR_HANDED_NEVER;
    default: return HR_HANDED_BROKE; /* an earlier one was refused by the other side, or there is no way to it */
  }
}

static void work(hr_link *link) {
  struct udp_link *self = udp(link);
  /* One more byte than any answer has, so that a longer one is known as such. */
  uint8_t bytes[HR_MAX_ANSWER_BYTES + 1];
  for (int reads = 0; self->socket >= 0 && hr_link_has_room(link) && reads < HR_MOST_AT_ONCE; reads++) {
    uint64_t arrived_ns = 0;
    const ssize_t received = hr_socket_receive(self->socket, bytes, sizeof bytes, &arrived_ns);
    if (received >= 0) {
      link->state.bytes_received += (uint64_t)received;
      hr_link_heard(link, bytes, (size_t)received, arrived_ns);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      hr_link_broke(link, "%s", strerror(errno));
      return;
    }
  }
}

static uint32_t wait_for(hr_link *link, struct pollfd waits[HR_MOST_WAITS], uint64_t *until) {
  (void)until;
  struct udp_link *self = udp(link);
  if (self->socket < 0) return 0;
  const int wants_to_send = link->state.waiting > 0 && link->state.in_flight < link->config.in_flight;
  waits[0] = (struct pollfd){.fd = self->socket, .events = wants_to_send ? POLLIN | POLLOUT : POLLIN};
  return 1;
}

static void close_udp(hr_link *link) { close_socket(udp(link)); }

static const struct hr_transport transport = {.connect = connect_udp,
                                              .is_ready = is_ready,
                                              .hand = hand,
                                              .work = work,
                                              .wait = wait_for,
                                              .close = close_udp};

hr_status hr_udp_link_make(hr_link **out, hr_error *error) {
  struct udp_link *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a link");
  self->link.transport = &transport;
  self->socket = -1;
  *out = &self->link;
  return HR_OK;
}
