/* broker.c - a connection to an MQTT broker by libmosquitto, which never waits.

   The library is loaded when it is first wanted, so that a program runs where there is none. Its own loop, which
   reconnects by itself, is not used. It writes to sockets in a way that a broken connection makes a signal of, whose
   default is to end the program: that signal is held back, and taken away, around each call that writes. */
#define _GNU_SOURCE
#include "headrace_io.h"

#ifdef HEADRACE_MQTT
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal/broker.h"
#include "internal/socket.h"

enum { KEEPALIVE_S = 5 }; /* the least that the library takes */
static const uint64_t tending_ns = 500000000;

/* ---- The library ------------------------------------------------------------------------- */

#define FUNCTIONS(USE)                                                                                           \
  USE(lib_init) USE(new) USE(destroy) USE(connect_async) USE(subscribe) USE(publish) USE(loop_read)              \
  USE(loop_write) USE(loop_misc) USE(socket) USE(want_write) USE(strerror) USE(connack_string)                   \
  USE(connect_callback_set) USE(disconnect_callback_set) USE(subscribe_callback_set) USE(message_callback_set)

static struct {
#define POINTER(name) __typeof__(&mosquitto_##name) name;
  FUNCTIONS(POINTER)
} library;
static char missing[120];
static pthread_once_t loading = PTHREAD_ONCE_INIT;

static void load(void) {
  void *handle = dlopen("libmosquitto.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(missing, sizeof missing, "libmosquitto.so.1 cannot be loaded; on Debian: apt-get install libmosquitto1");
    return;
  }
  void *found;
#define FIND(name)                                                                                 \
  found = dlsym(handle, "mosquitto_" #name);                                                       \
  memcpy(&library.name, &found, sizeof found); /* C has no conversion from objects to functions */ \
  if (!found) snprintf(missing, sizeof missing, "libmosquitto.so.1 has no mosquitto_" #name);
  FUNCTIONS(FIND)
  if (!missing[0]) library.lib_init();
}

hr_status hr_broker_load(hr_error *error) {
  pthread_once(&loading, load);
  if (!missing[0]) return HR_OK;
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "MQTT: %s", missing);
}

struct guard {
  sigset_t before;
  int was_pending;
};

static struct guard hold_signal(void) {
  struct guard guard;
  sigset_t pipe, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  guard.was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &guard.before);
  return guard;
}

static void release_signal(const struct guard *guard) {
  const int number = errno;
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  const struct timespec none = {0, 0};
  if (!guard->was_pending)
    while (sigtimedwait(&pipe, NULL, &none) < 0 && errno == EINTR) continue;
  pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
  errno = number;
}

/* ---- The connection ---------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3)))
static void breaks(struct hr_broker *broker, const char *format, ...) {
  if (broker->state == HR_BROKER_BROKEN) return; /* the first reason is the one that tells most */
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(broker->why, sizeof broker->why, format, arguments);
  va_end(arguments);
  broker->state = HR_BROKER_BROKEN;
}

static void note(struct hr_broker *broker, int result) {
  const int number = errno;
  if (result == MOSQ_ERR_SUCCESS) return;
  breaks(broker, "the broker: %s", result == MOSQ_ERR_ERRNO ? strerror(number) : library.strerror(result));
}

static void on_connect(struct mosquitto *client, void *owner, int refusal) {
  struct hr_broker *broker = owner;
  if (refusal) breaks(broker, "the broker: %s", library.connack_string(refusal));
  else note(broker, library.subscribe(client, NULL, broker->subscription, 0));
}

static void on_subscribe(struct mosquitto *client, void *owner, int id, int count, const int *granted) {
  (void)client, (void)id;
  struct hr_broker *broker = owner;
  if (count < 1 || granted[0] > 2) breaks(broker, "the broker lets nobody subscribe to %.60s", broker->subscription);
  else if (broker->state == HR_BROKER_CONNECTING) broker->state = HR_BROKER_READY;
}

static void on_disconnect(struct mosquitto *client, void *owner, int result) {
  (void)client;
  struct hr_broker *broker = owner;
  if (result == 0) breaks(broker, "the broker ended the connection");
  else note(broker, result);
}

static void on_message(struct mosquitto *client, void *owner, const struct mosquitto_message *message) {
  (void)client;
  struct hr_broker *broker = owner;
  broker->on_message(broker->owner, message);
}

void hr_broker_drop(struct hr_broker *broker) {
  if (!broker->client) return;
  const struct guard guard = hold_signal();
  library.destroy(broker->client);
  release_signal(&guard);
  broker->client = NULL;
  broker->state = HR_BROKER_OFF;
}

/* The host as a number, so that the library asks no resolver once more. */
static int find_host(struct hr_broker *broker, char host[64]) {
  struct hr_endpoints endpoints;
  hr_error error = {.struct_size = sizeof error};
  if (hr_address_resolve(broker->address, SOCK_STREAM, &endpoints, &error) != HR_OK) {
    breaks(broker, "%s", error.message);
    return 0;
  }
  const struct hr_endpoint *endpoint = &endpoints.at[broker->turn++ % endpoints.count];
  return getnameinfo((const struct sockaddr *)&endpoint->address, endpoint->bytes, host, 64, NULL, 0,
                     NI_NUMERICHOST) == 0;
}

void hr_broker_connect(struct hr_broker *broker) {
  hr_broker_drop(broker);
  broker->state = HR_BROKER_CONNECTING;
  char host[64];
  if (!find_host(broker, host)) {
    breaks(broker, "the broker's host cannot be found");
    return;
  }
  broker->client = library.new(NULL, true, broker);
  if (!broker->client) {
    breaks(broker, "no memory left for a connection to the broker");
    return;
  }
  library.connect_callback_set(broker->client, on_connect);
  library.disconnect_callback_set(broker->client, on_disconnect);
  library.subscribe_callback_set(broker->client, on_subscribe);
  library.message_callback_set(broker->client, on_message);
  const struct guard guard = hold_signal();
  note(broker, library.connect_async(broker->client, host, (int)strtol(broker->address->port, NULL, 10), KEEPALIVE_S));
  release_signal(&guard);
  broker->tended_ns = hr_clock_monotonic(NULL);
}

/* ---- Work -------------------------------------------------------------------------------- */

static int is_alive(const struct hr_broker *broker) {
  return broker->client && broker->state != HR_BROKER_BROKEN && library.socket(broker->client) >= 0;
}

int hr_broker_read(struct hr_broker *broker) {
  if (!is_alive(broker)) return 0;
  struct pollfd wait = {.fd = library.socket(broker->client), .events = POLLIN};
  if (poll(&wait, 1, 0) <= 0) return 0;
  const struct guard guard = hold_signal();
  note(broker, library.loop_read(broker->client, 1));
  release_signal(&guard);
  return 1;
}

void hr_broker_tend(struct hr_broker *broker) {
  if (!is_alive(broker)) return;
  const struct guard guard = hold_signal();
  if (library.want_write(broker->client)) note(broker, library.loop_write(broker->client, 1));
  const uint64_t now = hr_clock_monotonic(NULL);
  if (is_alive(broker) && now - broker->tended_ns >= tending_ns) {
    broker->tended_ns = now;
    note(broker, library.loop_misc(broker->client));
  }
  release_signal(&guard);
}

uint32_t hr_broker_wait(struct hr_broker *broker, struct pollfd *wait, uint64_t *until) {
  if (!is_alive(broker)) return 0;
  if (broker->tended_ns + tending_ns < *until) *until = broker->tended_ns + tending_ns;
  const short events = library.want_write(broker->client) ? POLLIN | POLLOUT : POLLIN;
  *wait = (struct pollfd){.fd = library.socket(broker->client), .events = events};
  return 1;
}

void hr_broker_hold_back(struct hr_broker *broker) {
  if (is_alive(broker)) hr_socket_hold_back(library.socket(broker->client));
}

int hr_broker_is_free(const struct hr_broker *broker) {
  return broker->state == HR_BROKER_READY && !library.want_write(broker->client);
}

int hr_broker_publish(struct hr_broker *broker, const char *topic, const uint8_t *bytes, size_t byte_count,
                      uint32_t most) {
  if (broker->state != HR_BROKER_READY) return 0;
  if (!library.want_write(broker->client)) broker->kept = 0;
  if (broker->kept >= most) return 0;
  broker->kept++;
  const struct guard guard = hold_signal();
  const int result = library.publish(broker->client, NULL, topic, (int)byte_count, bytes, 0, false);
  note(broker, result);
  release_signal(&guard);
  return result == MOSQ_ERR_SUCCESS;
}

#endif /* HEADRACE_MQTT */
