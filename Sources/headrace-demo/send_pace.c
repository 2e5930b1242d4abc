/* send_pace.c - how much of a latent is sent. */
#include "send_pace.h"

/* Of the time that is left, and of that between frames: what takes longer than the mean is to come in time too. */
static const double share = 0.75;
static const uint64_t between_tries_ns = 500000000;
static const double growth = 1.5; /* of packets after one was late */
/* An answer is overdue after this many times what was expected, and a share of the deadline that a busy machine may
   take. */
struct patience {
  double times, more;
};
static const struct patience little = {1.5, 0.1}, much = {2, 0.2};
enum { BETWEEN_LARGER_ONES = 16, MOST_OVERDUE = 2 };

/* The mean of about the last eight. */
static double fade(double mean, double value) { return mean > 0 ? mean + (value - mean) / 8 : value; }

void pace_note_frame(struct pace *pace) {
  const uint64_t now = hr_clock_monotonic(NULL);
  if (pace->frame_ns) pace->interval_s = fade(pace->interval_s, (double)(now - pace->frame_ns) / 1e9);
  pace->frame_ns = now;
}

static int is_overdue(const struct pace *pace, const struct paced *packet, struct patience patience) {
  const double flown_s = (double)(hr_clock_monotonic(NULL) - packet->sent_ns) / 1e9;
  return packet->expected_s > 0 && flown_s > patience.times * packet->expected_s + patience.more * pace->deadline_s;
}

static void shrink(struct pace *pace, double bytes) {
  if (pace->most_bytes == 0 || bytes < pace->most_bytes) pace->most_bytes = bytes;
}

void pace_note_heard(struct pace *pace, const struct paced *packet) {
  if (packet->sent_ns > pace->answered_sent_ns) pace->answered_sent_ns = packet->sent_ns;
}

void pace_note_answer(struct pace *pace, const struct paced *packet, uint32_t tail_us) {
  pace->tail_s = fade(pace->tail_s, (double)tail_us / 1e6);
  if (is_overdue(pace, packet, much)) shrink(pace, (double)packet->bytes / 2);
  else if ((double)packet->bytes > pace->most_bytes / growth) pace->most_bytes *= growth;
  if (pace->most_bytes > HR_MAX_PACKET_BYTES) pace->most_bytes = 0;
}

void pace_note_late(struct pace *pace, const struct paced *packet) {
  /* Where a newer one was answered, it was lost on a link that is well. */
  if (packet->sent_ns > pace->answered_sent_ns) shrink(pace, (double)packet->bytes / 4);
}

void pace_note_nothing_in_flight(struct pace *pace) {
  pace->is_overdue = 0;
  pace->unheard = 0;
}

void pace_note_in_flight(struct pace *pace, const struct paced *packet) {
  if (packet->sent_ns < pace->answered_sent_ns) return;
  pace->unheard++;
  if (is_overdue(pace, packet, little)) pace->is_overdue = 1;
}

/* Seconds until a packet that is sent now is answered. */
static double expected_s(const struct pace *pace, const hr_link_state *link, size_t packet_bytes) {
  const uint64_t now = hr_clock_monotonic(NULL);
  const double waiting = pace->free_ns > now ? (double)(pace->free_ns - now) / 1e9 : 0;
  return waiting + (double)link->round_trip_ms / 1000 + (double)packet_bytes / (double)link->bytes_per_second +
         pace->tail_s;
}

void pace_note_sent(struct pace *pace, const hr_link_state *link, struct paced *packet, uint32_t rate) {
  pace->sent++;
  pace->rate = rate;
  pace->tried_ns = packet->sent_ns;
  packet->expected_s = link->bytes_per_second > 0 ? expected_s(pace, link, packet->bytes) : 0;
  if (pace->free_ns < pace->tried_ns) pace->free_ns = pace->tried_ns;
  if (link->bytes_per_second > 0)
    pace->free_ns += (uint64_t)(1e9 * (double)packet->bytes / (double)link->bytes_per_second);
}

void pace_note_free(struct pace *pace) { pace->free_ns = 0; }

int pace_allows(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, uint32_t rate,
                double left_s) {
  if (!(link->bytes_per_second > 0) || pace->is_overdue) return 0;
  if (pace->most_bytes > 0 && (double)packet_bytes > pace->most_bytes) return 0;
  const double carrying = (double)packet_bytes / (double)link->bytes_per_second;
  /* As long as packets were of one size, bytes are blamed for all of the time: larger ones have to be tried. */
  if (!(link->round_trip_ms > 0)) return carrying + pace->tail_s <= share * left_s;
  const double expected = expected_s(pace, link, packet_bytes);
  if (pace->sent % BETWEEN_LARGER_ONES == 0 && rate == pace->rate + 1) return expected <= left_s;
  if (pace->interval_s > 0 && carrying > share * pace->interval_s) return 0;
  return expected <= share * left_s;
}

int pace_may_try(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, double left_s) {
  if (!(link->bytes_per_second > 0)) return 1;
  if (pace->is_overdue) return pace->unheard < MOST_OVERDUE;
  const uint64_t now = hr_clock_monotonic(NULL);
  if (pace->free_ns <= now && expected_s(pace, link, packet_bytes) <= share * left_s) return 1;
  return now - pace->tried_ns >= between_tries_ns;
}

int pace_allows_whole(const struct pace *pace, const hr_link_state *link, size_t bytes, double left_s) {
  if (!(link->bytes_per_second > 0)) return 1;
  if (pace->is_overdue) return 0;
  return expected_s(pace, link, bytes) <= left_s || hr_clock_monotonic(NULL) - pace->tried_ns >= between_tries_ns;
}
