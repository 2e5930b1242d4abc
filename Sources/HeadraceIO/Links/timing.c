/* timing.c - how fast a link is.

   A packet of b bytes takes  t = round trip + b / throughput  with the tail's own time left out, so both come out of a
   straight line through the (b, t) of answered packets: least squares, with weights that fade by 1/16 a packet.

   A packet that had to wait for the one before it on the way takes longer than its line says. Where the link is free
   again when that one has arrived, it took at most a round trip more than the time between both arrivals: the smaller
   of the two is taken. A tail may say that it spent any time, but not more than there was. */
#include "internal/link_timing.h"

#include <math.h>

static const double fading = 1.0 / 16, most_times = 4;

/* Whether packets were of several sizes, so that they tell a line. */
static int has_slope(const struct hr_link_timing *timing) {
  const double spread = sqrt(timing->variance);
  return spread > 64 && spread > 0.1 * timing->bytes;
}

/* The line's height at 0 bytes and its slope, in seconds. */
static void line(const struct hr_link_timing *timing, double *at_zero, double *slope) {
  /* Where packets were all of about one size, the round trip is what it was before that. If it never was told, all of
     the time belongs to the bytes, so that other sizes are predicted by their share. */
  const double whole = timing->bytes > 0 ? timing->time / timing->bytes : 0;
  const double found = has_slope(timing) ? timing->covariance / timing->variance
                                         : whole > 0 ? (timing->time - timing->round_trip) / timing->bytes : 0;
  /* A link so fast that bytes do not show is told as one where they take a twentieth. */
  *slope = fmin(whole, fmax(found, 0.05 * whole));
  *at_zero = fmax(timing->time - *slope * timing->bytes, 0);
}

void hr_link_timing_note(struct hr_link_timing *timing, size_t byte_count, uint64_t sent_ns, uint64_t answered_ns,
                         uint64_t tail_ns) {
  if (answered_ns <= sent_ns) return;
  const uint64_t whole = answered_ns - sent_ns;
  const uint64_t arrived_ns = answered_ns - (tail_ns < whole ? tail_ns : whole);
  double at_zero = 0, slope = 0, time = (double)(arrived_ns - sent_ns) / 1e9;
  line(timing, &at_zero, &slope);
  if (timing->arrived_ns > sent_ns && arrived_ns > timing->arrived_ns && at_zero > 0)
    time = fmin(time, at_zero + (double)(arrived_ns - timing->arrived_ns) / 1e9);
  if (arrived_ns > timing->arrived_ns) timing->arrived_ns = arrived_ns;
  /* One packet that a busy machine held up does not say much about the link. */
  const double expected = at_zero + slope * (double)byte_count;
  if (timing->weight > 0.2) time = fmin(time, most_times * expected);

  timing->weight += (1 - timing->weight) * fading;
  const double share = fading / timing->weight;
  const double bytes_off = (double)byte_count - timing->bytes, time_off = time - timing->time;
  timing->bytes += share * bytes_off;
  timing->time += share * time_off;
  timing->variance = (1 - share) * (timing->variance + share * bytes_off * bytes_off);
  timing->covariance = (1 - share) * (timing->covariance + share * bytes_off * time_off);
  line(timing, &at_zero, &slope);
  if (has_slope(timing)) timing->round_trip = at_zero;
}

void hr_link_timing_tell(const struct hr_link_timing *timing, float *bytes_per_second, float *round_trip_ms) {
  double at_zero = 0, slope = 0;
  line(timing, &at_zero, &slope);
  *bytes_per_second = slope > 0 ? (float)(1 / slope) : 0;
  *round_trip_ms = (float)(1000 * at_zero);
}
