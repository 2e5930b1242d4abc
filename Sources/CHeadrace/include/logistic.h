/* logistic.h - the constants of the latent's learned prior. */
#ifndef HEADRACE_LOGISTIC_H
#define HEADRACE_LOGISTIC_H

#include <stddef.h>
#include <stdint.h>

#define HR_LOGISTIC_TAIL 386 /* up to i = 384, where it is 0.4, and one more to interpolate to */
extern const uint16_t hr_logistic_tail[HR_LOGISTIC_TAIL];

/* Not the table itself: Swift would see a tuple, and copy it. */
static inline uint16_t hr_logistic(ptrdiff_t index) { return hr_logistic_tail[index]; }

#endif /* HEADRACE_LOGISTIC_H */
