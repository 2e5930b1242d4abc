/* mqtt_link.c - a link by way of an MQTT broker. */
#define _GNU_SOURCE
#include "internal/transport.h"

#ifdef HEADRACE_MQTT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "internal/broker.h"
#include "internal/socket.h"

struct mqtt_link {
  hr_link link;
  struct hr_broker broker;
  char latents[256]; /* the topic */
};

static struct mqtt_link *mqtt(const hr_link *link) { return (struct mqtt_link *)(uintptr_t)link; }

static void on_message(void *owner, const struct mosquitto_message *message) {
  hr_link *link = owner;
  const size_t byte_count = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
  link->state.bytes_received += byte_count;
  /* What the broker kept from earlier answers nothing that is asked now. */
  if (byte_count == 0 || message->retain) hr_link_damaged(link);
  else hr_link_heard(link, message->payload, byte_count, 0);
}

static hr_status prepare(hr_link *link, hr_error *error) {
  struct mqtt_link *self = mqtt(link);
  uint64_t id;
  if (getrandom(&id, sizeof id, GRND_NONBLOCK) != sizeof id)
    return hr_io_fail(error, HR_DEVICE_ERROR, "%.80s: the system has no random numbers yet; try again later",
                      link->address.text);
  snprintf(self->latents, sizeof self->latents, "%s/latent/%016llx", link->address.path, (unsigned long long)id);
  self->broker.address = &link->address;
  self->broker.owner = link;
  self->broker.on_message = on_message;
  snprintf(self->broker.subscription, sizeof self->broker.subscription, "%s/answer/%016llx", link->address.path,
           (unsigned long long)id);
  return HR_OK;
}

/* What broke is told once, and then it is off. */
static void check(struct mqtt_link *self) {
  if (self->broker.state != HR_BROKER_BROKEN) return;
  hr_broker_drop(&self->broker);
  self->broker.state = HR_BROKER_OFF;
  hr_link_broke(&self->link, "%s", self->broker.why);
}

static void connect_mqtt(hr_link *link) {
  struct mqtt_link *self = mqtt(link);
  /* The broker may be well where only the tail is not. */
  if (self->broker.state == HR_BROKER_READY) return;
  hr_link_connects(link);
  hr_broker_connect(&self->broker);
  check(self);
}

static void work(hr_link *link) {
  struct mqtt_link *self = mqtt(link);
  const enum hr_broker_state before = self->broker.state;
  if (before == HR_BROKER_OFF) return;
  if (before == HR_BROKER_CONNECTING && !link->connecting_ns) {
    hr_broker_drop(&self->broker); /* it took too long */
    return;
  }
  hr_broker_tend(&self->broker);
  for (int reads = 0; hr_link_has_room(link) && reads < HR_MOST_AT_ONCE && hr_broker_read(&self->broker);) reads++;
  if (before == HR_BROKER_CONNECTING && self->broker.state == HR_BROKER_READY) {
    hr_broker_hold_back(&self->broker);
    hr_link_connected(link);
  }
  check(self);
}

static int is_ready(const hr_link *link) { return hr_broker_is_free(&mqtt(link)->broker); }

static enum hr_handed hand(hr_link *link, uint32_t slot, const uint8_t *bytes, size_t byte_count) {
  (void)slot;
  struct mqtt_link *self = mqtt(link);
  return hr_broker_publish(&self->broker, self->latents, bytes, byte_count, 1) ? HR_HANDED : HR_HANDED_NEVER;
}

static uint32_t wait_for(hr_link *link, struct pollfd waits[HR_MOST_WAITS], uint64_t *until) {
  return hr_broker_wait(&mqtt(link)->broker, waits, until);
}

static void close_mqtt(hr_link *link) { hr_broker_drop(&mqtt(link)->broker); }

static const struct hr_transport transport = {.prepare = prepare,
                                              .connect = connect_mqtt,
                                              .is_ready = is_ready,
                                              .hand = hand,
                                              .work = work,
                                              .wait = wait_for,
                                              .close = close_mqtt};

hr_status hr_mqtt_link_make(hr_link **out, hr_error *error) {
  hr_status status = hr_broker_load(error);
  if (status != HR_OK) return status;
  struct mqtt_link *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a link");
  self->link.transport = &transport;
  *out = &self->link;
  return HR_OK;
}

#endif /* HEADRACE_MQTT */
