/* mix.h - eight integers between others, as HRM_RESIZE computes them. Weights are Q14, of the second. */
#ifndef HR_MIX_H
#define HR_MIX_H

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

#endif /* HR_MIX_H */
