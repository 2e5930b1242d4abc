/* dot.h - dot products of four int8 weights of each of eight output channels, a block's quad, with four
   inputs of a pixel: what the instructions for them look like on each CPU.

   A pixel's sums are hr_sums_i8, eight channels or more than one partial sum of each. Weights are
   -127 ... 127: two products then fit 16 bits. Sums wrap; nothing else overflows. */
#ifndef HR_DOT_H
#define HR_DOT_H

#include <stddef.h>

#include "simd.h"
#include "smlad.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

typedef int32_t hr_unaligned_i32 __attribute__((aligned(1), may_alias));
typedef int64_t hr_unaligned_i64 __attribute__((aligned(1), may_alias));

#if defined(__ARM_NEON) && !defined(__ARM_FEATURE_DOTPROD)

/* Two partial sums of each channel, side by side, two channels a vector. */
typedef struct hr_sums_i8 {
  hr_i32x4 c01, c23, c45, c67;
} hr_sums_i8;

/* Four inputs, twice. */
HR_INLINE hr_i8x8 hr_twice_i8x4(const int8_t *x) {
  return (hr_i8x8)vdup_n_s32(*(const hr_unaligned_i32 *)x);
}
/* + w * x, neighbours summed. */
HR_INLINE hr_i32x4 hr_dot2x4(hr_i32x4 sum, hr_i8x8 w, hr_i8x8 x) {
  return (hr_i32x4)vpadalq_s16((int32x4_t)sum, vmull_s8((int8x8_t)w, (int8x8_t)x));
}
/* + w0 * x0 + w1 * x1, neighbours summed. */
HR_INLINE hr_i32x4 hr_dot2x8(hr_i32x4 sum, hr_i8x8 w0, hr_i8x8 w1, hr_i8x8 x0, hr_i8x8 x1) {
  int16x8_t products = vmull_s8((int8x8_t)w0, (int8x8_t)x0);
  return (hr_i32x4)vpadalq_s16((int32x4_t)sum, vmlal_s8(products, (int8x8_t)w1, (int8x8_t)x1));
}
HR_INLINE hr_i8x8 hr_load_i8x8(const int8_t *p) { return (hr_i8x8)vld1_s8(p); }

HR_INLINE hr_sums_i8 hr_no_sums_i8(void) {
  hr_i32x4 zero = (hr_i32x4)0;
  return (hr_sums_i8){zero, zero, zero, zero};
}

/* + one quad of weights (32 bytes) with four inputs. */
HR_INLINE hr_sums_i8 hr_dot4(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  hr_i8x8 x4 = hr_twice_i8x4(x);
  sums.c01 = hr_dot2x4(sums.c01, hr_load_i8x8(w), x4);
  sums.c23 = hr_dot2x4(sums.c23, hr_load_i8x8(w + 8), x4);
  sums.c45 = hr_dot2x4(sums.c45, hr_load_i8x8(w + 16), x4);
  sums.c67 = hr_dot2x4(sums.c67, hr_load_i8x8(w + 24), x4);
  return sums;
}

#if defined(__aarch64__)

/* + two quads with eight inputs. */
HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  int8x16_t w0 = vld1q_s8(w), w1 = vld1q_s8(w + 16), w2 = vld1q_s8(w + 32), w3 = vld1q_s8(w + 48);
  int8x16_t x0 = vreinterpretq_s8_s32(vdupq_n_s32(*(const hr_unaligned_i32 *)x));
  int8x16_t x1 = vreinterpretq_s8_s32(vdupq_n_s32(*(const hr_unaligned_i32 *)(x + 4)));
  int16x8_t t0 = vmlal_s8(vmull_s8(vget_low_s8(w0), vget_low_s8(x0)), vget_low_s8(w2), vget_low_s8(x1));
  int16x8_t t1 = vmlal_high_s8(vmull_high_s8(w0, x0), w2, x1);
  int16x8_t t2 = vmlal_s8(vmull_s8(vget_low_s8(w1), vget_low_s8(x0)), vget_low_s8(w3), vget_low_s8(x1));
  int16x8_t t3 = vmlal_high_s8(vmull_high_s8(w1, x0), w3, x1);
  sums.c01 = (hr_i32x4)vpadalq_s16((int32x4_t)sums.c01, t0);
  sums.c23 = (hr_i32x4)vpadalq_s16((int32x4_t)sums.c23, t1);
  sums.c45 = (hr_i32x4)vpadalq_s16((int32x4_t)sums.c45, t2);
  sums.c67 = (hr_i32x4)vpadalq_s16((int32x4_t)sums.c67, t3);
  return sums;
}

HR_INLINE hr_sums_i8 hr_sums_from_bias_i8(hr_i32x8 bias) {
  int32x4_t low = (int32x4_t)HR_LOW4(bias), high = (int32x4_t)HR_HIGH4(bias), zero = vdupq_n_s32(0);
  return (hr_sums_i8){(hr_i32x4)vzip1q_s32(low, zero), (hr_i32x4)vzip2q_s32(low, zero),
                      (hr_i32x4)vzip1q_s32(high, zero), (hr_i32x4)vzip2q_s32(high, zero)};
}

/* Sums of four pixels. */
typedef struct hr_tile_i8 {
  hr_sums_i8 p0, p1, p2, p3;
} hr_tile_i8;

/* + `length` inputs, a multiple of four, of each of four pixels, with their weights. In one piece, for it takes
   all 32 registers; ld4r repeats four quads of a pixel at once. Results are four instructions away from
   their use, what in-order CPUs need. */
HR_INLINE hr_tile_i8 hr_dot_tile(hr_tile_i8 t, size_t length, const int8_t *w, const int8_t *x0,
                                 const int8_t *x1, const int8_t *x2, const int8_t *x3) {
  size_t steps = length / 16;
#define HR_MULTIPLY(op, w0, w1, x)                                                                     \
  op " v28.8h, " w0 ".8b, " x ".8b\n\t" op "2 v29.8h, " w0 ".16b, " x ".16b\n\t"                       \
  op " v30.8h, " w1 ".8b, " x ".8b\n\t" op "2 v31.8h, " w1 ".16b, " x ".16b\n\t"
#define HR_ADD(pixel)                                                                                  \
  "sadalp %[" pixel "a].4s, v28.8h\n\tsadalp %[" pixel "b].4s, v29.8h\n\t"                             \
  "sadalp %[" pixel "c].4s, v30.8h\n\tsadalp %[" pixel "d].4s, v31.8h\n\t"
#define HR_DOT16(pixel, then)                                                                          \
  HR_DOT8(pixel, "")                                                                                   \
  HR_MULTIPLY("smull", "v20", "v21", "v26") HR_MULTIPLY("smlal", "v22", "v23", "v27") then HR_ADD(pixel)
#define HR_DOT8(pixel, then)                                                                           \
  HR_MULTIPLY("smull", "v16", "v17", "v24") HR_MULTIPLY("smlal", "v18", "v19", "v25") then HR_ADD(pixel)
#define HR_DOT4(pixel, then) HR_MULTIPLY("smull", "v16", "v17", "v24") then HR_ADD(pixel)
#define HR_REPEAT4(x) "ld4r {v24.4s, v25.4s, v26.4s, v27.4s}, [%[" x "]], #16\n\t"
#define HR_REPEAT2(x) "ld2r {v24.4s, v25.4s}, [%[" x "]], #8\n\t"
#define HR_REPEAT1(x) "ld1r {v24.4s}, [%[" x "]]\n\t"
#define HR_WEIGHTS4 "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[w]], #64\n\t"
#define HR_FOUR_PIXELS(dot, repeat)                                                                    \
  dot("p0", repeat("x1")) dot("p1", repeat("x2")) dot("p2", repeat("x3")) dot("p3", "")
  __asm__ volatile("cbz %[steps], 2f\n"
                   "1:\n\t" HR_REPEAT4("x0") HR_WEIGHTS4
                   "ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[w]], #64\n\t"
                   "subs %[steps], %[steps], #1\n\t"
                   HR_FOUR_PIXELS(HR_DOT16, HR_REPEAT4)
                   "b.ne 1b\n"
                   "2:\n\t"
                   "tbz %[length], #3, 3f\n\t" HR_REPEAT2("x0") HR_WEIGHTS4
                   HR_FOUR_PIXELS(HR_DOT8, HR_REPEAT2)
                   "3:\n\t"
                   "tbz %[length], #2, 4f\n\t" HR_REPEAT1("x0")
                   "ld1 {v16.16b, v17.16b}, [%[w]]\n\t"
                   HR_FOUR_PIXELS(HR_DOT4, HR_REPEAT1)
                   "4:"
                   : [p0a] "+w"(t.p0.c01), [p0b] "+w"(t.p0.c23), [p0c] "+w"(t.p0.c45), [p0d] "+w"(t.p0.c67),
                     [p1a] "+w"(t.p1.c01), [p1b] "+w"(t.p1.c23), [p1c] "+w"(t.p1.c45), [p1d] "+w"(t.p1.c67),
                     [p2a] "+w"(t.p2.c01), [p2b] "+w"(t.p2.c23), [p2c] "+w"(t.p2.c45), [p2d] "+w"(t.p2.c67),
                     [p3a] "+w"(t.p3.c01), [p3b] "+w"(t.p3.c23), [p3c] "+w"(t.p3.c45), [p3d] "+w"(t.p3.c67),
                     [w] "+r"(w), [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [x3] "+r"(x3),
                     [steps] "+r"(steps)
                   : [length] "r"(length)
                   : "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
                     "v28", "v29", "v30", "v31", "cc", "memory");
#undef HR_MULTIPLY
#undef HR_ADD
#undef HR_DOT16
#undef HR_DOT8
#undef HR_DOT4
#undef HR_REPEAT4
#undef HR_REPEAT2
#undef HR_REPEAT1
#undef HR_WEIGHTS4
#undef HR_FOUR_PIXELS
  return t;
}

#else

/* + two quads with eight inputs. */
HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  hr_i8x8 x0 = hr_twice_i8x4(x), x1 = hr_twice_i8x4(x + 4);
  sums.c01 = hr_dot2x8(sums.c01, hr_load_i8x8(w), hr_load_i8x8(w + 32), x0, x1);
  sums.c23 = hr_dot2x8(sums.c23, hr_load_i8x8(w + 8), hr_load_i8x8(w + 40), x0, x1);
  sums.c45 = hr_dot2x8(sums.c45, hr_load_i8x8(w + 16), hr_load_i8x8(w + 48), x0, x1);
  sums.c67 = hr_dot2x8(sums.c67, hr_load_i8x8(w + 24), hr_load_i8x8(w + 56), x0, x1);
  return sums;
}

#endif

HR_INLINE hr_i32x8 hr_dot_totals(hr_sums_i8 sums) {
  int32x4_t s0 = (int32x4_t)sums.c01, s1 = (int32x4_t)sums.c23;
  int32x4_t s2 = (int32x4_t)sums.c45, s3 = (int32x4_t)sums.c67;
#if defined(__aarch64__)
  return HR_JOIN8((hr_i32x4)vpaddq_s32(s0, s1), (hr_i32x4)vpaddq_s32(s2, s3));
#else
  int32x4_t low = vcombine_s32(vpadd_s32(vget_low_s32(s0), vget_high_s32(s0)),
                               vpadd_s32(vget_low_s32(s1), vget_high_s32(s1)));
  int32x4_t high = vcombine_s32(vpadd_s32(vget_low_s32(s2), vget_high_s32(s2)),
                                vpadd_s32(vget_low_s32(s3), vget_high_s32(s3)));
  return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
#endif
}

#elif defined(__ARM_FEATURE_DOTPROD)

typedef hr_i32x8 hr_sums_i8;
HR_INLINE hr_sums_i8 hr_no_sums_i8(void) { return (hr_sums_i8)0; }

HR_INLINE hr_sums_i8 hr_dot4(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  int8x16_t x4 = vreinterpretq_s8_s32(vdupq_n_s32(*(const hr_unaligned_i32 *)x));
  int32x4_t low = vdotq_s32((int32x4_t)HR_LOW4(sums), vld1q_s8(w), x4);
  int32x4_t high = vdotq_s32((int32x4_t)HR_HIGH4(sums), vld1q_s8(w + 16), x4);
  return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
}
HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  return hr_dot4(hr_dot4(sums, w, x), w + 32, x + 4);
}

HR_INLINE hr_i32x8 hr_dot_totals(hr_sums_i8 sums) { return sums; }

#elif defined(__AVX2__)

typedef hr_i32x8 hr_sums_i8;
HR_INLINE hr_sums_i8 hr_no_sums_i8(void) { return (hr_sums_i8)0; }

/* |x| times w with x's sign: factors of unsigned by signed bytes, as the instructions want them. */
HR_INLINE hr_sums_i8 hr_dot4(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  __m256i w4 = _mm256_loadu_si256((const __m256i *)w);
  __m256i x4 = _mm256_set1_epi32(*(const hr_unaligned_i32 *)x);
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  return (hr_sums_i8)_mm256_dpbusd_epi32((__m256i)sums, _mm256_abs_epi8(x4), _mm256_sign_epi8(w4, x4));
#else
  __m256i products = _mm256_maddubs_epi16(_mm256_abs_epi8(x4), _mm256_sign_epi8(w4, x4));
  return sums + (hr_i32x8)_mm256_madd_epi16(products, _mm256_set1_epi16(1));
#endif
}
HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  return hr_dot4(hr_dot4(sums, w, x), w + 32, x + 4);
}
HR_INLINE hr_i32x8 hr_dot_totals(hr_sums_i8 sums) { return sums; }

#elif defined(__SSE2__)

/* Two partial sums of each channel, side by side. */
typedef hr_i32x16 hr_sums_i8;
HR_INLINE hr_sums_i8 hr_no_sums_i8(void) { return (hr_sums_i8)0; }

HR_INLINE hr_sums_i8 hr_dot4(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  union {
    hr_i32x16 all;
    __m128i parts[4];
  } s = {sums};
  __m128i x4 = _mm_set1_epi32(*(const hr_unaligned_i32 *)x);
  x4 = _mm_srai_epi16(_mm_unpacklo_epi8(x4, x4), 8);
  for (int half = 0; half < 2; half++) {
    __m128i w8 = _mm_loadu_si128((const __m128i *)(w + 16 * half));
    __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(w8, w8), 8);
    __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(w8, w8), 8);
    s.parts[2 * half] = _mm_add_epi32(s.parts[2 * half], _mm_madd_epi16(low, x4));
    s.parts[2 * half + 1] = _mm_add_epi32(s.parts[2 * half + 1], _mm_madd_epi16(high, x4));
  }
  return s.all;
}
HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  return hr_dot4(hr_dot4(sums, w, x), w + 32, x + 4);
}
HR_INLINE hr_i32x8 hr_dot_totals(hr_sums_i8 sums) {
  return __builtin_shufflevector(sums, sums, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(sums, sums, 1, 3, 5, 7, 9, 11, 13, 15);
}

#else

typedef hr_i32x8 hr_sums_i8;
HR_INLINE hr_sums_i8 hr_no_sums_i8(void) { return (hr_sums_i8)0; }

HR_INLINE hr_sums_i8 hr_dot4(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
#if defined(__ARM_FEATURE_SIMD32)
  hr_quad_i8 x4 = hr_load_quad_i8(x);
  for (int channel = 0; channel < 8; channel++)
    sums[channel] = hr_dot_quad_i8(sums[channel], hr_load_quad_i8(w + 4 * channel), x4);
#else
  for (int channel = 0; channel < 8; channel++)
    for (int k = 0; k < 4; k++) sums[channel] += w[4 * channel + k] * x[k];
#endif
  return sums;
}
HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  return hr_dot4(hr_dot4(sums, w, x), w + 32, x + 4);
}
HR_INLINE hr_i32x8 hr_dot_totals(hr_sums_i8 sums) { return sums; }

#endif

#include "dot_i16.h"

#endif /* HR_DOT_H */
