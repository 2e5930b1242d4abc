/* table_i8.h - sixteen int8 elements looked up at once in a table of 256, on 64-bit ARM. */
#ifndef HR_TABLE_I8_H
#define HR_TABLE_I8_H

#include "simd.h"

#if defined(__aarch64__)

/* y[i] = table[x[i]] for as many sixteens as there are; table points to the entry of 0. Returns how many
   elements that were. y may be the memory of x. */
HR_INLINE size_t hr_lookup_sixteens_i8(const int8_t *x, const int8_t *table, int8_t *y, size_t count) {
  /* A quarter of the table each, in the order of unsigned bytes. */
  int8x16x4_t first = vld1q_s8_x4(table), second = vld1q_s8_x4(table + 64);
  int8x16x4_t third = vld1q_s8_x4(table - 128), fourth = vld1q_s8_x4(table - 64);
  uint8x16_t quarter = vdupq_n_u8(64);
  size_t i = 0;
#pragma clang loop unroll(disable)
  for (; i + 16 <= count; i += 16) {
    /* What lies in another quarter is too large an index; those stay as they are. */
    uint8x16_t index = vreinterpretq_u8_s8(vld1q_s8(x + i));
    int8x16_t entries = vqtbl4q_s8(first, index);
    index = vsubq_u8(index, quarter);
    entries = vqtbx4q_s8(entries, second, index);
    index = vsubq_u8(index, quarter);
    entries = vqtbx4q_s8(entries, third, index);
    index = vsubq_u8(index, quarter);
    vst1q_s8(y + i, vqtbx4q_s8(entries, fourth, index));
  }
  return i;
}

#endif

#endif /* HR_TABLE_I8_H */
