/* binary_i8.h - sums and products of sixteen int8 elements of each of two tensors, on 64-bit ARM. */
#ifndef HR_BINARY_I8_H
#define HR_BINARY_I8_H

#include "simd.h"

#if defined(__aarch64__)

/* How two tensors become one. With a' = a - zero_a and b' = b - zero_b, rounded as in kernels:
   sums: (a' 2^(16 + left_a) multiplier_a / 2^31 +- the same of b) multiplier / 2^(31 - right);
   products: a' b' multiplier / 2^(31 - right); each + zero_y, clamped. right is negative, -31 or more. */
typedef struct hr_pair_scales_i8 {
  int8_t zero_a, zero_b;
  int16_t left_a, left_b; /* 0 ... 6 */
  int32_t multiplier_a, multiplier_b, multiplier, right;
  int32_t zero_y, clamp_min, clamp_max;
} hr_pair_scales_i8;

/* v - zero */
HR_INLINE int16x8_t hr_centre_low_i8(hr_i8x16 v, int8_t zero) {
  return vsubl_s8(vget_low_s8((int8x16_t)v), vdup_n_s8(zero));
}
HR_INLINE int16x8_t hr_centre_high_i8(hr_i8x16 v, int8_t zero) {
  return vsubl_high_s8((int8x16_t)v, vdupq_n_s8(zero));
}

/* floor(v 2^(16 + left) multiplier / 2^31 + 1/2), one operation. */
HR_INLINE hr_i32x8 hr_scale_operand_i16x8(int16x8_t v, int16_t left, int32_t multiplier) {
  int16x8_t shifted = vshlq_s16(v, vdupq_n_s16(left));
  int32x4_t m = vdupq_n_s32(multiplier);
  int32x4_t low = vqrdmulhq_s32(vshll_n_s16(vget_low_s16(shifted), 16), m);
  int32x4_t high = vqrdmulhq_s32(vshll_high_n_s16(shifted, 16), m);
  return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
}

/* floor(v multiplier / 2^(31 - right) + 1/2) of both, narrowed. */
HR_INLINE hr_i8x16 hr_finish_pair_i8(hr_i32x8 low, hr_i32x8 high, hr_pair_scales_i8 s) {
  hr_i32x8 multiplier = (hr_i32x8)s.multiplier, shift = (hr_i32x8)(31 - s.right);
  return hr_narrow_clamped_i8x16(hr_requantize_small_i32x8(low, multiplier, shift),
                                 hr_requantize_small_i32x8(high, multiplier, shift), s.zero_y, s.clamp_min,
                                 s.clamp_max);
}

HR_INLINE hr_i8x16 hr_add_i8x16(hr_i8x16 a, hr_i8x16 b, hr_pair_scales_i8 s) {
  hr_i32x8 low = hr_scale_operand_i16x8(hr_centre_low_i8(a, s.zero_a), s.left_a, s.multiplier_a) +
                 hr_scale_operand_i16x8(hr_centre_low_i8(b, s.zero_b), s.left_b, s.multiplier_b);
  hr_i32x8 high = hr_scale_operand_i16x8(hr_centre_high_i8(a, s.zero_a), s.left_a, s.multiplier_a) +
                  hr_scale_operand_i16x8(hr_centre_high_i8(b, s.zero_b), s.left_b, s.multiplier_b);
  return hr_finish_pair_i8(low, high, s);
}

HR_INLINE hr_i8x16 hr_subtract_i8x16(hr_i8x16 a, hr_i8x16 b, hr_pair_scales_i8 s) {
  hr_i32x8 low = hr_scale_operand_i16x8(hr_centre_low_i8(a, s.zero_a), s.left_a, s.multiplier_a) -
                 hr_scale_operand_i16x8(hr_centre_low_i8(b, s.zero_b), s.left_b, s.multiplier_b);
  hr_i32x8 high = hr_scale_operand_i16x8(hr_centre_high_i8(a, s.zero_a), s.left_a, s.multiplier_a) -
                  hr_scale_operand_i16x8(hr_centre_high_i8(b, s.zero_b), s.left_b, s.multiplier_b);
  return hr_finish_pair_i8(low, high, s);
}

HR_INLINE hr_i8x16 hr_multiply_i8x16(hr_i8x16 a, hr_i8x16 b, hr_pair_scales_i8 s) {
  int16x8_t a0 = hr_centre_low_i8(a, s.zero_a), a1 = hr_centre_high_i8(a, s.zero_a);
  int16x8_t b0 = hr_centre_low_i8(b, s.zero_b), b1 = hr_centre_high_i8(b, s.zero_b);
  hr_i32x4 p0 = (hr_i32x4)vmull_s16(vget_low_s16(a0), vget_low_s16(b0));
  hr_i32x4 p1 = (hr_i32x4)vmull_high_s16(a0, b0);
  hr_i32x4 p2 = (hr_i32x4)vmull_s16(vget_low_s16(a1), vget_low_s16(b1));
  hr_i32x4 p3 = (hr_i32x4)vmull_high_s16(a1, b1);
  return hr_finish_pair_i8(HR_JOIN8(p0, p1), HR_JOIN8(p2, p3), s);
}

/* floor((v - zero) 2^16 multiplier / 2^(31 - right) + 1/2) + zero_y, saturated. */
HR_INLINE hr_i8x16 hr_rescale_i8x16(hr_i8x16 v, int8_t zero, int32_t multiplier, int32_t right, int32_t zero_y) {
  int16x8_t a = hr_centre_low_i8(v, zero), b = hr_centre_high_i8(v, zero);
  hr_pair_scales_i8 s = {0};
  s.multiplier = multiplier;
  s.right = right;
  s.zero_y = zero_y;
  s.clamp_min = INT8_MIN;
  s.clamp_max = INT8_MAX;
  return hr_finish_pair_i8(
      HR_JOIN8((hr_i32x4)vshll_n_s16(vget_low_s16(a), 16), (hr_i32x4)vshll_high_n_s16(a, 16)),
      HR_JOIN8((hr_i32x4)vshll_n_s16(vget_low_s16(b), 16), (hr_i32x4)vshll_high_n_s16(b, 16)), s);
}

#endif

#endif /* HR_BINARY_I8_H */
