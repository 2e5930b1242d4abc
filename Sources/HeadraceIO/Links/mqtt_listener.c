/* mqtt_listener.c - packets by way of an MQTT broker. Listeners of one topic share its packets, each of which goes to
   one of them. */
#define _GNU_SOURCE
#include "internal/listener.h"

#ifdef HEADRACE_MQTT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal/backoff.h"
#include "internal/broker.h"

enum { ID_DIGITS = 16, MOST_PAUSE_MS = 5000, MOST_KEPT = 64 };
static const uint64_t most_of_connecting = 5000000000u;

struct mqtt_listener {
  hr_listener listener;
  struct hr_broker broker;
  struct hr_backoff backoff;
  uint64_t connect_ns; /* when it is tried again, or was begun */
  size_t byte_count;   /* of the packet that came; 0: none */
  char id[ID_DIGITS + 1];
};

static struct mqtt_listener *mqtt(hr_listener *listener) { return (struct mqtt_listener *)listener; }

/* The last level of a topic, where it is an ID of a link: it becomes part of another topic. */
static const char *id_of(const char *topic) {
  const char *slash = strrchr(topic, '/');
  if (!slash || strlen(slash + 1) != ID_DIGITS || strspn(slash + 1, "0123456789abcdef") != ID_DIGITS) return NULL;
  return slash + 1;
}

static void on_message(void *owner, const struct mosquitto_message *message) {
  struct mqtt_listener *self = owner;
  const char *id = id_of(message->topic);
  const size_t byte_count = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
  self->listener.state.bytes_received += byte_count;
  /* What the broker keeps is of a frame long gone. */
  if (!id || message->retain || byte_count == 0 || byte_count > HR_MAX_PACKET_BYTES) {
    self->listener.state.damaged++;
    return;
  }
  memcpy(self->listener.packet, message->payload, byte_count);
  memcpy(self->id, id, ID_DIGITS);
  self->byte_count = byte_count;
}

/* Connects, and does so anew. */
static void tend(struct mqtt_listener *self) {
  const uint64_t now = hr_clock_monotonic(NULL);
  struct hr_broker *broker = &self->broker;
  hr_broker_tend(broker);
  if (broker->state == HR_BROKER_CONNECTING && now - self->connect_ns >= most_of_connecting) {
    snprintf(broker->why, sizeof broker->why, "the broker does not answer");
    broker->state = HR_BROKER_BROKEN;
  }
  if (broker->state == HR_BROKER_BROKEN) {
    hr_broker_drop(broker);
    broker->state = HR_BROKER_OFF;
    self->listener.state.peers = 0;
    self->connect_ns = now + hr_backoff_pause(&self->backoff);
  }
  if (broker->state == HR_BROKER_OFF && now >= self->connect_ns) {
    self->connect_ns = now;
    hr_broker_connect(broker);
  }
}

static size_t take(hr_listener *listener, hr_peer *from, uint32_t *reads) {
  struct mqtt_listener *self = mqtt(listener);
  tend(self);
  while (self->byte_count == 0 && *reads > 0 && hr_broker_read(&self->broker)) --*reads;
  if (self->broker.state == HR_BROKER_READY) {
    listener->state.peers = 1;
    self->backoff.failures = 0;
  }
  const size_t byte_count = self->byte_count;
  self->byte_count = 0;
  memset(from, 0, sizeof *from);
  memcpy(from, self->id, sizeof self->id);
  return byte_count;
}

static uint32_t wait_for(hr_listener *listener, struct pollfd *waits, uint64_t *until) {
  struct mqtt_listener *self = mqtt(listener);
  const uint64_t now = hr_clock_monotonic(NULL), soon = now + 100000000;
  if (self->broker.state == HR_BROKER_OFF && self->connect_ns < *until) *until = self->connect_ns;
  if (self->broker.state == HR_BROKER_BROKEN || self->broker.state == HR_BROKER_CONNECTING)
    if (soon < *until) *until = soon;
  return hr_broker_wait(&self->broker, waits, until);
}

static hr_status work(hr_listener *listener, const struct pollfd *waits, uint32_t count, hr_error *error) {
  (void)waits, (void)count, (void)error;
  tend(mqtt(listener));
  return HR_OK;
}

static int answer(hr_listener *listener, const hr_peer *to, const uint8_t *packet, size_t packet_bytes) {
  struct mqtt_listener *self = mqtt(listener);
  char id[ID_DIGITS + 1] = "", topic[256];
  memcpy(id, to, ID_DIGITS);
  if (strlen(id) != ID_DIGITS || strspn(id, "0123456789abcdef") != ID_DIGITS) return 0;
  snprintf(topic, sizeof topic, "%s/answer/%s", listener->address.path, id);
  const int is_sent = hr_broker_publish(&self->broker, topic, packet, packet_bytes, MOST_KEPT);
  hr_listener_wake(listener); /* for what did not go out, or that it broke */
  return is_sent;
}

static const char *why(const hr_listener *listener) {
  const struct mqtt_listener *self = mqtt((hr_listener *)(uintptr_t)listener);
  return self->broker.state == HR_BROKER_READY ? "" : self->broker.why;
}

static void close_mqtt(hr_listener *listener) { hr_broker_drop(&mqtt(listener)->broker); }

static const struct hr_listening kind = {take, wait_for, work, answer, why, close_mqtt};

hr_status hr_mqtt_listener_make(hr_listener **out, hr_error *error) {
  hr_status status = hr_broker_load(error);
  if (status != HR_OK) return status;
  struct mqtt_listener *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a listener");
  self->listener.kind = &kind;
  *out = &self->listener;
  return HR_OK;
}

hr_status hr_mqtt_listener_begin(hr_listener *listener, hr_error *error) {
  (void)error;
  struct mqtt_listener *self = mqtt(listener);
  hr_backoff_init(&self->backoff, MOST_PAUSE_MS, 0);
  self->broker.address = &listener->address;
  self->broker.owner = self;
  self->broker.on_message = on_message;
  snprintf(self->broker.subscription, sizeof self->broker.subscription, "$share/headrace/%s/latent/+",
           listener->address.path);
  tend(self);
  return HR_OK;
}

#endif /* HEADRACE_MQTT */
