/* mix.h - eight integers between others, as HRM_RESIZE computes them. Weights are Q14, of the second. */
#ifndef HR_MIX_H
#define HR_MIX_H

#include <stddef.h>

#include "simd.h"

/* In Q14: below 2^29, for int8 and int16. */
HR_INLINE hr_i32x8 hr_mix_i16x8(hr_i16x8 a, hr_i16x8 b, int32_t weight) {
  hr_i16x8 first = (hr_i16x8)(int16_t)(16384 - weight), second = (hr_i16x8)(int16_t)weight;
  return __builtin_convertvector(a, hr_i32x8) * __builtin_convertvector(first, hr_i32x8) +
         __builtin_convertvector(b, hr_i32x8) * __builtin_convertvector(second, hr_i32x8);
}

/* Of two that are in Q14 themselves, rounded to whole numbers. */
HR_INLINE hr_i32x8 hr_mix_rows_i32x8(hr_i32x8 a, hr_i32x8 b, int32_t weight) {
  hr_i32x8 first = (hr_i32x8)(16384 - weight), second = (hr_i32x8)weight;
  hr_i64x8 sum = __builtin_convertvector(a, hr_i64x8) * __builtin_convertvector(first, hr_i64x8) +
                 __builtin_convertvector(b, hr_i64x8) * __builtin_convertvector(second, hr_i64x8);
  return __builtin_convertvector((sum + (1 << 27)) >> 28, hr_i32x8);
}

/* The same of four in two rows where both weights are multiples of 128, as they are wherever sizes double: all fits
   32 bits. */
HR_INLINE hr_i32x8 hr_mix_coarsely_i16x8(hr_i16x8 a0, hr_i16x8 b0, hr_i16x8 a1, hr_i16x8 b1, int32_t column,
                                         int32_t row) {
  hr_i32x8 first = (hr_i32x8)(128 - (row >> 7)), second = (hr_i32x8)(row >> 7);
  hr_i16x8 left = (hr_i16x8)(int16_t)(128 - (column >> 7)), right = (hr_i16x8)(int16_t)(column >> 7);
  hr_i32x8 wide_left = __builtin_convertvector(left, hr_i32x8), wide_right = __builtin_convertvector(right, hr_i32x8);
  hr_i32x8 top = __builtin_convertvector(a0, hr_i32x8) * wide_left + __builtin_convertvector(b0, hr_i32x8) * wide_right;
  hr_i32x8 bottom =
      __builtin_convertvector(a1, hr_i32x8) * wide_left + __builtin_convertvector(b1, hr_i32x8) * wide_right;
  return (top * first + bottom * second + (1 << 13)) >> 14;
}

/* A pixel of three channels, and a fourth that is nothing in particular. */
HR_INLINE hr_i16x4 hr_load_three_i16(const int16_t *x) {
#if defined(__aarch64__)
  int16x4_t v = vreinterpret_s16_s32(vld1_dup_s32((const void *)x));
  return (hr_i16x4)vld1_lane_s16(x + 2, v, 2);
#else
  hr_i16x4 v = {0};
  __builtin_memcpy(&v, x, 4);
  v[2] = x[2];
  return v;
#endif
}
HR_INLINE void hr_store_three_i16(int16_t *y, hr_i16x4 v) {
#if defined(__aarch64__)
  vst1_lane_s32((void *)y, vreinterpret_s32_s16((int16x4_t)v), 0);
  vst1_lane_s16(y + 2, (int16x4_t)v, 2);
#else
  __builtin_memcpy(y, &v, 4);
  y[2] = v[2];
#endif
}

/* What lies between two rows, in 128ths. */
HR_INLINE hr_i32x4 hr_mix_rows_of_three_i16(const int16_t *x0, const int16_t *x1, int32_t row) {
  hr_i16x4 first = (hr_i16x4)(int16_t)(128 - (row >> 7)), second = (hr_i16x4)(int16_t)(row >> 7);
  return __builtin_convertvector(hr_load_three_i16(x0), hr_i32x4) * __builtin_convertvector(first, hr_i32x4) +
         __builtin_convertvector(hr_load_three_i16(x1), hr_i32x4) * __builtin_convertvector(second, hr_i32x4);
}
HR_INLINE void hr_mix_columns_of_three_i16(hr_i32x4 a, hr_i32x4 b, int32_t column, int16_t *y) {
  hr_i32x4 right = (hr_i32x4)column >> 7, left = 128 - right;
  hr_store_three_i16(y, __builtin_convertvector((a * left + b * right + (1 << 13)) >> 14, hr_i16x4));
}

/* Pixels of three channels as long as their weights are such; returns how many. Neighbours often lie between the same
   columns. */
HR_INLINE size_t hr_resize_threes_i16(const int16_t *row0, const int16_t *row1, int32_t row, const int32_t *columns,
                                      size_t width, int16_t *y) {
  size_t pixel = 0;
  while (pixel < width && !(columns[2] & 127)) {
    const int32_t left = columns[0], right = columns[1];
    const hr_i32x4 a = hr_mix_rows_of_three_i16(row0 + 3 * (size_t)left, row1 + 3 * (size_t)left, row);
    const hr_i32x4 b = hr_mix_rows_of_three_i16(row0 + 3 * (size_t)right, row1 + 3 * (size_t)right, row);
#pragma clang loop unroll(disable)
    do {
      hr_mix_columns_of_three_i16(a, b, columns[2], y);
      columns += 3;
      y += 3;
      pixel++;
    } while (pixel < width && columns[0] == left && columns[1] == right && !(columns[2] & 127));
  }
  return pixel;
}

#endif /* HR_MIX_H */
