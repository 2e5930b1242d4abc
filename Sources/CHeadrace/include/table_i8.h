/* table_i8.h - int8 elements looked up sixteen at a time in a table of 256, on 64-bit ARM. */
#ifndef HR_TABLE_I8_H
#define HR_TABLE_I8_H

#include "simd.h"

#if defined(__aarch64__)

/* A table's quarters, in the order of unsigned bytes. */
typedef struct hr_table_i8 {
  int8x16x4_t quarters[4];
} hr_table_i8;

HR_INLINE int8x16_t hr_lookup_i8x16(const hr_table_i8 *table, int8x16_t x) {
  /* What lies in another quarter is too large an index: the first lookup makes it 0, the others keep it. */
  uint8x16_t index = vreinterpretq_u8_s8(x), quarter = vdupq_n_u8(64);
  int8x16_t y = vqtbl4q_s8(table->quarters[0], index);
  index = vsubq_u8(index, quarter);
  y = vqtbx4q_s8(y, table->quarters[1], index);
  index = vsubq_u8(index, quarter);
  y = vqtbx4q_s8(y, table->quarters[2], index);
  return vqtbx4q_s8(y, table->quarters[3], vsubq_u8(index, quarter));
}

/* y[i] = table[x[i]] for as many thirty-twos as there are; table points to the entry of 0. Returns how many
   elements that were. y may be the memory of x. */
HR_INLINE size_t hr_lookup_thirty_twos_i8(const int8_t *x, const int8_t *table, int8_t *y, size_t count) {
  hr_table_i8 t = {{vld1q_s8_x4(table), vld1q_s8_x4(table + 64), vld1q_s8_x4(table - 128), vld1q_s8_x4(table - 64)}};
  size_t done = count & ~(size_t)31;
#pragma clang loop unroll(disable)
  for (const int8_t *end = x + done; x < end; x += 32) {
    int8x16_t first = hr_lookup_i8x16(&t, vld1q_s8(x)), second = hr_lookup_i8x16(&t, vld1q_s8(x + 16));
    vst1q_s8(y, first);
    vst1q_s8(y + 16, second);
    y += 32;
  }
  return done;
}

#endif

#endif /* HR_TABLE_I8_H */
