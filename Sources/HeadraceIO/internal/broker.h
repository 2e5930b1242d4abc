/* broker.h - a connection to an MQTT broker by libmosquitto, which is loaded when it is first wanted. */
#ifndef HR_IO_BROKER_H
#define HR_IO_BROKER_H

#include <mosquitto.h>
#include <poll.h>

#include "internal/address.h"

enum hr_broker_state {
  HR_BROKER_OFF,
  HR_BROKER_CONNECTING,
  HR_BROKER_READY, /* connected, and the subscription was granted */
  HR_BROKER_BROKEN /* why says why; hr_broker_connect begins anew */
};

struct hr_broker {
  const struct hr_address *address;
  char subscription[256];
  void *owner;
  /* Called in hr_broker_read. */
  void (*on_message)(void *owner, const struct mosquitto_message *message);
  enum hr_broker_state state;
  char why[100];
  struct mosquitto *client;
  uint32_t turn; /* which of the host's addresses is tried */
  uint64_t tended_ns;
  uint32_t kept; /* messages that libmosquitto may hold */
};

/* HR_UNSUPPORTED_FORMAT: the library is not installed. */
hr_status hr_broker_load(hr_error *error);

/* Begins to connect, having dropped what connection there was. */
void hr_broker_connect(struct hr_broker *broker);
void hr_broker_drop(struct hr_broker *broker);

/* Takes in one message at most; 0 if nothing more is there. */
int hr_broker_read(struct hr_broker *broker);
/* Writes what waits, and keeps the connection alive. */
void hr_broker_tend(struct hr_broker *broker);
/* What to wait for; lowers *until to when hr_broker_tend has to be called. The count is 0 or 1. */
uint32_t hr_broker_wait(struct hr_broker *broker, struct pollfd *wait, uint64_t *until);

/* Has it take no message as long as an earlier one waits to be sent. */
void hr_broker_hold_back(struct hr_broker *broker);
/* Whether a message would go out at once. */
int hr_broker_is_free(const struct hr_broker *broker);
/* At most once, not retained; 0 if it cannot be. libmosquitto keeps what does not go out: up to `most` messages. */
int hr_broker_publish(struct hr_broker *broker, const char *topic, const uint8_t *bytes, size_t byte_count,
                      uint32_t most);

#endif /* HR_IO_BROKER_H */
