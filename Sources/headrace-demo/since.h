/* since.h - how long the steps of a job take. */
#ifndef DEMO_SINCE_H
#define DEMO_SINCE_H

#include "headrace.h"
#include "headrace_io.h"

/* Milliseconds since a time of CLOCK_MONOTONIC in ns, which becomes now. */
static inline double since(uint64_t *start) {
  const uint64_t now = hr_clock_monotonic(NULL);
  const double milliseconds = (double)(now - *start) / 1e6;
  *start = now;
  return milliseconds;
}

#endif /* DEMO_SINCE_H */
