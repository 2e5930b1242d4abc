/* wide_sums.h - sums of eight elements at a time in 64 bits each: of float32 in double precision, of integers
   exactly. */
#ifndef HR_WIDE_SUMS_H
#define HR_WIDE_SUMS_H

#include "simd.h"

typedef double hr_f64x8 __attribute__((ext_vector_type(8)));

HR_INLINE hr_f64x8 hr_add_f64x8(hr_f64x8 sums, hr_f32x8 x) { return sums + __builtin_convertvector(x, hr_f64x8); }

/* + the squared distance from the mean, rounded before it is added */
HR_INLINE hr_f64x8 hr_add_squares_f64x8(hr_f64x8 sums, hr_f32x8 x, hr_f64x8 means) {
  hr_f64x8 difference = __builtin_convertvector(x, hr_f64x8) - means;
  hr_f64x8 square = difference * difference;
  return sums + square;
}

HR_INLINE hr_i64x8 hr_add_i64x8(hr_i64x8 sums, hr_i32x8 x) { return sums + __builtin_convertvector(x, hr_i64x8); }
HR_INLINE int64_t hr_total_i64x8(hr_i64x8 sums) { return __builtin_reduce_add(sums); }

#endif /* HR_WIDE_SUMS_H */
