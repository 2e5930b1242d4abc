/* backoff.c - pauses between tries. Many boards that lost the same tail do not all come back at once. */
#include "internal/backoff.h"

#include <unistd.h>

#include "headrace_io.h"

enum { FIRST_MS = 100, MOST_DOUBLINGS = 20 };

void hr_backoff_init(struct hr_backoff *backoff, uint32_t most_ms, uint32_t seed) {
  backoff->random = seed ? seed : hr_clock_monotonic(NULL) ^ (uint64_t)getpid() << 32;
  if (backoff->random == 0) backoff->random = 1;
  backoff->most_ms = most_ms;
  backoff->failures = 0;
}

/* A generator of Marsaglia's (xorshift64): spreading pauses takes no better one. */
static uint64_t draw(struct hr_backoff *backoff) {
  uint64_t x = backoff->random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return backoff->random = x;
}

uint64_t hr_backoff_pause(struct hr_backoff *backoff) {
  const uint32_t doublings = backoff->failures < MOST_DOUBLINGS ? backoff->failures : MOST_DOUBLINGS;
  uint64_t ms = (uint64_t)FIRST_MS << doublings;
  if (ms > backoff->most_ms) ms = backoff->most_ms;
  backoff->failures++;
  const uint64_t pause = ms * 1000000;
  return pause - draw(backoff) % (pause / 2 + 1);
}
