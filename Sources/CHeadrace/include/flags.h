/* flags.h - bytes that threads tell one another, in one order for all of them. */
#ifndef HR_FLAGS_H
#define HR_FLAGS_H

#include <stdint.h>

static inline __attribute__((always_inline)) uint8_t hr_flag(const uint8_t *flag) {
  return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}
static inline __attribute__((always_inline)) void hr_set_flag(uint8_t *flag, uint8_t value) {
  __atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

#endif /* HR_FLAGS_H */
