/* exponential.h - exp and what is made of it, eight float32 at a time, to about three units in the last
   place. A NaN stays one. */
#ifndef HR_EXPONENTIAL_H
#define HR_EXPONENTIAL_H

#include "simd.h"

/* x = n ln 2 + r with whole n and |r| <= ln 2 / 2. */
typedef struct hr_reduced_f32x8 {
  hr_i32x8 n;
  hr_f32x8 expm1_r; /* exp(r) - 1 */
} hr_reduced_f32x8;

/* |x| < 2^20. The sum with 1.5 * 2^23 has n in its last bits. ln 2 is taken off in two parts, of which the
   first times n is exact. Of Taylor's series of exp(r) - 1, the first term left out is r^8 / 8!. */
HR_INLINE hr_reduced_f32x8 hr_reduce_f32x8(hr_f32x8 x) {
  const hr_f32x8 shifter = (hr_f32x8)12582912.0f;
  hr_f32x8 shifted = x * (hr_f32x8)1.44269504f + shifter;
  hr_f32x8 n = shifted - shifter;
  hr_f32x8 r = x - n * (hr_f32x8)0.693359375f;
  r = r + n * (hr_f32x8)2.12194440e-4f;
  hr_f32x8 p = (hr_f32x8)(1.0f / 720) + r * (hr_f32x8)(1.0f / 5040);
  p = (hr_f32x8)(1.0f / 120) + r * p;
  p = (hr_f32x8)(1.0f / 24) + r * p;
  p = (hr_f32x8)(1.0f / 6) + r * p;
  p = (hr_f32x8)0.5f + r * p;
  return (hr_reduced_f32x8){(hr_i32x8)shifted - (hr_i32x8)shifter, r + r * r * p};
}

/* 2^n, -127 < n < 128 */
HR_INLINE hr_f32x8 hr_power_of_two_f32x8(hr_i32x8 n) { return (hr_f32x8)((n + 127) << 23); }

HR_INLINE hr_f32x8 hr_abs_f32x8(hr_f32x8 x) { return (hr_f32x8)((hr_i32x8)x & 0x7fffffff); }

/* `value` with the sign of `sign`; value is not negative. */
HR_INLINE hr_f32x8 hr_with_sign_f32x8(hr_f32x8 value, hr_f32x8 sign) {
  return (hr_f32x8)((hr_i32x8)value | ((hr_i32x8)sign & (int32_t)0x80000000u));
}

HR_INLINE hr_f32x8 hr_exp_f32x8(hr_f32x8 x) {
  hr_reduced_f32x8 e = hr_reduce_f32x8(hr_clamp_f32x8(x, -106.0f, 89.0f));
  /* In two steps, since 2^n may be beyond float32 where the result is not. */
  hr_i32x8 half = e.n >> 1;
  hr_f32x8 scale = hr_power_of_two_f32x8(half);
  return (e.expm1_r * scale + scale) * hr_power_of_two_f32x8(e.n - half);
}

/* Exact where it is -1. */
HR_INLINE hr_f32x8 hr_expm1_f32x8(hr_f32x8 x) {
  hr_reduced_f32x8 e = hr_reduce_f32x8(hr_clamp_f32x8(x, -40.0f, 87.0f));
  hr_f32x8 scale = hr_power_of_two_f32x8(e.n);
  return e.expm1_r * scale + (scale - 1.0f);
}

/* tanh |x| = t / (t + 2) with t = exp(2 |x|) - 1, which cancels nowhere. */
HR_INLINE hr_f32x8 hr_tanh_f32x8(hr_f32x8 x) {
  hr_f32x8 t = hr_expm1_f32x8(hr_lower_f32x8(2.0f * hr_abs_f32x8(x), 40.0f));
  return hr_with_sign_f32x8(t / (t + 2.0f), x);
}

/* 1 / (1 + exp(-x)): exp never overflows and nothing is subtracted. */
HR_INLINE hr_f32x8 hr_sigmoid_f32x8(hr_f32x8 x) {
  hr_f32x8 e = hr_exp_f32x8(-hr_abs_f32x8(x));
  return (x < 0.0f ? e : (hr_f32x8)1.0f) / (1.0f + e);
}

/* x f(x) for an f that is 0 at minus infinity, with the limit 0 there. */
HR_INLINE hr_f32x8 hr_times_vanishing_f32x8(hr_f32x8 x, hr_f32x8 f) {
  return x == -__builtin_inff() ? (hr_f32x8)0.0f : x * f;
}

/* x < 0 ? a (exp(x) - 1) : x */
HR_INLINE hr_f32x8 hr_elu_f32x8(hr_f32x8 x, float a) {
  return x < 0.0f ? (hr_f32x8)a * hr_expm1_f32x8(hr_lower_f32x8(x, 0.0f)) : x;
}

#endif /* HR_EXPONENTIAL_H */
