/* send_pace.c - how much of a latent is sent. */
#include "send_pace.h"

/* Of the time that is left, so that answers that take longer than the mean still come in time. */
static const double share = 0.7;
static const uint64_t between_tries_ns = 1000000000;

void pace_note_tail(struct pace *pace, uint32_t tail_us) {
  const double seconds = (double)tail_us / 1e6;
  pace->tail_s = pace->tail_s > 0 ? pace->tail_s + (seconds - pace->tail_s) / 8 : seconds;
}

void pace_note_sent(struct pace *pace) { pace->tried_ns = hr_clock_monotonic(NULL); }

int pace_allows(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, double left_s) {
  if (!(link->bytes_per_second > 0)) return 0;
  const double expected = (double)link->round_trip_ms / 1000 + (double)packet_bytes / (double)link->bytes_per_second +
                          pace->tail_s;
  return expected <= share * left_s;
}

int pace_may_try(const struct pace *pace, const hr_link_state *link) {
  if (!(link->bytes_per_second > 0)) return 1;
  return hr_clock_monotonic(NULL) - pace->tried_ns >= between_tries_ns;
}
