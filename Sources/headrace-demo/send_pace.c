/* send_pace.c - how much of a latent is sent. */
#include "send_pace.h"

/* Of the time that is left, and of that between frames: what takes longer than the mean is to come in time too. */
static const double share = 0.75;
static const uint64_t between_tries_ns = 500000000;
static const double growth = 1.5; /* of packets after one was late */
enum { BETWEEN_LARGER_ONES = 16 };

/* The mean of about the last eight. */
static double fade(double mean, double value) { return mean > 0 ? mean + (value - mean) / 8 : value; }

void pace_note_frame(struct pace *pace) {
  const uint64_t now = hr_clock_monotonic(NULL);
  if (pace->frame_ns) pace->interval_s = fade(pace->interval_s, (double)(now - pace->frame_ns) / 1e9);
  pace->frame_ns = now;
}

void pace_note_answer(struct pace *pace, size_t packet_bytes, uint32_t tail_us) {
  pace->tail_s = fade(pace->tail_s, (double)tail_us / 1e6);
  if ((double)packet_bytes > pace->most_bytes / growth) pace->most_bytes *= growth;
  if (pace->most_bytes > HR_MAX_PACKET_BYTES) pace->most_bytes = 0;
}

void pace_note_late(struct pace *pace, size_t packet_bytes) {
  const double quarter = (double)packet_bytes / 4;
  if (pace->most_bytes == 0 || quarter < pace->most_bytes) pace->most_bytes = quarter;
}

void pace_note_sent(struct pace *pace, const hr_link_state *link, size_t packet_bytes, uint32_t layers) {
  pace->sent++;
  pace->layers = layers;
  pace->tried_ns = hr_clock_monotonic(NULL);
  if (pace->free_ns < pace->tried_ns) pace->free_ns = pace->tried_ns;
  if (link->bytes_per_second > 0)
    pace->free_ns += (uint64_t)(1e9 * (double)packet_bytes / (double)link->bytes_per_second);
}

void pace_note_free(struct pace *pace) { pace->free_ns = 0; }

int pace_allows(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, uint32_t layers,
                double left_s) {
  if (!(link->bytes_per_second > 0)) return 0;
  if (pace->most_bytes > 0 && (double)packet_bytes > pace->most_bytes) return 0;
  const double carrying = (double)packet_bytes / (double)link->bytes_per_second;
  /* As long as packets were of one size, bytes are blamed for all of the time: larger ones have to be tried. */
  if (!(link->round_trip_ms > 0)) return carrying + pace->tail_s <= share * left_s;
  const uint64_t now = hr_clock_monotonic(NULL);
  const double waiting = pace->free_ns > now ? (double)(pace->free_ns - now) / 1e9 : 0;
  const double expected = waiting + (double)link->round_trip_ms / 1000 + carrying + pace->tail_s;
  if (pace->sent % BETWEEN_LARGER_ONES == 0 && layers == pace->layers + 1) return expected <= left_s;
  if (pace->interval_s > 0 && carrying > share * pace->interval_s) return 0;
  return expected <= share * left_s;
}

int pace_may_try(const struct pace *pace, const hr_link_state *link) {
  if (!(link->bytes_per_second > 0)) return 1;
  return hr_clock_monotonic(NULL) - pace->tried_ns >= between_tries_ns;
}
