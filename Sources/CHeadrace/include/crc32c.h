/* crc32c.h - CRC-32C by the instruction that x86-64 CPUs with SSE4.2 have: code for all of them asks first. */
#ifndef HR_CRC32C_H
#define HR_CRC32C_H

#if defined(__x86_64__)

#include <stddef.h>
#include <stdint.h>

static inline _Bool hr_has_crc32c(void) {
  uint32_t leaf = 1, ebx, ecx = 0, edx;
  __asm__("cpuid" : "+a"(leaf), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return ecx >> 20 & 1;
}

/* The state behind `count` more bytes, before the final exclusive-or. */
static inline uint32_t hr_update_crc32c(uint32_t state, const void *bytes, size_t count) {
  const uint8_t *x = (const uint8_t *)bytes, *end = x + count;
  uint64_t wide = state;
  for (; end - x >= 8; x += 8) {
    uint64_t word;
    __builtin_memcpy(&word, x, sizeof word);
    __asm__("crc32q %1, %0" : "+r"(wide) : "rm"(word));
  }
  state = (uint32_t)wide;
  for (; x < end; x++) __asm__("crc32b %1, %0" : "+r"(state) : "rm"(*x));
  return state;
}

#endif

#endif /* HR_CRC32C_H */
