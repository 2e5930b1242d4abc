/* backoff.h - pauses between tries. */
#ifndef HR_IO_BACKOFF_H
#define HR_IO_BACKOFF_H

#include <stdint.h>

struct hr_backoff {
  uint64_t random;  /* not 0 */
  uint32_t most_ms;
  uint32_t failures; /* in a row; the user sets it back to 0 */
};

/* seed 0: of the clock. */
void hr_backoff_init(struct hr_backoff *backoff, uint32_t most_ms, uint32_t seed);

/* Counts one more failure, and how many nanoseconds to pause for it: a tenth of a second at first, then twice as long
   each time up to most_ms, less a part of up to half, drawn at random. */
uint64_t hr_backoff_pause(struct hr_backoff *backoff);

#endif /* HR_IO_BACKOFF_H */
