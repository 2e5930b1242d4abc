/* int16.h - eight lanes of arithmetic on int16 activations: sums of up to 47 bits, factors of 15. */
#ifndef HR_INT16_H
#define HR_INT16_H

#include "simd.h"

/* a + b and a - b, saturated to 32 bits. */
HR_INLINE hr_i32x8 hr_add_saturated_i32x8(hr_i32x8 a, hr_i32x8 b) {
#if defined(__ARM_NEON)
  return HR_JOIN8((hr_i32x4)vqaddq_s32((int32x4_t)HR_LOW4(a), (int32x4_t)HR_LOW4(b)),
                  (hr_i32x4)vqaddq_s32((int32x4_t)HR_HIGH4(a), (int32x4_t)HR_HIGH4(b)));
#else
  return __builtin_elementwise_add_sat(a, b);
#endif
}
HR_INLINE hr_i32x8 hr_subtract_saturated_i32x8(hr_i32x8 a, hr_i32x8 b) {
#if defined(__ARM_NEON)
  return HR_JOIN8((hr_i32x4)vqsubq_s32((int32x4_t)HR_LOW4(a), (int32x4_t)HR_LOW4(b)),
                  (hr_i32x4)vqsubq_s32((int32x4_t)HR_HIGH4(a), (int32x4_t)HR_HIGH4(b)));
#else
  return __builtin_elementwise_sub_sat(a, b);
#endif
}

/* Whether every lane is above -2^31 and below 2^31 - 1; `narrow` becomes the lanes then. */
HR_INLINE _Bool hr_fits_i32x8(hr_i64x8 v, hr_i32x8 *narrow) {
#if defined(__aarch64__)
  typedef int64_t pair __attribute__((ext_vector_type(2)));
  const pair p0 = __builtin_shufflevector(v, v, 0, 1), p1 = __builtin_shufflevector(v, v, 2, 3);
  const pair p2 = __builtin_shufflevector(v, v, 4, 5), p3 = __builtin_shufflevector(v, v, 6, 7);
  const int32x4_t low = vqmovn_high_s64(vqmovn_s64((int64x2_t)p0), (int64x2_t)p1);
  const int32x4_t high = vqmovn_high_s64(vqmovn_s64((int64x2_t)p2), (int64x2_t)p3);
  *narrow = HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
  /* What does not fit has become the greatest magnitude. */
  return vmaxvq_s32(vmaxq_s32(vqabsq_s32(low), vqabsq_s32(high))) != INT32_MAX;
#else
  *narrow = __builtin_convertvector(v, hr_i32x8);
  const hr_i64x8 excess = (v + INT32_MAX) & ~(hr_i64x8)UINT32_MAX;
  return __builtin_reduce_or(excess) == 0;
#endif
}

/* Whether that is so of whatever lies within `most` of every lane. */
HR_INLINE _Bool hr_fits_within_i32x8(hr_i64x8 v, int64_t most) {
  hr_i32x8 narrow;
  return hr_fits_i32x8(v + most, &narrow) && hr_fits_i32x8(v - most, &narrow);
}

/* floor(acc * multiplier / 2^shift + 1/2) saturated to 32 bits, lane by lane; |acc| below 2^47, multiplier
   below 2^15, shift 1 ... 47. */
HR_INLINE hr_i32x8 hr_requantize_i64x8(hr_i64x8 acc, hr_i32x8 multiplier, hr_i32x8 shift) {
  hr_i32x8 narrow, scaled;
  if (hr_fits_i32x8(acc, &narrow)) {
    /* The same factor with 31 bits: below 1/2 where the shift is 16 or more. */
    const hr_i32x8 wide = multiplier << 16, far = shift + 16;
    return __builtin_reduce_min(far) >= 32 ? hr_requantize_small_i32x8(narrow, wide, far)
                                           : hr_requantize_i32x8(narrow, wide, far);
  }
#pragma clang loop unroll(disable)
  for (int lane = 0; lane < 8; lane++) {
    /* floor((floor(a / 2^(t-1)) + 1) / 2) is floor(a / 2^t + 1/2). */
    int64_t value = ((acc[lane] * multiplier[lane] >> (shift[lane] - 1)) + 1) >> 1;
    value = value < INT32_MIN ? INT32_MIN : value;
    scaled[lane] = (int32_t)(value > INT32_MAX ? INT32_MAX : value);
  }
  return scaled;
}

#endif /* HR_INT16_H */
