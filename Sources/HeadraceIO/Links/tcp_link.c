/* tcp_link.c - a link whose packets follow one another on a connection. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/framing.h"
#include "internal/transport.h"
#include "internal/socket.h"

struct tcp_link {
  hr_link link;
  int socket; /* or -1 */
  int is_connected;
  uint32_t turn; /* which of the host's addresses is tried */
  size_t out_bytes, out_sent; /* of the packet that is being written */
  uint8_t out[HR_MAX_PACKET_BYTES];
  struct hr_framing answers;
  uint8_t in[4096];
};

static struct tcp_link *tcp(const hr_link *link) { return (struct tcp_link *)(uintptr_t)link; }

static void close_socket(struct tcp_link *self) {
  if (self->socket >= 0) close(self->socket);
  self->socket = -1;
  self->is_connected = 0;
  self->out_bytes = self->out_sent = 0;
  self->answers = (struct hr_framing){.bytes = self->in, .capacity = sizeof self->in};
}

static void breaks(struct tcp_link *self, const char *why) {
  close_socket(self);
  hr_link_broke(&self->link, "%s", why);
}

/* ---- Connecting -------------------------------------------------------------------------- */

static void has_connected(struct tcp_link *self) {
  self->is_connected = 1;
  hr_link_connected(&self->link);
}

static void connect_tcp(hr_link *link) {
  struct tcp_link *self = tcp(link);
  /* What has been written is on its way, however slowly: a new connection would only come behind it. */
  if (self->is_connected && hr_socket_progresses(self->socket, link->config.answer_timeout_ms)) return;
  if (self->socket >= 0) hr_socket_abandon(self->socket);
  close_socket(self);
  hr_link_lose_all(link);
  struct hr_endpoints endpoints;
  hr_error error = {.struct_size = sizeof error};
  if (hr_address_resolve(&link->address, SOCK_STREAM, &endpoints, &error) != HR_OK) {
    hr_link_broke(link, "%s", error.message);
    return;
  }
  const struct hr_endpoint *endpoint = &endpoints.at[self->turn++ % endpoints.count];
  self->socket = hr_socket_open(endpoint, SOCK_STREAM);
  if (self->socket < 0) {
    breaks(self, strerror(errno));
    return;
  }
  hr_socket_set_stream(self->socket);
  hr_socket_hold_back(self->socket);
  hr_socket_note_arrivals(self->socket);
  hr_link_connects(link);
  if (connect(self->socket, (const struct sockaddr *)&endpoint->address, endpoint->bytes) == 0) has_connected(self);
  else if (errno != EINPROGRESS) breaks(self, strerror(errno));
}

static void finish_connecting(struct tcp_link *self) {
  struct pollfd wait = {.fd = self->socket, .events = POLLOUT};
  int number = 0;
  socklen_t size = sizeof number;
  if (poll(&wait, 1, 0) <= 0) return;
  if (getsockopt(self->socket, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
  if (number == 0) has_connected(self);
  else breaks(self, strerror(number));
}

/* ---- Packets out, answers in ------------------------------------------------------------- */

static void write_out(struct tcp_link *self) {
  while (self->out_sent < self->out_bytes) {
    const ssize_t sent = send(self->socket, self->out + self->out_sent, self->out_bytes - self->out_sent,
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) self->out_sent += (size_t)sent;
    else if (errno == EAGAIN) return;
    else if (errno != EINTR) return; /* reading tells it too, after what had come before */
  }
  self->out_bytes = self->out_sent = 0;
}

static void take_answers(struct tcp_link *self, uint64_t arrived_ns) {
  const uint8_t *packet;
  size_t byte_count;
  while (hr_link_has_room(&self->link)) {
    switch (hr_framing_next(&self->answers, &packet, &byte_count)) {
      case HR_FRAMED_PACKET: hr_link_heard(&self->link, packet, byte_count, arrived_ns); break;
      case HR_FRAMED_PART: return;
      case HR_FRAMED_OUT_OF_STEP:
        hr_link_damaged(&self->link);
        breaks(self, "what came was no answer");
        return;
    }
  }
}

static void read_in(struct tcp_link *self) {
  uint64_t arrived_ns = 0;
  for (int reads = 0;; reads++) {
    take_answers(self, arrived_ns);
    if (self->socket < 0 || !hr_link_has_room(&self->link) || reads == HR_MOST_AT_ONCE) return;
    size_t room;
    uint8_t *place = hr_framing_room(&self->answers, &room);
    const ssize_t received = hr_socket_receive(self->socket, place, room, &arrived_ns);
    if (received > 0) {
      self->link.state.bytes_received += (uint64_t)received;
      hr_framing_add(&self->answers, (size_t)received);
    } else if (received == 0) {
      breaks(self, "the tail closed the connection");
      return;
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      breaks(self, strerror(errno));
      return;
    }
  }
}

static void work(hr_link *link) {
  struct tcp_link *self = tcp(link);
  if (self->socket < 0) return;
  if (!self->is_connected) {
    /* One that took too long was given up. */
    if (link->connecting_ns) finish_connecting(self);
    else close_socket(self);
  }
  if (!self->is_connected) return;
  write_out(self);
  read_in(self);
}

static int is_ready(const hr_link *link) { return tcp(link)->is_connected && tcp(link)->out_bytes == 0; }

static enum hr_handed hand(hr_link *link, uint32_t slot, const uint8_t *bytes, size_t byte_count) {
  (void)slot;
  struct tcp_link *self = tcp(link);
  memcpy(self->out, bytes, byte_count);
  self->out_bytes = byte_count;
  write_out(self);
  return HR_HANDED;
}

static uint32_t wait_for(hr_link *link, struct pollfd waits[HR_MOST_WAITS], uint64_t *until) {
  (void)until;
  struct tcp_link *self = tcp(link);
  if (self->socket < 0) return 0;
  const short events = !self->is_connected ? POLLOUT : self->out_bytes ? POLLIN | POLLOUT : POLLIN;
  waits[0] = (struct pollfd){.fd = self->socket, .events = events};
  return 1;
}

static void close_tcp(hr_link *link) { close_socket(tcp(link)); }

static const struct hr_transport transport = {.connect = connect_tcp,
                                              .is_ready = is_ready,
                                              .hand = hand,
                                              .work = work,
                                              .wait = wait_for,
                                              .close = close_tcp};

hr_status hr_tcp_link_make(hr_link **out, hr_error *error) {
  struct tcp_link *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a link");
  self->link.transport = &transport;
  self->socket = -1;
  close_socket(self);
  *out = &self->link;
  return HR_OK;
}
