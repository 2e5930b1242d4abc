/* listener.h - what every kind of listener is made of. One thread receives, any may answer: all that both touch is
   used under the mutex, which is never held while waiting. */
#ifndef HR_IO_LISTENER_H
#define HR_IO_LISTENER_H

#include <poll.h>
#include <pthread.h>

#include "internal/address.h"

enum { HR_MOST_PEERS = 256, HR_MOST_LISTENER_WAITS = HR_MOST_PEERS + 2 };

/* All but close are called with the mutex held. */
struct hr_listening {
  /* The next packet into listener->packet, without waiting; 0 if there is none, or none was among what it read. It
     lowers *reads by how often it read, and at 0 reads no more. */
  size_t (*take)(hr_listener *listener, hr_peer *from, uint32_t *reads);
  /* Fills in what is waited for; lowers *until (CLOCK_MONOTONIC in ns) to work earlier. */
  uint32_t (*wait)(hr_listener *listener, struct pollfd *waits, uint64_t *until);
  /* What poll found of that; HR_OK unless nothing can come any more. */
  hr_status (*work)(hr_listener *listener, const struct pollfd *waits, uint32_t count, hr_error *error);
  /* 1 if the peer's way took it. */
  int (*answer)(hr_listener *listener, const hr_peer *to, const uint8_t *packet, size_t packet_bytes);
  /* Why nothing can come now, for a person, or ""; NULL if it always can. */
  const char *(*why)(const hr_listener *listener);
  void (*close)(hr_listener *listener);
};

/* The first member of each kind's own struct, which hr_listener_close frees. */
struct hr_listener {
  const struct hr_listening *kind;
  struct hr_address address;
  char name[sizeof(((struct hr_address *)0)->text) + 8]; /* the address with the port that it got */
  pthread_mutex_t mutex;
  hr_listener_state state;
  int wake; /* an eventfd: an answer waits to be written; -1 if the system had none */
  struct pollfd waits[HR_MOST_LISTENER_WAITS];
  uint8_t packet[HR_MAX_PACKET_BYTES];
};

/* A socket bound to the address, and listener->name. */
hr_status hr_listener_bind(hr_listener *listener, int type, int *out_socket, hr_error *error);
/* Ends the waiting of the thread that receives. */
void hr_listener_wake(hr_listener *listener);

/* Each makes its struct, with the kind set; the rest is hr_listener_open's. */
hr_status hr_udp_listener_make(hr_listener **out, hr_error *error);
hr_status hr_tcp_listener_make(hr_listener **out, hr_error *error);
hr_status hr_mqtt_listener_make(hr_listener **out, hr_error *error);
/* Begins to listen at listener->address. */
hr_status hr_udp_listener_begin(hr_listener *listener, hr_error *error);
hr_status hr_tcp_listener_begin(hr_listener *listener, hr_error *error);
hr_status hr_mqtt_listener_begin(hr_listener *listener, hr_error *error);

#endif /* HR_IO_LISTENER_H */
