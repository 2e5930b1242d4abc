/* matrix_product_i8.h - what products of two int8 activations do with vectors: order elements of columns of b as
   weights lie, four of each of eight columns, and subtract the zero point. */
#ifndef HR_MATRIX_PRODUCT_I8_H
#define HR_MATRIX_PRODUCT_I8_H

#include <stddef.h>

#include "simd.h"

typedef int8_t hr_quads_i8x32 __attribute__((ext_vector_type(32)));

/* Copies four elements of each of eight columns, whose elements follow one another. */
HR_INLINE void hr_copy_quads_i8(const int8_t *from, ptrdiff_t column_step, int8_t *quads) {
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 8; lane++, from += column_step) __builtin_memcpy(quads + 4 * lane, from, 4);
}

/* The same of columns that lie side by side. */
HR_INLINE void hr_interleave_rows_i8(const int8_t *from, ptrdiff_t step, int8_t *quads) {
  hr_i8x8 r[4];
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++, from += step) __builtin_memcpy(&r[i], from, 8);
#if defined(__ARM_NEON)
  const int8x8x4_t rows = {{(int8x8_t)r[0], (int8x8_t)r[1], (int8x8_t)r[2], (int8x8_t)r[3]}};
  vst4_s8(quads, rows);
#else
  hr_i8x16 low = __builtin_shufflevector(r[0], r[1], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  hr_i8x16 high = __builtin_shufflevector(r[2], r[3], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  hr_quads_i8x32 all = __builtin_shufflevector(low, high, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23, 8, 9,
                                               24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
  __builtin_memcpy(quads, &all, 32);
#endif
}

/* Makes weights, -127 ... 127, of elements of b less their zero point, -255 ... 255. What one cannot hold goes to
   another, `bytes` behind, for the same input, and what that cannot to a third. Returns how many each element has. */
HR_INLINE uint32_t hr_subtract_zero_i8(int8_t *w, size_t bytes, int32_t zero_point) {
  const hr_i8x16 zero = (hr_i8x16)(int8_t)zero_point;
  for (uint32_t weights = 1;; weights++, w += bytes) {
    hr_i8x16 left = 0;
    /* 255 is 127 + 127 + 1: a third leaves nothing. */
    int8_t *further = weights < 3 ? w + bytes : w;
    size_t i = 0;
    do {
      hr_i8x16 b;
      __builtin_memcpy(&b, w + i, 16);
      const hr_i8x16 weight = __builtin_elementwise_max(__builtin_elementwise_sub_sat(b, zero), (hr_i8x16)-127);
      const hr_i8x16 rest = b - weight;
      left |= rest ^ zero;
      __builtin_memcpy(further + i, &rest, 16);
      __builtin_memcpy(w + i, &weight, 16);
      i += 16;
    } while (i < bytes);
    uint64_t bits[2];
    __builtin_memcpy(bits, &left, 16);
    if (!(bits[0] | bits[1])) return weights;
  }
}

#endif /* HR_MATRIX_PRODUCT_I8_H */
