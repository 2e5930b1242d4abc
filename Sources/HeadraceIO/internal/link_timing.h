/* link_timing.h - how fast a link is, as answered packets tell. */
#ifndef HR_IO_LINK_TIMING_H
#define HR_IO_LINK_TIMING_H

#include <stddef.h>
#include <stdint.h>

/* Zero: nothing is known. */
struct hr_link_timing {
  double weight;            /* of what is averaged: near 1 after many packets */
  double bytes, time;       /* means, time in seconds */
  double variance, covariance; /* of bytes; of bytes and time */
  double round_trip;        /* in seconds, when packets last were of several sizes; 0: never */
  uint64_t arrived_ns;      /* when the last packet reached the tail, and a way back later */
  int surprises;            /* packets in a row that took far longer than expected; negative: far shorter */
  int settling;             /* packets until a line is told from sizes again, since the link became another */
};

/* Notes that a packet of so many bytes, sent at sent_ns, was answered at answered_ns by a tail that says it spent
   tail_ns on it. */
void hr_link_timing_note(struct hr_link_timing *timing, size_t byte_count, uint64_t sent_ns, uint64_t answered_ns,
                         uint64_t tail_ns);

/* 0 where it is not known. */
void hr_link_timing_tell(const struct hr_link_timing *timing, float *bytes_per_second, float *round_trip_ms);

#endif /* HR_IO_LINK_TIMING_H */
