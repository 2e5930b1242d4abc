/* timing.c - how fast a link is.

   A packet of b bytes takes  t = round trip + b / throughput  with the tail's own time left out, so both come out of a
   straight line through the (b, t) of answered packets: least squares, with weights that fade by 1/16 a packet.

   A packet that had to wait for the one before it on the way takes longer than its line says. Where the link is free
   again when that one has arrived, it took at most a round trip more than the time between both arrivals: the smaller
   of the two is taken. A tail may say that it spent any time, but not more than there was.

   One packet that a busy machine held up does not say much about the link; two in a row say that it has become another.
   Then only the round trip is kept of what was known: a link that is suddenly slow takes longer by its bytes. */
#include "internal/link_timing.h"

#include <math.h>

static const double fading = 1.0 / 16, most_times = 4;
/* Seconds, and the share of the round trip, by which times may differ for other reasons than throughput. */
static const double least_surprise = 0.01, jitter = 0.25;
enum { SURPRISES = 2, SETTLING = 8 };

/* Whether enough packets were of several sizes, by this share, so that they tell a line. */
static int has_spread(const struct hr_link_timing *timing, double share) {
  const double spread = sqrt(timing->variance);
  return spread > 64 && spread > share * timing->bytes && timing->settling == 0;
}
static int has_slope(const struct hr_link_timing *timing) { return has_spread(timing, 0.1); }

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

/* Whether a packet took as long as the link would let expect: 1 far longer, -1 far shorter. */
static int surprise(double at_zero, double on_wire, double time) {
  const double off = time - (at_zero + on_wire), usual = fmax(least_surprise, jitter * at_zero);
  if (off > fmax(on_wire, usual)) return 1;
  return -off > fmax(0.5 * on_wire, usual) ? -1 : 0;
}

/* Whether the link has become another by now. */
static int note_surprise(struct hr_link_timing *timing, int sign) {
  if (sign == 0 || sign * timing->surprises < 0) timing->surprises = 0;
  timing->surprises += sign;
  return timing->surprises * sign >= SURPRISES;
}

/* All that is known is one packet, as long as there are not four. */
static void begin_anew(struct hr_link_timing *timing, size_t byte_count, double time) {
  timing->weight = 4 * fading;
  timing->bytes = (double)byte_count;
  timing->time = time;
  timing->variance = timing->covariance = 0;
  timing->round_trip = fmin(timing->round_trip, time);
  timing->surprises = 0;
  timing->settling = SETTLING;
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
  const double on_wire = slope * (double)byte_count;
  int sign = 0;
  if (timing->weight > 0.2) {
    sign = surprise(at_zero, on_wire, time);
    if (note_surprise(timing, sign)) {
      begin_anew(timing, byte_count, time);
      return;
    }
    time = fmin(time, most_times * (at_zero + on_wire));
  }

  if (timing->settling > 0) timing->settling--;
  timing->weight += (1 - timing->weight) * fading;
  const double share = fading / timing->weight;
  const double bytes_off = (double)byte_count - timing->bytes, time_off = time - timing->time;
  timing->bytes += share * bytes_off;
  timing->time += share * time_off;
  timing->variance = (1 - share) * (timing->variance + share * bytes_off * bytes_off);
  timing->covariance = (1 - share) * (timing->covariance + share * bytes_off * time_off);
  line(timing, &at_zero, &slope);
  /* What is kept for later is to be told well. */
  if (has_spread(timing, 0.25) && sign == 0) timing->round_trip = at_zero;
}

void hr_link_timing_tell(const struct hr_link_timing *timing, float *bytes_per_second, float *round_trip_ms) {
  double at_zero = 0, slope = 0;
  line(timing, &at_zero, &slope);
  *bytes_per_second = slope > 0 ? (float)(1 / slope) : 0;
  *round_trip_ms = (float)(1000 * at_zero);
}
