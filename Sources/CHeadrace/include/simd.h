/* simd.h - vector operations for kernels that the Swift compiler would not turn into the instructions
   meant. The ext_vector_type types are Swift's SIMD types; everything inlines. */
#ifndef HR_SIMD_H
#define HR_SIMD_H

#include <stddef.h>
#include <stdint.h>

#if defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Everything here is inlined, so that how vectors would be passed does not matter. */
#pragma clang diagnostic ignored "-Wpsabi"

#define HR_INLINE static inline __attribute__((always_inline))

typedef int8_t hr_i8x8 __attribute__((ext_vector_type(8)));
typedef int8_t hr_i8x16 __attribute__((ext_vector_type(16)));
typedef int16_t hr_i16x4 __attribute__((ext_vector_type(4)));
typedef int16_t hr_i16x8 __attribute__((ext_vector_type(8)));
typedef int16_t hr_i16x16 __attribute__((ext_vector_type(16)));
typedef int32_t hr_i32x4 __attribute__((ext_vector_type(4)));
typedef int32_t hr_i32x8 __attribute__((ext_vector_type(8)));
typedef int32_t hr_i32x16 __attribute__((ext_vector_type(16)));
typedef int8_t hr_i8x64 __attribute__((ext_vector_type(64)));
typedef int64_t hr_i64x8 __attribute__((ext_vector_type(8)));
typedef float hr_f32x4 __attribute__((ext_vector_type(4)));
typedef float hr_f32x8 __attribute__((ext_vector_type(8)));
typedef float hr_f32x16 __attribute__((ext_vector_type(16)));

#define HR_LOW4(v) __builtin_shufflevector(v, v, 0, 1, 2, 3)
#define HR_HIGH4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7)
#define HR_JOIN8(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)

/* Brings what is at p nearer to the CPU, into its second cache. */
HR_INLINE void hr_prefetch(const void *p) { __builtin_prefetch(p, 0, 2); }

HR_INLINE hr_i16x8 hr_widen_i8x8(hr_i8x8 v) { return __builtin_convertvector(v, hr_i16x8); }
HR_INLINE hr_i32x8 hr_widen_i16x8(hr_i16x8 v) { return __builtin_convertvector(v, hr_i32x8); }
HR_INLINE hr_i8x8 hr_narrow_to_i8x8(hr_i32x8 v) { return __builtin_convertvector(v, hr_i8x8); }
HR_INLINE hr_i16x8 hr_narrow_to_i16x8(hr_i32x8 v) { return __builtin_convertvector(v, hr_i16x8); }

HR_INLINE hr_i32x8 hr_clamp_i32x8(hr_i32x8 v, int32_t low, int32_t high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(v, (hr_i32x8)low), (hr_i32x8)high);
}

/* max(v, low) and min(v, high), where a NaN stays one. */
HR_INLINE hr_f32x8 hr_raise_f32x8(hr_f32x8 v, float low) {
#if defined(__ARM_NEON)
  float32x4_t limit = vdupq_n_f32(low);
  return (hr_f32x8)HR_JOIN8(vmaxq_f32((float32x4_t)HR_LOW4(v), limit), vmaxq_f32((float32x4_t)HR_HIGH4(v), limit));
#else
  return v < (hr_f32x8)low ? (hr_f32x8)low : v;
#endif
}
HR_INLINE hr_f32x8 hr_lower_f32x8(hr_f32x8 v, float high) {
#if defined(__ARM_NEON)
  float32x4_t limit = vdupq_n_f32(high);
  return (hr_f32x8)HR_JOIN8(vminq_f32((float32x4_t)HR_LOW4(v), limit), vminq_f32((float32x4_t)HR_HIGH4(v), limit));
#else
  return v > (hr_f32x8)high ? (hr_f32x8)high : v;
#endif
}
HR_INLINE hr_f32x8 hr_clamp_f32x8(hr_f32x8 v, float low, float high) {
  return hr_lower_f32x8(hr_raise_f32x8(v, low), high);
}
HR_INLINE hr_i8x8 hr_max_i8x8(hr_i8x8 a, hr_i8x8 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_i8x8 hr_min_i8x8(hr_i8x8 a, hr_i8x8 b) { return __builtin_elementwise_min(a, b); }
HR_INLINE hr_i16x8 hr_max_i16x8(hr_i16x8 a, hr_i16x8 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_i16x8 hr_min_i16x8(hr_i16x8 a, hr_i16x8 b) { return __builtin_elementwise_min(a, b); }
HR_INLINE hr_f32x8 hr_max_f32x8(hr_f32x8 a, hr_f32x8 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_f32x16 hr_max_f32x16(hr_f32x16 a, hr_f32x16 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE float hr_greatest_f32x8(hr_f32x8 v) { return __builtin_reduce_max(v); }

/* acc + x * w; one rounding where the CPU has a fused multiply-add. */
HR_INLINE hr_f32x8 hr_mac_f32x8(hr_f32x8 acc, hr_f32x8 w, float x) { return acc + w * (hr_f32x8)x; }

HR_INLINE hr_f32x16 hr_mac_lanes_f32x16(hr_f32x16 acc, hr_f32x16 w, hr_f32x16 x) { return acc + w * x; }
HR_INLINE hr_f32x16 hr_join_f32x16(hr_f32x8 a, hr_f32x8 b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
#define HR_LOW8(v) __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7)
#define HR_HIGH8(v) __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15)
HR_INLINE hr_f32x16 hr_raise_f32x16(hr_f32x16 v, float low) {
#if defined(__ARM_NEON)
  return hr_join_f32x16(hr_raise_f32x8(HR_LOW8(v), low), hr_raise_f32x8(HR_HIGH8(v), low));
#else
  return v < (hr_f32x16)low ? (hr_f32x16)low : v;
#endif
}
HR_INLINE hr_f32x16 hr_lower_f32x16(hr_f32x16 v, float high) {
#if defined(__ARM_NEON)
  return hr_join_f32x16(hr_lower_f32x8(HR_LOW8(v), high), hr_lower_f32x8(HR_HIGH8(v), high));
#else
  return v > (hr_f32x16)high ? (hr_f32x16)high : v;
#endif
}
HR_INLINE hr_f32x4 hr_mac_f32x4(hr_f32x4 acc, hr_f32x4 w, float x) { return acc + w * (hr_f32x4)x; }

/* Inputs of a pixel that are loaded at once, where multiply-accumulates take a lane of a register: as many as kernels
   use of them. */
#if defined(__arm__)
typedef hr_f32x4 hr_inputs_f32;
#else
typedef hr_f32x8 hr_inputs_f32;
#endif

/* acc + x * w for input `lane`, a constant. On 32-bit ARM in the order of the calls: left to the compiler,
   rows of weights are loaded long before their use, and sums move to memory and back. */
HR_INLINE hr_f32x8 hr_mac_lane_f32x8(hr_f32x8 acc, hr_f32x8 w, hr_inputs_f32 x, int lane) {
#if defined(__arm__) && defined(__ARM_NEON)
#define HR_MAC_LANE(half, index)                                                                       \
  __asm__ volatile("vmla.f32 %q0, %q2, %" half "4[" index "]\n\tvmla.f32 %q1, %q3, %" half "4[" index "]" \
                   : "+w"(low), "+w"(high) : "w"(HR_LOW4(w)), "w"(HR_HIGH4(w)), "t"(x))
  hr_f32x4 low = HR_LOW4(acc), high = HR_HIGH4(acc);
  switch (lane) {
  case 0: HR_MAC_LANE("e", "0"); break;
  case 1: HR_MAC_LANE("e", "1"); break;
  case 2: HR_MAC_LANE("f", "0"); break;
  default: HR_MAC_LANE("f", "1"); break;
  }
#undef HR_MAC_LANE
  return HR_JOIN8(low, high);
#else
  return acc + w * (hr_f32x8)x[lane];
#endif
}

/* Inputs at *x, which moves on to the next: one instruction on ARM, where the compiler makes it three. It
   hides that it reads, so the same function may not write there. */
HR_INLINE hr_inputs_f32 hr_take_f32(const float **x) {
#if defined(__aarch64__)
  float32x4_t low, high;
  const float *next = *x;
  __asm__("ldp %q0, %q1, [%2], #32" : "=w"(low), "=w"(high), "+r"(next));
  *x = next;
  return (hr_f32x8)HR_JOIN8(low, high);
#else
  hr_inputs_f32 v;
  __builtin_memcpy(&v, *x, sizeof v);
  *x += sizeof v / sizeof(float);
  return v;
#endif
}

#if defined(__aarch64__)
/* The same for four inputs; the upper half is not used. */
HR_INLINE hr_inputs_f32 hr_take4_f32(const float **x) {
  hr_f32x4 v = (hr_f32x4)vld1q_f32(*x);
  *x += 4;
  return HR_JOIN8(v, v);
}

/* Two rows of eight weights at *w, which moves on to the next: one instruction, if the compiler does not see
   where it is. */
typedef struct hr_rows_f32 {
  hr_f32x8 first, second;
} hr_rows_f32;
HR_INLINE hr_rows_f32 hr_take_rows_f32(const float **w) {
  float32x4x4_t v = vld1q_f32_x4(*w);
  const float *next = *w + 16;
  __asm__("" : "+r"(next));
  *w = next;
  return (hr_rows_f32){HR_JOIN8((hr_f32x4)v.val[0], (hr_f32x4)v.val[1]),
                       HR_JOIN8((hr_f32x4)v.val[2], (hr_f32x4)v.val[3])};
}

/* Eight floats at *x, which moves on by `step` bytes: one instruction, and so is storing eight. */
HR_INLINE hr_f32x8 hr_walk_f32x8(const float **x, size_t step) {
  float32x4x2_t v = vld1q_f32_x2(*x);
  const float *next = (const float *)((const char *)*x + step);
  __asm__("" : "+r"(next));
  *x = next;
  return HR_JOIN8((hr_f32x4)v.val[0], (hr_f32x4)v.val[1]);
}
HR_INLINE hr_f32x16 hr_walk_f32x16(const float **x, size_t step) {
  float32x4x4_t v = vld1q_f32_x4(*x);
  const float *next = (const float *)((const char *)*x + step);
  __asm__("" : "+r"(next));
  *x = next;
  return hr_join_f32x16(HR_JOIN8((hr_f32x4)v.val[0], (hr_f32x4)v.val[1]),
                        HR_JOIN8((hr_f32x4)v.val[2], (hr_f32x4)v.val[3]));
}
HR_INLINE void hr_store_f32x16(float *y, hr_f32x16 v) {
  float32x4x4_t parts = {{(float32x4_t)HR_LOW4(v), (float32x4_t)HR_HIGH4(v),
                          (float32x4_t)HR_LOW4(HR_HIGH8(v)), (float32x4_t)HR_HIGH4(HR_HIGH8(v))}};
  vst1q_f32_x4(y, parts);
}
HR_INLINE void hr_walk_store_f32x8(float **y, size_t step, hr_f32x8 v) {
  float32x4x2_t pair = {{(float32x4_t)HR_LOW4(v), (float32x4_t)HR_HIGH4(v)}};
  vst1q_f32_x2(*y, pair);
  float *next = (float *)((char *)*y + step);
  __asm__("" : "+r"(next));
  *y = next;
}

/* The same for four floats. */
HR_INLINE hr_f32x4 hr_walk_f32x4(const float **x, size_t step) {
  hr_f32x4 v = (hr_f32x4)vld1q_f32(*x);
  *x = (const float *)((const char *)*x + step);
  return v;
}
HR_INLINE void hr_walk_store_f32x4(float **y, size_t step, hr_f32x4 v) {
  vst1q_f32(*y, (float32x4_t)v);
  *y = (float *)((char *)*y + step);
}

/* The value, kept in a register: how it was found is hidden from the compiler. */
HR_INLINE uint32_t hr_known_u32(uint32_t value) {
  __asm__("" : "+r"(value));
  return value;
}

/* What is at *x may have changed, for all that the compiler knows. */
HR_INLINE void hr_load_anew(const float **x) {
  const float *same = *x;
  __asm__ volatile("" : "+r"(same));
  *x = same;
}
#endif

/* x, where the compiler does not see how far it is from others: each then moves on as it is loaded from. */
HR_INLINE const float *hr_apart_f32(const float *x) {
  __asm__("" : "+r"(x));
  return x;
}

/* Keeps the compiler from loading what follows any sooner: it would run out of registers. */
HR_INLINE void hr_load_no_sooner(void) { __asm__ volatile("" ::: "memory"); }

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

/* Whether every shift is 32 or more, or its multiplier 0: real factors below 1/2. */
HR_INLINE _Bool hr_are_small_i32x8(hr_i32x8 multiplier, hr_i32x8 shift) {
  return __builtin_reduce_max(multiplier & (shift < 32)) == 0;
}

/* floor(acc * multiplier / 2^shift + 1/2) where that is so. With h = floor(acc * multiplier / 2^31), which is one
   operation or two, it is floor(h / 2^(shift - 31) + 1/2). */
HR_INLINE hr_i32x8 hr_requantize_small_i32x8(hr_i32x8 acc, hr_i32x8 multiplier, hr_i32x8 shift) {
#if defined(__ARM_NEON)
  hr_i32x8 left = 31 - shift;
  int32x4_t low = vqdmulhq_s32((int32x4_t)HR_LOW4(acc), (int32x4_t)HR_LOW4(multiplier));
  int32x4_t high = vqdmulhq_s32((int32x4_t)HR_HIGH4(acc), (int32x4_t)HR_HIGH4(multiplier));
  low = vrshlq_s32(low, (int32x4_t)HR_LOW4(left));
  high = vrshlq_s32(high, (int32x4_t)HR_HIGH4(left));
  return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
#elif defined(__AVX2__)
  __m256i even = _mm256_mul_epi32((__m256i)acc, (__m256i)multiplier);
  /* Shuffles: of shifts the compiler would make products of 64 bits. */
  __m256i odd = _mm256_mul_epi32(_mm256_shuffle_epi32((__m256i)acc, 0xf5),
                                 _mm256_shuffle_epi32((__m256i)multiplier, 0xf5));
  __m256i h = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_add_epi64(odd, odd), 0xaa);
  __m256i once = _mm256_srav_epi32(h, (__m256i)(shift - 32));
  return (hr_i32x8)_mm256_srai_epi32(_mm256_add_epi32(once, _mm256_set1_epi32(1)), 1);
#else
  return hr_requantize_i32x8(acc, multiplier, shift);
#endif
}

/* v + zero, saturated to int8, then clamped to low ... high; 0 is added before anything is lost. */
HR_INLINE hr_i8x8 hr_narrow_clamped_i8x8(hr_i32x8 v, int32_t zero, int32_t low, int32_t high) {
#if defined(__ARM_NEON)
  int16x8_t wide = vcombine_s16(vqmovn_s32((int32x4_t)HR_LOW4(v)), vqmovn_s32((int32x4_t)HR_HIGH4(v)));
  int8x8_t narrow = vqmovn_s16(vqaddq_s16(wide, vdupq_n_s16((int16_t)zero)));
  return (hr_i8x8)vmin_s8(vmax_s8(narrow, vdup_n_s8((int8_t)low)), vdup_n_s8((int8_t)high));
#elif defined(__AVX2__)
  __m128i wide = _mm_packs_epi32(_mm256_castsi256_si128((__m256i)v), _mm256_extracti128_si256((__m256i)v, 1));
  wide = _mm_adds_epi16(wide, _mm_set1_epi16((int16_t)zero));
  __m128i narrow = _mm_packs_epi16(wide, wide);
  narrow = _mm_max_epi8(narrow, _mm_set1_epi8((int8_t)low));
  narrow = _mm_min_epi8(narrow, _mm_set1_epi8((int8_t)high));
  hr_i8x8 result; /* a cast from a scalar would repeat it */
  _mm_storel_epi64((__m128i *)&result, narrow);
  return result;
#else
  hr_i32x8 clamped = hr_clamp_i32x8(v, low - zero, high - zero);
  return hr_narrow_to_i8x8(clamped + zero);
#endif
}

#if defined(__aarch64__)

/* The same for twice eight. */
HR_INLINE hr_i8x16 hr_narrow_clamped_i8x16(hr_i32x8 a, hr_i32x8 b, int32_t zero, int32_t low, int32_t high) {
  int16x8_t zeros = vdupq_n_s16((int16_t)zero);
  int16x8_t wide_a = vqmovn_high_s32(vqmovn_s32((int32x4_t)HR_LOW4(a)), (int32x4_t)HR_HIGH4(a));
  int16x8_t wide_b = vqmovn_high_s32(vqmovn_s32((int32x4_t)HR_LOW4(b)), (int32x4_t)HR_HIGH4(b));
  int8x16_t narrow = vqmovn_high_s16(vqmovn_s16(vqaddq_s16(wide_a, zeros)), vqaddq_s16(wide_b, zeros));
  return (hr_i8x16)vminq_s8(vmaxq_s8(narrow, vdupq_n_s8((int8_t)low)), vdupq_n_s8((int8_t)high));
}

HR_INLINE void hr_store_halves_i8(hr_i8x16 v, int8_t *first, int8_t *second) {
  vst1_s8(first, vget_low_s8((int8x16_t)v));
  vst1q_lane_s64((int64_t *)(void *)second, (int64x2_t)v, 1);
}
#endif

#endif /* HR_SIMD_H */
