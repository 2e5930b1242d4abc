/* binary_i16.h - HRM_BINARY of int16 on 64-bit ARM: sums, differences and products. */
#ifndef HR_BINARY_I16_H
#define HR_BINARY_I16_H

#include "hrm.h"
#include "kernels_pointwise.h"
#include "simd.h"

#if defined(__aarch64__)

/* floor(x * multiplier / 2^shift + 1/2) for shifts of 32 and more. */
typedef struct hr_factor_i16 {
  int32x4_t multiplier;
  int32x4_t left; /* of the product's upper half */
} hr_factor_i16;

HR_INLINE hr_factor_i16 hr_make_factor_i16(int32_t multiplier, int32_t shift) {
  return (hr_factor_i16){vdupq_n_s32(multiplier), vdupq_n_s32(31 - shift)};
}
HR_INLINE int32x4_t hr_scale_i16(int32x4_t x, const hr_factor_i16 *factor) {
  return vrshlq_s32(vqdmulhq_s32(x, factor->multiplier), factor->left);
}

typedef struct hr_binary_i16 {
  hr_factor_i16 a, b, y;
  int16x8_t low, high;
} hr_binary_i16;

/* Elements are multiplied by 2^16, more than left_shift asks for, and the product shifted as much further. */
HR_INLINE _Bool hr_make_binary_i16(hr_binary_i16 *binary, const hrm_binary *p) {
  const int32_t more = 16 - p->left_shift;
  binary->a = hr_make_factor_i16(p->multiplier_a, p->shift_a + more);
  binary->b = hr_make_factor_i16(p->multiplier_b, p->shift_b + more);
  binary->y = hr_make_factor_i16(p->multiplier, p->shift);
  binary->low = vdupq_n_s16((int16_t)p->clamp_min);
  binary->high = vdupq_n_s16((int16_t)p->clamp_max);
  return p->shift >= 32 && (p->function == HRM_MUL || (p->shift_a + more >= 32 && p->shift_b + more >= 32));
}

HR_INLINE int16x8_t hr_combine_i16(const int function, const hr_binary_i16 *binary, int16x8_t a, int16x8_t b) {
  int32x4_t low, high;
  if (function == HRM_MUL) {
    low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
    high = vmull_high_s16(a, b);
  } else {
    const int16x8_t zeros = vdupq_n_s16(0);
    const int32x4_t a0 = hr_scale_i16(vreinterpretq_s32_s16(vzip1q_s16(zeros, a)), &binary->a);
    const int32x4_t a1 = hr_scale_i16(vreinterpretq_s32_s16(vzip2q_s16(zeros, a)), &binary->a);
    const int32x4_t b0 = hr_scale_i16(vreinterpretq_s32_s16(vzip1q_s16(zeros, b)), &binary->b);
    const int32x4_t b1 = hr_scale_i16(vreinterpretq_s32_s16(vzip2q_s16(zeros, b)), &binary->b);
    low = function == HRM_ADD ? vqaddq_s32(a0, b0) : vqsubq_s32(a0, b0);
    high = function == HRM_ADD ? vqaddq_s32(a1, b1) : vqsubq_s32(a1, b1);
  }
  const int16x8_t y =
      vqmovn_high_s32(vqmovn_s32(hr_scale_i16(low, &binary->y)), hr_scale_i16(high, &binary->y));
  return vminq_s16(vmaxq_s16(y, binary->low), binary->high);
}

HR_INLINE void hr_combine_row_i16(const int function, const hr_binary_i16 *binary, const int16_t *a, size_t a_step,
                                  const int16_t *b, size_t b_step, int16_t *y, size_t count) {
  const int16x8_t one_a = vdupq_n_s16(*a), one_b = vdupq_n_s16(*b);
#pragma clang loop unroll(disable)
  for (; count >= 8; count -= 8) {
    vst1q_s16(y, hr_combine_i16(function, binary, a_step ? vld1q_s16(a) : one_a, b_step ? vld1q_s16(b) : one_b));
    a += 8 * a_step;
    b += 8 * b_step;
    y += 8;
  }
  /* The rest one by one. */
#pragma clang loop unroll(disable)
  for (; count; count--) {
    vst1q_lane_s16(y, hr_combine_i16(function, binary, vld1q_dup_s16(a), vld1q_dup_s16(b)), 0);
    a += a_step;
    b += b_step;
    y++;
  }
}

/* Products of three channels with a factor for each pixel, eight pixels at a time. Returns the rows that were done. */
HR_INLINE size_t hr_multiply_threes_i16(const hr_binary_i16 *binary, const int16_t *a, const int16_t *b, int16_t *y,
                                        size_t rows) {
  static const uint8_t places[3][16] = {{0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 4, 5, 4, 5},
                                        {4, 5, 6, 7, 6, 7, 6, 7, 8, 9, 8, 9, 8, 9, 10, 11},
                                        {10, 11, 10, 11, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15}};
  size_t row = 0;
  for (; row + 8 <= rows; row += 8, a += 8) {
    const int8x16_t factors = vreinterpretq_s8_s16(vld1q_s16(a));
    for (int part = 0; part < 3; part++, b += 8, y += 8) {
      const int16x8_t each = vreinterpretq_s16_s8(vqtbl1q_s8(factors, vld1q_u8(places[part])));
      vst1q_s16(y, hr_combine_i16(HRM_MUL, binary, each, vld1q_s16(b)));
    }
  }
  return row;
}

HR_INLINE void hr_combine_rows_i16(const int function, const hr_binary_i16 *binary, const hr_binary_args *args) {
  const int16_t *a = (const int16_t *)args->a, *b = (const int16_t *)args->b;
  int16_t *y = (int16_t *)args->y;
  size_t row = 0;
  if (function == HRM_MUL && args->count == 3 && !args->a_step && args->a_row == 1 && args->b_step == 1 &&
      args->b_row == 3)
    row = hr_multiply_threes_i16(binary, a, b, y, args->rows);
  for (a += row * args->a_row, b += row * args->b_row, y += row * args->count; row < args->rows; row++) {
    hr_combine_row_i16(function, binary, a, args->a_step, b, args->b_step, y, args->count);
    a += args->a_row;
    b += args->b_row;
    y += args->count;
  }
}

/* False if it does nothing: for other functions, and factors that nobody needs. Zero points are 0. */
HR_INLINE _Bool hr_combine_all_i16(const hr_binary_args *args) {
  hr_binary_i16 binary;
  if (!args->count || !hr_make_binary_i16(&binary, &args->parameters)) return 0;
  switch (args->parameters.function) {
  case HRM_ADD: hr_combine_rows_i16(HRM_ADD, &binary, args); return 1;
  case HRM_SUB: hr_combine_rows_i16(HRM_SUB, &binary, args); return 1;
  case HRM_MUL: hr_combine_rows_i16(HRM_MUL, &binary, args); return 1;
  default: return 0;
  }
}

#endif

#endif /* HR_BINARY_I16_H */
