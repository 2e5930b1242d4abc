/* listener.c - the tail's side of links: receiving packets, sending answers. */
#define _GNU_SOURCE
#include "internal/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal/socket.h"

/* ---- Opening ----------------------------------------------------------------------------- */

static hr_status make(hr_listener **out, enum hr_scheme scheme, hr_error *error) {
  switch (scheme) {
    case HR_SCHEME_UDP: return hr_udp_listener_make(out, error);
    case HR_SCHEME_TCP: return hr_tcp_listener_make(out, error);
    default: return hr_mqtt_listener_make(out, error); /* http:// was refused */
  }
}

static hr_status begin(hr_listener *listener, hr_error *error) {
  switch (listener->address.scheme) {
    case HR_SCHEME_UDP: return hr_udp_listener_begin(listener, error);
    case HR_SCHEME_TCP: return hr_tcp_listener_begin(listener, error);
    default: return hr_mqtt_listener_begin(listener, error);
  }
}

hr_status hr_listener_open(hr_listener **out, const char *address, hr_error *error) {
  if (!out || !address)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "listener: out or address is NULL; pass a pointer to a handle and udp://, tcp:// or "
                      "mqtt://...");
  *out = NULL;
  if (strncmp(address, "http://", 7) == 0)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "\"%.80s\": packets do not come by http; listen at udp://, tcp:// or "
                      "mqtt://", address);
  struct hr_address parsed;
  hr_status status = hr_address_parse(&parsed, address, 1, error);
  if (status != HR_OK) return status;
  hr_listener *listener = NULL;
  status = make(&listener, parsed.scheme, error);
  if (status != HR_OK) return status;
  pthread_mutex_init(&listener->mutex, NULL);
  listener->address = parsed;
  listener->state.struct_size = sizeof listener->state;
  strcpy(listener->name, parsed.text);
  listener->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (listener->wake < 0)
    status = hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot listen at %s", address);
  else
    status = begin(listener, error);
  if (status != HR_OK) {
    hr_listener_close(listener);
    return status;
  }
  *out = listener;
  return HR_OK;
}

static void name_with_port(hr_listener *listener, int socket) {
  struct sockaddr_storage bound;
  socklen_t size = sizeof bound;
  if (getsockname(socket, (struct sockaddr *)&bound, &size) != 0) return;
  const uint16_t port = bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                    : ((struct sockaddr_in *)&bound)->sin_port;
  const int is_six = strchr(listener->address.host, ':') != NULL;
  snprintf(listener->name, sizeof listener->name, "%s://%s%s%s:%u",
           listener->address.scheme == HR_SCHEME_UDP ? "udp" : "tcp", is_six ? "[" : "", listener->address.host,
           is_six ? "]" : "", ntohs(port));
}

hr_status hr_listener_bind(hr_listener *listener, int type, int *out_socket, hr_error *error) {
  struct hr_endpoints endpoints;
  hr_status status = hr_address_resolve(&listener->address, type, &endpoints, error);
  if (status != HR_OK) return status;
  int number = EADDRNOTAVAIL;
  for (uint32_t i = 0; i < endpoints.count; i++) {
    const struct hr_endpoint *endpoint = &endpoints.at[i];
    const int on = 1, off = 0;
    const int bound = hr_socket_open(endpoint, type);
    /* A server that is started again must not wait until its old connections are forgotten. */
    if (bound >= 0 && type == SOCK_STREAM) setsockopt(bound, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bound >= 0 && endpoint->address.ss_family == AF_INET6)
      setsockopt(bound, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bound >= 0 && bind(bound, (const struct sockaddr *)&endpoint->address, endpoint->bytes) == 0 &&
        (type != SOCK_STREAM || listen(bound, SOMAXCONN) == 0)) {
      name_with_port(listener, bound);
      *out_socket = bound;
      return HR_OK;
    }
    number = errno;
    if (bound >= 0) close(bound);
  }
  return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot listen at %.100s", listener->address.text);
}

const char *hr_listener_address(const hr_listener *listener) { return listener ? listener->name : ""; }

void hr_listener_close(hr_listener *listener) {
  if (!listener) return;
  listener->kind->close(listener);
  if (listener->wake >= 0) close(listener->wake);
  pthread_mutex_destroy(&listener->mutex);
  free(listener);
}

/* ---- Receiving --------------------------------------------------------------------------- */

void hr_listener_wake(hr_listener *listener) { eventfd_write(listener->wake, 1); }

/* The next whole latent that is there; 0 if none is, or what came first was as much as one call takes. */
static size_t take(hr_listener *listener, hr_peer *from) {
  uint32_t reads = HR_MOST_AT_ONCE;
  size_t byte_count;
  while ((byte_count = listener->kind->take(listener, from, &reads)) > 0) {
    hr_packet_info info = {.struct_size = sizeof info};
    if (hr_packet_inspect(listener->packet, byte_count, &info, NULL) == HR_OK && info.kind == HR_PACKET_LATENT) {
      listener->state.packets++;
      return byte_count;
    }
    listener->state.damaged++;
  }
  return 0;
}

/* Waits until a time for something to come; HR_TIMED_OUT if a signal did. */
static hr_status await(hr_listener *listener, uint64_t until, hr_error *error) {
  pthread_mutex_lock(&listener->mutex);
  uint32_t count = listener->kind->wait(listener, listener->waits, &until);
  pthread_mutex_unlock(&listener->mutex);
  listener->waits[count] = (struct pollfd){.fd = listener->wake, .events = POLLIN};
  const uint64_t now = hr_clock_monotonic(NULL);
  const uint64_t ms = until > now ? (until - now + 999999) / 1000000 : 0;
  if (poll(listener->waits, count + 1, ms < 60000 ? (int)ms : 60000) < 0)
    return errno == EINTR ? HR_TIMED_OUT
                          : hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "%.100s: cannot wait", listener->name);
  if (listener->waits[count].revents) {
    eventfd_t times;
    eventfd_read(listener->wake, &times);
  }
  pthread_mutex_lock(&listener->mutex);
  hr_status status = listener->kind->work(listener, listener->waits, count, error);
  pthread_mutex_unlock(&listener->mutex);
  return status;
}

static hr_status nothing_came(hr_listener *listener, hr_error *error) {
  /* Where the kind keeps why, a thread that answers may write it anew. */
  pthread_mutex_lock(&listener->mutex);
  const char *why = listener->kind->why ? listener->kind->why(listener) : "";
  const hr_status status =
      hr_io_fail(error, HR_TIMED_OUT, "no packet at %.80s yet%s%s", listener->name, *why ? ": " : "", why);
  pthread_mutex_unlock(&listener->mutex);
  return status;
}

hr_status hr_listener_receive(hr_listener *listener, uint32_t timeout_ms, const uint8_t **packet, size_t *packet_bytes,
                              hr_peer *from, hr_error *error) {
  if (!listener || !packet || !packet_bytes || !from)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "listener: an argument is NULL; pass the handle of hr_listener_open, "
                      "and places for packet, packet_bytes and from");
  *packet = listener->packet;
  const uint64_t end = hr_clock_monotonic(NULL) + (uint64_t)timeout_ms * 1000000;
  hr_status status = HR_OK;
  for (int is_last = 0;; is_last = status == HR_TIMED_OUT || hr_clock_monotonic(NULL) >= end) {
    pthread_mutex_lock(&listener->mutex);
    *packet_bytes = take(listener, from);
    pthread_mutex_unlock(&listener->mutex);
    if (*packet_bytes > 0) return HR_OK;
    if (is_last) return nothing_came(listener, error);
    status = await(listener, end, error);
    if (status != HR_OK && status != HR_TIMED_OUT) return status;
  }
}

/* ---- Answering --------------------------------------------------------------------------- */

hr_status hr_listener_answer(hr_listener *listener, const hr_peer *to, const uint8_t *packet, size_t packet_bytes,
                             hr_error *error) {
  if (!listener || !to || !packet)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "listener: an argument is NULL; pass the handle of hr_listener_open, "
                      "the packet's peer and the answer");
  if (packet_bytes == 0 || packet_bytes > HR_MAX_ANSWER_BYTES)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "an answer has 1 ... %d bytes, not %zu", HR_MAX_ANSWER_BYTES,
                      packet_bytes);
  pthread_mutex_lock(&listener->mutex);
  if (listener->kind->answer(listener, to, packet, packet_bytes)) {
    listener->state.answers++;
    listener->state.bytes_sent += packet_bytes;
  } else {
    listener->state.unsent++;
  }
  pthread_mutex_unlock(&listener->mutex);
  return HR_OK;
}

hr_status hr_listener_status(const hr_listener *listener, hr_listener_state *out) {
  if (!listener || !out || out->struct_size < offsetof(hr_listener_state, starved)) return HR_INVALID_ARGUMENT;
  const uint32_t size = out->struct_size;
  hr_listener *self = (hr_listener *)(uintptr_t)listener;
  pthread_mutex_lock(&self->mutex);
  memcpy(out, &self->state, size < sizeof *out ? size : sizeof *out);
  pthread_mutex_unlock(&self->mutex);
  out->struct_size = size;
  return HR_OK;
}
