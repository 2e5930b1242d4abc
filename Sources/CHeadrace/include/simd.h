/* simd.h - vector operations for kernels that the Swift compiler would not turn into the instructions
   meant. The ext_vector_type types are Swift's SIMD types; everything inlines. */
#ifndef HR_SIMD_H
#define HR_SIMD_H

#include <stdint.h>

#if defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#define HR_INLINE static inline __attribute__((always_inline))

typedef int8_t hr_i8x8 __attribute__((ext_vector_type(8)));
typedef int16_t hr_i16x4 __attribute__((ext_vector_type(4)));
typedef int16_t hr_i16x8 __attribute__((ext_vector_type(8)));
typedef int32_t hr_i32x4 __attribute__((ext_vector_type(4)));
typedef int32_t hr_i32x8 __attribute__((ext_vector_type(8)));
typedef int64_t hr_i64x8 __attribute__((ext_vector_type(8)));
typedef float hr_f32x8 __attribute__((ext_vector_type(8)));

#define HR_LOW4(v) __builtin_shufflevector(v, v, 0, 1, 2, 3)
#define HR_HIGH4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7)
#define HR_JOIN8(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)

HR_INLINE hr_i16x8 hr_widen_i8x8(hr_i8x8 v) { return __builtin_convertvector(v, hr_i16x8); }
HR_INLINE hr_i32x8 hr_widen_i16x8(hr_i16x8 v) { return __builtin_convertvector(v, hr_i32x8); }
HR_INLINE hr_i8x8 hr_narrow_to_i8x8(hr_i32x8 v) { return __builtin_convertvector(v, hr_i8x8); }
HR_INLINE hr_i16x8 hr_narrow_to_i16x8(hr_i32x8 v) { return __builtin_convertvector(v, hr_i16x8); }

HR_INLINE hr_i32x8 hr_clamp_i32x8(hr_i32x8 v, int32_t low, int32_t high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(v, (hr_i32x8)low), (hr_i32x8)high);
}
HR_INLINE hr_f32x8 hr_clamp_f32x8(hr_f32x8 v, float low, float high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(v, (hr_f32x8)low), (hr_f32x8)high);
}
HR_INLINE hr_i8x8 hr_max_i8x8(hr_i8x8 a, hr_i8x8 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_i16x8 hr_max_i16x8(hr_i16x8 a, hr_i16x8 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_f32x8 hr_max_f32x8(hr_f32x8 a, hr_f32x8 b) { return __builtin_elementwise_max(a, b); }

/* acc + x * w; one rounding where the CPU has a fused multiply-add. */
HR_INLINE hr_f32x8 hr_mac_f32x8(hr_f32x8 acc, hr_f32x8 w, float x) { return acc + w * (hr_f32x8)x; }
HR_INLINE hr_f32x8 hr_mac_lanes_f32x8(hr_f32x8 acc, hr_f32x8 w, hr_f32x8 x) { return acc + w * x; }

/* acc + x * w for eight products of 16-bit factors. */
HR_INLINE hr_i32x8 hr_mac_lanes_i16x8(hr_i32x8 acc, hr_i16x8 w, hr_i16x8 x) {
#if defined(__SSE2__)
  __m128i zero = _mm_setzero_si128();
  hr_i32x4 low = HR_LOW4(acc), high = HR_HIGH4(acc);
  low += (hr_i32x4)_mm_madd_epi16(_mm_unpacklo_epi16((__m128i)w, zero),
                                  _mm_unpacklo_epi16((__m128i)x, zero));
  high += (hr_i32x4)_mm_madd_epi16(_mm_unpackhi_epi16((__m128i)w, zero),
                                   _mm_unpackhi_epi16((__m128i)x, zero));
  return HR_JOIN8(low, high);
#else
  return acc + __builtin_convertvector(w, hr_i32x8) * __builtin_convertvector(x, hr_i32x8);
#endif
}

/* x with its first `count` lanes cleared; 0 <= count <= 8. */
HR_INLINE hr_i16x8 hr_clear_lanes_i16x8(hr_i16x8 x, int16_t count) {
  const hr_i16x8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  return x & (hr_i16x8)(lanes >= (hr_i16x8)count);
}

/* Two rows of eight weights, in the order that hr_mac_pair wants: as they are, or interleaved for
   pmaddwd. */
HR_INLINE hr_i16x8 hr_pair_first(hr_i16x8 row0, hr_i16x8 row1) {
#if defined(__SSE2__)
  return __builtin_shufflevector(row0, row1, 0, 8, 1, 9, 2, 10, 3, 11);
#else
  (void)row1;
  return row0;
#endif
}
HR_INLINE hr_i16x8 hr_pair_second(hr_i16x8 row0, hr_i16x8 row1) {
#if defined(__SSE2__)
  return __builtin_shufflevector(row0, row1, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  (void)row0;
  return row1;
#endif
}

/* acc + row0 * x[2 * pair] + row1 * x[2 * pair + 1], wrapping; pair is a constant. */
HR_INLINE hr_i32x8 hr_mac_pair(hr_i32x8 acc, hr_i16x8 first, hr_i16x8 second, hr_i16x8 x, int pair) {
#if defined(__ARM_NEON)
  int32x4_t low = (int32x4_t)HR_LOW4(acc), high = (int32x4_t)HR_HIGH4(acc);
  int16_t x0 = x[2 * pair], x1 = x[2 * pair + 1];
  low = vmlal_n_s16(low, (int16x4_t)HR_LOW4(first), x0);
  high = vmlal_n_s16(high, (int16x4_t)HR_HIGH4(first), x0);
  low = vmlal_n_s16(low, (int16x4_t)HR_LOW4(second), x1);
  high = vmlal_n_s16(high, (int16x4_t)HR_HIGH4(second), x1);
  return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
#elif defined(__SSE2__)
  __m128i both = (__m128i)(hr_i32x4)(((hr_i32x4)x)[pair]);
  hr_i32x4 low = HR_LOW4(acc), high = HR_HIGH4(acc);
  low += (hr_i32x4)_mm_madd_epi16((__m128i)first, both);
  high += (hr_i32x4)_mm_madd_epi16((__m128i)second, both);
  return HR_JOIN8(low, high);
#else
  acc += __builtin_convertvector(first, hr_i32x8) * (hr_i32x8)(int32_t)x[2 * pair];
  return acc + __builtin_convertvector(second, hr_i32x8) * (hr_i32x8)(int32_t)x[2 * pair + 1];
#endif
}

/* floor(acc * multiplier / 2^shift + 1/2) saturated to 32 bits, lane by lane; |acc| and multiplier
   below 2^31, shift 1 ... 62. */
HR_INLINE hr_i32x8 hr_requantize_i32x8(hr_i32x8 acc, hr_i32x8 multiplier, hr_i32x8 shift) {
#if defined(__aarch64__)
  int32x4_t a0 = (int32x4_t)HR_LOW4(acc), a1 = (int32x4_t)HR_HIGH4(acc);
  int32x4_t m0 = (int32x4_t)HR_LOW4(multiplier), m1 = (int32x4_t)HR_HIGH4(multiplier);
  int32x4_t t0 = vnegq_s32((int32x4_t)HR_LOW4(shift)), t1 = vnegq_s32((int32x4_t)HR_HIGH4(shift));
  int64x2_t p0 = vrshlq_s64(vmull_s32(vget_low_s32(a0), vget_low_s32(m0)), vmovl_s32(vget_low_s32(t0)));
  int64x2_t p1 = vrshlq_s64(vmull_high_s32(a0, m0), vmovl_high_s32(t0));
  int64x2_t p2 = vrshlq_s64(vmull_s32(vget_low_s32(a1), vget_low_s32(m1)), vmovl_s32(vget_low_s32(t1)));
  int64x2_t p3 = vrshlq_s64(vmull_high_s32(a1, m1), vmovl_high_s32(t1));
  hr_i32x4 low = (hr_i32x4)vqmovn_high_s64(vqmovn_s64(p0), p1);
  hr_i32x4 high = (hr_i32x4)vqmovn_high_s64(vqmovn_s64(p2), p3);
  return HR_JOIN8(low, high);
#elif defined(__AVX2__)
  hr_i64x8 product = __builtin_convertvector(acc, hr_i64x8) * __builtin_convertvector(multiplier, hr_i64x8);
  hr_i64x8 scaled = ((product >> __builtin_convertvector(shift - 1, hr_i64x8)) + 1) >> 1;
  scaled = __builtin_elementwise_max(scaled, (hr_i64x8)INT32_MIN);
  return __builtin_convertvector(__builtin_elementwise_min(scaled, (hr_i64x8)INT32_MAX), hr_i32x8);
#else
  hr_i32x8 result;
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 8; lane++) {
    /* floor((floor(a / 2^(t-1)) + 1) / 2) is floor(a / 2^t + 1/2). */
    int64_t scaled = (((int64_t)acc[lane] * multiplier[lane] >> (shift[lane] - 1)) + 1) >> 1;
    scaled = scaled < INT32_MIN ? INT32_MIN : scaled;
    result[lane] = (int32_t)(scaled > INT32_MAX ? INT32_MAX : scaled);
  }
  return result;
#endif
}

#endif /* HR_SIMD_H */
