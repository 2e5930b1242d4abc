/* tcp_listener.c - packets of up to 256 connections, in turn.

   A connection has a place for one packet, taken when it is accepted and freed when it is closed, whatever the other
   side says. It is not read while a packet of it waits, so one that sends faster than the tail works has to wait
   itself. Answers that it does not take go into a place of a fixed size, and then are left out. One whose other side
   has said that nothing more comes is closed when its answers are out. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/framing.h"
#include "internal/listener.h"
#include "internal/socket.h"

enum { ANSWER_BYTES = 64 * HR_MAX_ANSWER_BYTES };
static const uint64_t millisecond = 1000000;
static const uint64_t least_of_silence = 10000 * millisecond; /* before a new connection may take one's place */
static const uint64_t most_of_a_part = 10000 * millisecond; /* for a packet to come in whole */
static const uint64_t most_of_an_end = 10000 * millisecond; /* for the answers behind which a connection is closed */
static const uint64_t pause_of_accepting = 200 * millisecond; /* when there are no file descriptors left */

struct connection {
  int socket; /* -1: none */
  uint32_t generation; /* tells it from those that had its place before */
  struct hr_framing packets;
  uint64_t part_ns; /* since when a part of a packet is there; 0: none is */
  uint64_t heard_ns; /* when something came last, or it was accepted */
  uint64_t ended_ns; /* since when nothing more comes; 0: more may */
  uint32_t owed;     /* packets that were delivered and not answered */
  size_t out_bytes;
  uint8_t out[ANSWER_BYTES];
};

struct tcp_listener {
  hr_listener listener;
  int socket;
  uint64_t accept_ns; /* when it accepts again */
  int is_starved;     /* the last connection could not be accepted */
  uint32_t next;      /* whose turn it is */
  int waits_of[HR_MOST_LISTENER_WAITS]; /* which connection is waited for; -1: new ones */
  struct connection connections[HR_MOST_PEERS];
};

static struct tcp_listener *tcp(hr_listener *listener) { return (struct tcp_listener *)listener; }

/* ---- Connections ------------------------------------------------------------------------- */

static void hang_up(struct tcp_listener *self, struct connection *connection) {
  close(connection->socket);
  free(connection->packets.bytes);
  connection->socket = -1;
  connection->packets = (struct hr_framing){0};
  connection->part_ns = connection->ended_ns = 0;
  connection->owed = 0;
  connection->out_bytes = 0;
  connection->generation++;
  self->listener.state.peers--;
}

/* With all places taken, the connection that was silent for longest loses its own: those that only lie there must not
   keep others out. */
static void make_place(struct tcp_listener *self) {
  if (self->listener.state.peers < HR_MOST_PEERS) return;
  struct connection *oldest = &self->connections[0];
  for (uint32_t i = 1; i < HR_MOST_PEERS; i++)
    if (self->connections[i].heard_ns < oldest->heard_ns) oldest = &self->connections[i];
  if (hr_clock_monotonic(NULL) - oldest->heard_ns >= least_of_silence) hang_up(self, oldest);
}

/* 0 if there is no place, or no memory, for one more. */
static int take_in(struct tcp_listener *self, int socket) {
  make_place(self);
  for (uint32_t i = 0; i < HR_MOST_PEERS; i++) {
    struct connection *connection = &self->connections[i];
    if (connection->socket >= 0) continue;
    uint8_t *place = malloc(HR_MAX_PACKET_BYTES);
    if (!place) return 0;
    hr_socket_set_stream(socket);
    connection->socket = socket;
    connection->heard_ns = hr_clock_monotonic(NULL);
    connection->packets = (struct hr_framing){.bytes = place, .capacity = HR_MAX_PACKET_BYTES};
    self->listener.state.peers++;
    return 1;
  }
  return 0;
}

static void accept_some(struct tcp_listener *self) {
  for (int i = 0; i < HR_MOST_AT_ONCE; i++) {
    const int socket = accept4(self->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      /* It stays ready, and must not keep the CPU busy. */
      if (errno == EAGAIN) return;
      self->accept_ns = hr_clock_monotonic(NULL) + pause_of_accepting;
      if (!self->is_starved) self->listener.state.starved++;
      self->is_starved = 1;
      return;
    }
    self->is_starved = 0;
    if (take_in(self, socket)) continue;
    self->listener.state.refused_peers++;
    close(socket);
  }
}

/* ---- Packets ----------------------------------------------------------------------------- */

static void note_part(struct connection *connection) {
  if (connection->packets.filled == connection->packets.begin) connection->part_ns = 0;
  else if (connection->part_ns == 0) connection->part_ns = hr_clock_monotonic(NULL);
}

static size_t take(hr_listener *listener, hr_peer *from, uint32_t *reads) {
  struct tcp_listener *self = tcp(listener);
  for (uint32_t i = 0; i < HR_MOST_PEERS && *reads > 0; i++) {
    const uint32_t index = (self->next + i) % HR_MOST_PEERS;
    struct connection *connection = &self->connections[index];
    if (connection->socket < 0) continue;
    const uint8_t *packet;
    size_t byte_count;
    const enum hr_framed framed = hr_framing_next(&connection->packets, &packet, &byte_count);
    if (framed == HR_FRAMED_PART) {
      /* What is left of it never comes. */
      if (connection->ended_ns) connection->packets.begin = connection->packets.filled;
      continue;
    }
    if (framed == HR_FRAMED_OUT_OF_STEP) {
      listener->state.damaged++;
      hang_up(self, connection);
      continue;
    }
    memcpy(listener->packet, packet, byte_count);
    connection->part_ns = 0;
    note_part(connection);
    connection->owed++;
    *from = (hr_peer){{index, connection->generation}};
    self->next = index + 1;
    --*reads;
    return byte_count;
  }
  return 0;
}

/* 0 if the connection is gone. */
static int read_in(struct tcp_listener *self, struct connection *connection) {
  size_t room;
  uint8_t *place = hr_framing_room(&connection->packets, &room);
  const ssize_t received = recv(connection->socket, place, room, MSG_DONTWAIT);
  if (received < 0) return errno == EAGAIN || errno == EINTR;
  if (received == 0) {
    connection->ended_ns = hr_clock_monotonic(NULL);
    return 1;
  }
  hr_framing_add(&connection->packets, (size_t)received);
  connection->heard_ns = hr_clock_monotonic(NULL);
  self->listener.state.bytes_received += (uint64_t)received;
  note_part(connection);
  return 1;
}

/* Whether the other side has ended, and nothing is left to be done for it: or has not been, for too long. */
static int is_over(const struct connection *connection, uint64_t now) {
  if (!connection->ended_ns) return 0;
  const int is_idle = connection->owed == 0 && connection->out_bytes == 0 &&
                      connection->packets.begin == connection->packets.filled;
  return is_idle || now >= connection->ended_ns + most_of_an_end;
}

/* ---- Answers ----------------------------------------------------------------------------- */

static void write_out(struct connection *connection) {
  while (connection->out_bytes > 0) {
    const ssize_t sent =
        send(connection->socket, connection->out, connection->out_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return; /* that it is gone is found by reading */
    connection->out_bytes -= (size_t)sent;
    memmove(connection->out, connection->out + sent, connection->out_bytes);
  }
}

static int answer(hr_listener *listener, const hr_peer *to, const uint8_t *packet, size_t packet_bytes) {
  if (to->opaque[0] >= HR_MOST_PEERS) return 0;
  struct connection *connection = &tcp(listener)->connections[to->opaque[0]];
  if (connection->socket < 0 || connection->generation != to->opaque[1]) return 0;
  if (connection->out_bytes + packet_bytes > sizeof connection->out) return 0;
  memcpy(connection->out + connection->out_bytes, packet, packet_bytes);
  connection->out_bytes += packet_bytes;
  if (connection->owed > 0) connection->owed--;
  write_out(connection);
  if (connection->out_bytes > 0 || connection->ended_ns) hr_listener_wake(listener);
  return 1;
}

/* ---- Waiting ----------------------------------------------------------------------------- */

static uint32_t wait_for(hr_listener *listener, struct pollfd *waits, uint64_t *until) {
  struct tcp_listener *self = tcp(listener);
  uint32_t count = 0;
  if (hr_clock_monotonic(NULL) >= self->accept_ns) {
    waits[count] = (struct pollfd){.fd = self->socket, .events = POLLIN};
    self->waits_of[count++] = -1;
  } else if (self->accept_ns < *until) {
    *until = self->accept_ns;
  }
  for (int i = 0; i < HR_MOST_PEERS; i++) {
    const struct connection *connection = &self->connections[i];
    if (connection->socket < 0) continue;
    /* Of one that has ended, errors are waited for alone. */
    const short events = (short)((connection->ended_ns ? 0 : POLLIN) | (connection->out_bytes ? POLLOUT : 0));
    waits[count] = (struct pollfd){.fd = connection->socket, .events = events};
    self->waits_of[count++] = i;
    if (connection->ended_ns && connection->ended_ns + most_of_an_end < *until)
      *until = connection->ended_ns + most_of_an_end;
    if (connection->part_ns && connection->part_ns + most_of_a_part < *until)
      *until = connection->part_ns + most_of_a_part;
  }
  return count;
}

static hr_status work(hr_listener *listener, const struct pollfd *waits, uint32_t count, hr_error *error) {
  struct tcp_listener *self = tcp(listener);
  (void)error;
  const uint64_t now = hr_clock_monotonic(NULL);
  for (uint32_t i = 0; i < count; i++) {
    const short found = waits[i].revents;
    if (self->waits_of[i] < 0) {
      if (found) accept_some(self);
      continue;
    }
    struct connection *connection = &self->connections[self->waits_of[i]];
    if (found & POLLOUT) write_out(connection);
    const int is_broken = connection->ended_ns ? (found & ~POLLOUT) != 0
                                               : (found & ~POLLOUT) && !read_in(self, connection);
    if (is_broken || is_over(connection, now)) hang_up(self, connection);
    else if (connection->part_ns && now >= connection->part_ns + most_of_a_part) hang_up(self, connection);
  }
  return HR_OK;
}

static const char *why(const hr_listener *listener) {
  return ((const struct tcp_listener *)listener)->is_starved
             ? "no file descriptor is left for new connections; raise the limit (ulimit -n)"
             : "";
}

static void close_tcp(hr_listener *listener) {
  struct tcp_listener *self = tcp(listener);
  for (uint32_t i = 0; i < HR_MOST_PEERS; i++)
    if (self->connections[i].socket >= 0) hang_up(self, &self->connections[i]);
  if (self->socket >= 0) close(self->socket);
}

static const struct hr_listening kind = {take, wait_for, work, answer, why, close_tcp};

hr_status hr_tcp_listener_make(hr_listener **out, hr_error *error) {
  struct tcp_listener *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a listener");
  self->listener.kind = &kind;
  self->socket = -1;
  for (uint32_t i = 0; i < HR_MOST_PEERS; i++) self->connections[i].socket = -1;
  *out = &self->listener;
  return HR_OK;
}

hr_status hr_tcp_listener_begin(hr_listener *listener, hr_error *error) {
  return hr_listener_bind(listener, SOCK_STREAM, &tcp(listener)->socket, error);
}
