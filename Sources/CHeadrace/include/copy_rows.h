/* copy_rows.h - copies of many short rows of bytes. */
#ifndef HR_COPY_ROWS_H
#define HR_COPY_ROWS_H

#include <stddef.h>

#include "simd.h"

/* Sixteen bytes. */
HR_INLINE void hr_copy_16(const void *x, void *y) {
  uint8_t piece[16];
  __builtin_memcpy(piece, x, sizeof piece);
  __builtin_memcpy(y, piece, sizeof piece);
}

/* `rows` rows, at least one, of 17 ... 32 bytes each. */
HR_INLINE void hr_copy_short_rows(const void *x, size_t x_step, void *y, size_t y_step, size_t bytes, size_t rows) {
  /* The last sixteen may overlap the first. */
  const uint8_t *first = (const uint8_t *)x, *last = first + (bytes - 16);
  uint8_t *first_y = (uint8_t *)y, *last_y = first_y + (bytes - 16);
#if defined(__aarch64__)
  __asm__ volatile("1:\n\t"
                   "ld1 {v0.16b}, [%[first]], %[x_step]\n\tld1 {v1.16b}, [%[last]], %[x_step]\n\t"
                   "subs %[rows], %[rows], #1\n\t"
                   "st1 {v0.16b}, [%[first_y]], %[y_step]\n\tst1 {v1.16b}, [%[last_y]], %[y_step]\n\tb.ne 1b"
                   : [first] "+r"(first), [last] "+r"(last), [first_y] "+r"(first_y), [last_y] "+r"(last_y),
                     [rows] "+r"(rows)
                   : [x_step] "r"(x_step), [y_step] "r"(y_step)
                   : "v0", "v1", "cc", "memory");
#else
  while (rows--) {
    uint8_t ends[2][16];
    __builtin_memcpy(ends[0], first, 16);
    __builtin_memcpy(ends[1], last, 16);
    __builtin_memcpy(first_y, ends[0], 16);
    __builtin_memcpy(last_y, ends[1], 16);
    first += x_step;
    last += x_step;
    first_y += y_step;
    last_y += y_step;
  }
#endif
}

/* `rows` rows, at least one, of `pieces` times sixteen bytes. */
#if defined(__aarch64__)

/* Up to 64 bytes of each row are an instruction. */
HR_INLINE void hr_copy_pieces(const void *x, size_t x_step, void *y, size_t y_step, size_t pieces, size_t rows) {
#define HR_COPY(registers)                                                                             \
  __asm__ volatile("1:\n\tld1 {" registers "}, [%[from]], %[x_step]\n\tsubs %[left], %[left], #1\n\t"  \
                   "st1 {" registers "}, [%[to]], %[y_step]\n\tb.ne 1b"                               \
                   : [from] "+r"(from), [to] "+r"(to), [left] "+r"(left)                                \
                   : [x_step] "r"(x_step), [y_step] "r"(y_step)                                         \
                   : "v0", "v1", "v2", "v3", "cc", "memory")
  const uint8_t *first = (const uint8_t *)x;
  uint8_t *first_y = (uint8_t *)y;
#pragma clang loop unroll(disable)
  while (pieces) {
    const uint8_t *from = first;
    uint8_t *to = first_y;
    size_t left = rows, copied = pieces < 4 ? pieces : 4;
    switch (copied) {
    case 1: HR_COPY("v0.16b"); break;
    case 2: HR_COPY("v0.16b, v1.16b"); break;
    case 3: HR_COPY("v0.16b, v1.16b, v2.16b"); break;
    default: HR_COPY("v0.16b, v1.16b, v2.16b, v3.16b");
    }
    first += 64;
    first_y += 64;
    pieces -= copied;
  }
#undef HR_COPY
}

#else

/* Four rows of one piece, or two of two, at a time: what else a loop does would take longer than they. */
HR_INLINE void hr_copy_pieces(const void *x, size_t x_step, void *y, size_t y_step, size_t pieces, size_t rows) {
  const uint8_t *from = (const uint8_t *)x;
  uint8_t *to = (uint8_t *)y;
  if (pieces == 1)
    for (; rows >= 4; rows -= 4, from += 4 * x_step, to += 4 * y_step) {
      hr_copy_16(from, to);
      hr_copy_16(from + x_step, to + y_step);
      hr_copy_16(from + 2 * x_step, to + 2 * y_step);
      hr_copy_16(from + 3 * x_step, to + 3 * y_step);
    }
  else if (pieces == 2)
    for (; rows >= 2; rows -= 2, from += 2 * x_step, to += 2 * y_step) {
      hr_copy_16(from, to);
      hr_copy_16(from + 16, to + 16);
      hr_copy_16(from + x_step, to + y_step);
      hr_copy_16(from + x_step + 16, to + y_step + 16);
    }
  for (; rows; rows--, from += x_step, to += y_step)
    for (size_t piece = 0; piece < pieces; piece++) hr_copy_16(from + 16 * piece, to + 16 * piece);
}

#endif

#if defined(__aarch64__)

/* In two registers that hold four bytes of each row, the first three; each line begins a register later. */
static const uint8_t hr_three_places[3][16] = {{0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20},
                                               {5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25},
                                               {10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30}};

/* Rows of three bytes, `step` > 0 bytes apart, to one behind the other: sixteen at a time. At least one is left,
   because a fourth byte is read of each. Returns how many were copied. */
HR_INLINE size_t hr_copy_threes(const void *x, size_t step, void *y, size_t rows) {
  size_t copied = rows ? (rows - 1) & ~(size_t)15 : 0, left = copied;
  if (!copied) return 0;
#define HR_FOUR_ROWS(v)                                                                                \
  "ld1 {" v ".s}[0], [%[x]], %[step]\n\tld1 {" v ".s}[1], [%[x]], %[step]\n\t"                         \
  "ld1 {" v ".s}[2], [%[x]], %[step]\n\tld1 {" v ".s}[3], [%[x]], %[step]\n\t"
  __asm__ volatile("ld1 {v16.16b, v17.16b, v18.16b}, [%[places]]\n"
                   "1:\n\t" HR_FOUR_ROWS("v0") HR_FOUR_ROWS("v1") HR_FOUR_ROWS("v2") HR_FOUR_ROWS("v3")
                   "tbl v4.16b, {v0.16b, v1.16b}, v16.16b\n\ttbl v5.16b, {v1.16b, v2.16b}, v17.16b\n\t"
                   "tbl v6.16b, {v2.16b, v3.16b}, v18.16b\n\tst1 {v4.16b, v5.16b, v6.16b}, [%[y]], #48\n\t"
                   "subs %[left], %[left], #16\n\tb.ne 1b"
                   : [x] "+r"(x), [y] "+r"(y), [left] "+r"(left)
                   : [step] "r"(step), [places] "r"(hr_three_places)
                   : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v16", "v17", "v18", "cc", "memory");
#undef HR_FOUR_ROWS
  return copied;
}

#endif

#endif /* HR_COPY_ROWS_H */
