/* transport.h - what every kind of link is made of. The counting, the queue and the health are the same for all; a kind
   brings a transport, which carries packets and says what came back. */
#ifndef HR_IO_TRANSPORT_H
#define HR_IO_TRANSPORT_H

#include <poll.h>

#include "internal/address.h"
#include "internal/backoff.h"
#include "internal/link_timing.h"

enum { HR_MOST_PACKETS = 64, HR_MOST_WAITS = 72, HR_MOST_LOST = 8 };

/* What became of a packet that a transport was handed. */
enum hr_handed {
  HR_HANDED,      /* it has a copy, or has sent it */
  HR_HANDED_LATER, /* it can take none now */
  HR_HANDED_NEVER, /* this one cannot be sent */
  HR_HANDED_BROKE  /* nor can any other, as errno says */
};

/* A transport calls hr_link_heard, hr_link_broke and their like below, in connect and work alone. */
struct hr_transport {
  /* Takes the memory it needs, by the configuration; NULL if it needs none. */
  hr_status (*prepare)(hr_link *link, hr_error *error);
  /* Begins to connect, or does so anew where that may help. Called when the link opens, and after each pause. */
  void (*connect)(hr_link *link);
  /* Whether a packet could be handed over: it is connected. */
  int (*is_ready)(const hr_link *link);
  /* slot is the packet's place among those in flight. */
  enum hr_handed (*hand)(hr_link *link, uint32_t slot, const uint8_t *bytes, size_t byte_count);
  /* Does what can be done at once. */
  void (*work)(hr_link *link);
  /* What it waits for; lowers *until (a time of CLOCK_MONOTONIC in ns) if it wants to work earlier. */
  uint32_t (*wait)(hr_link *link, struct pollfd waits[HR_MOST_WAITS], uint64_t *until);
  /* A packet in flight was given up; NULL if it does not matter to it. */
  void (*give_up)(hr_link *link, uint32_t slot);
  /* NULL for those that carry packets alone. */
  hr_link_content (*content)(const hr_link *link);
  /* How a latent is written into a waiting packet; NULL for those that carry packets alone. */
  hr_status (*write_tensor)(hr_link *link, const hr_tensor *latent, uint8_t *out, size_t capacity, size_t *out_bytes,
                            hr_error *error);
  void (*close)(hr_link *link); /* frees what the transport has */
};

struct hr_frame_id {
  uint32_t model_id;
  uint32_t sequence;
  uint64_t capture_us;
};

struct hr_waiting {
  struct hr_frame_id id;
  size_t byte_count;
  uint8_t *bytes;
};

struct hr_flying {
  int is_used;
  struct hr_frame_id id;
  size_t byte_count;
  uint64_t sent_ns;
};

/* The first member of each kind's own struct, which hr_link_close frees. */
struct hr_link {
  const struct hr_transport *transport;
  struct hr_address address;
  hr_link_config config;
  hr_link_state state; /* counters; health, waiting and in_flight are kept up to date too */
  struct hr_link_timing timing;

  uint8_t *memory; /* of the packets that wait */
  size_t packet_capacity;
  struct hr_waiting waiting[HR_MOST_PACKETS]; /* a ring */
  uint32_t first_waiting;
  struct hr_flying flying[HR_MOST_PACKETS];
  struct hr_flying lost[HR_MOST_LOST]; /* the last ones, a ring: an answer that comes late says how slow the way is */
  uint32_t next_lost;
  uint64_t answered_sent_ns; /* when the newest packet that was answered had been sent */
  hr_answer answers[HR_MOST_PACKETS]; /* heard and not yet told, a ring */
  uint32_t first_answer, answer_count;

  struct hr_backoff backoff;
  uint64_t retry_ns;     /* of a link that is down: when it is tried again */
  int is_trying;         /* down, and its pause is over */
  int has_shown_life;    /* something came since the link went down */
  uint64_t connecting_ns; /* when connecting began; 0: it does not connect */
  int was_connected;
  uint64_t tended_ns; /* when it last worked */
};

/* ---- Called by transports ---------------------------------------------------------------- */

uint64_t hr_link_now(void);

/* Bytes that came as a whole: an answer, or what is none. arrived_ns is when; 0: since the link last worked. */
void hr_link_heard(hr_link *link, const uint8_t *packet, size_t byte_count, uint64_t arrived_ns);
/* The answer to the packet in a slot, where the transport knows that itself. */
void hr_link_answered(hr_link *link, uint32_t slot, const hr_answer *answer, uint64_t arrived_ns);
/* Whether another answer could be kept. If not, the transport leaves it where it is. */
int hr_link_has_room(const hr_link *link);
/* What came and was no answer. */
void hr_link_damaged(hr_link *link);
/* A packet in flight will not be answered, though the link may be fine. */
void hr_link_lose(hr_link *link, uint32_t slot);

/* The connection is gone, and with it what is in flight; why, for a person. */
__attribute__((format(printf, 2, 3)))
void hr_link_broke(hr_link *link, const char *format, ...);
/* It has begun to connect. If that takes longer than hr_link_connecting_ms, hr_link_broke is called. */
void hr_link_connects(hr_link *link);
void hr_link_connected(hr_link *link);
uint32_t hr_link_connecting_ms(const hr_link *link);

/* ---- Between the parts of links ---------------------------------------------------------- */

/* queue.c */
void hr_link_enqueue(hr_link *link, const struct hr_frame_id *id, const uint8_t *bytes, size_t byte_count);
/* The memory of the packet that hr_link_enqueue will take next, to be written in place. */
uint8_t *hr_link_next_place(hr_link *link);
void hr_link_send_waiting(hr_link *link);
void hr_link_fail_waiting(hr_link *link);
void hr_link_lose_late(hr_link *link);
void hr_link_lose_all(hr_link *link);
/* The earliest time at which a packet in flight is lost, or UINT64_MAX. */
uint64_t hr_link_deadline(const hr_link *link);

/* health.c */
__attribute__((format(printf, 2, 3)))
void hr_link_goes_down(hr_link *link, const char *format, ...);
void hr_link_comes_up(hr_link *link);
/* A lost packet's answer has come after all: the way is open, and the next packet is let through at once. */
void hr_link_is_slow(hr_link *link);
/* Whether a packet that is offered now is taken. */
int hr_link_takes_packets(const hr_link *link);
/* Gives up and tries again what it is time for. */
void hr_link_tend(hr_link *link);
/* When hr_link_tend has something to do again. */
uint64_t hr_link_tend_time(const hr_link *link);

/* ---- Kinds ------------------------------------------------------------------------------- */

/* Each makes its struct, with the transport set; the rest is hr_link_open's. */
hr_status hr_udp_link_make(hr_link **out, hr_error *error);
hr_status hr_tcp_link_make(hr_link **out, hr_error *error);
hr_status hr_mqtt_link_make(hr_link **out, hr_error *error);
hr_status hr_http_link_make(hr_link **out, hr_error *error);

#endif /* HR_IO_TRANSPORT_H */
