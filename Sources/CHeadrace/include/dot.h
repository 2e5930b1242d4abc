/* dot.h - dot products of four int8 weights of each of eight output channels, a block's quad, with four
   inputs of a pixel: what the instructions for them look like on each CPU.

   A pixel's sums are hr_sums_i8, eight channels or more than one partial sum of each. Weights are
   -127 ... 127: two products then fit 16 bits. Sums wrap; nothing else overflows. */
#ifndef HR_DOT_H
#define HR_DOT_H

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

/* Sixteen weights: a quad of four channels. */
typedef int8_t hr_i8x16 __attribute__((ext_vector_type(16)));
HR_INLINE hr_i8x16 hr_load_i8x16(const int8_t *p) { return (hr_i8x16)vld1q_s8(p); }

/* + two quads (w0, w1 and w2, w3) with eight inputs. In one piece: left to the compiler, the temporaries of
   several pixels live at once, and sums move to memory and back. Results are four instructions away from
   their use, what in-order CPUs need. */
HR_INLINE hr_sums_i8 hr_dot8_loaded(hr_sums_i8 sums, hr_i8x16 w0, hr_i8x16 w1, hr_i8x16 w2, hr_i8x16 w3,
                                    const int8_t *x) {
  int8x16_t x0 = vreinterpretq_s8_s32(vdupq_n_s32(*(const hr_unaligned_i32 *)x));
  int8x16_t x1 = vreinterpretq_s8_s32(vdupq_n_s32(*(const hr_unaligned_i32 *)(x + 4)));
  int16x8_t t0, t1, t2, t3;
  __asm__("smull %[t0].8h, %[w0].8b, %[x0].8b\n\t"
          "smull2 %[t1].8h, %[w0].16b, %[x0].16b\n\t"
          "smull %[t2].8h, %[w1].8b, %[x0].8b\n\t"
          "smull2 %[t3].8h, %[w1].16b, %[x0].16b\n\t"
          "smlal %[t0].8h, %[w2].8b, %[x1].8b\n\t"
          "smlal2 %[t1].8h, %[w2].16b, %[x1].16b\n\t"
          "smlal %[t2].8h, %[w3].8b, %[x1].8b\n\t"
          "smlal2 %[t3].8h, %[w3].16b, %[x1].16b\n\t"
          "sadalp %[c01].4s, %[t0].8h\n\t"
          "sadalp %[c23].4s, %[t1].8h\n\t"
          "sadalp %[c45].4s, %[t2].8h\n\t"
          "sadalp %[c67].4s, %[t3].8h"
          : [c01] "+w"(sums.c01), [c23] "+w"(sums.c23), [c45] "+w"(sums.c45), [c67] "+w"(sums.c67),
            [t0] "=&w"(t0), [t1] "=&w"(t1), [t2] "=&w"(t2), [t3] "=&w"(t3)
          : [w0] "w"(w0), [w1] "w"(w1), [w2] "w"(w2), [w3] "w"(w3), [x0] "w"(x0), [x1] "w"(x1));
  return sums;
}

HR_INLINE hr_sums_i8 hr_dot8(hr_sums_i8 sums, const int8_t *w, const int8_t *x) {
  return hr_dot8_loaded(sums, hr_load_i8x16(w), hr_load_i8x16(w + 16), hr_load_i8x16(w + 32),
                        hr_load_i8x16(w + 48), x);
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

typedef int8_t hr_i8x16 __attribute__((ext_vector_type(16)));
HR_INLINE hr_i8x16 hr_load_i8x16(const int8_t *x) { return (hr_i8x16)vld1q_s8(x); }

/* + a quad of weights with inputs 4 * quad ... 4 * quad + 3 of x; quad is a constant. */
#define HR_DOT_LANE(quad)                                                                                \
  HR_INLINE hr_sums_i8 hr_dot_lane##quad(hr_sums_i8 sums, const int8_t *w, hr_i8x16 x) {                 \
    int32x4_t low = vdotq_laneq_s32((int32x4_t)HR_LOW4(sums), vld1q_s8(w), (int8x16_t)x, quad);          \
    int32x4_t high = vdotq_laneq_s32((int32x4_t)HR_HIGH4(sums), vld1q_s8(w + 16), (int8x16_t)x, quad);   \
    return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);                                                      \
  }
HR_DOT_LANE(0)
HR_DOT_LANE(1)
HR_DOT_LANE(2)
HR_DOT_LANE(3)

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

/* The same for int16 inputs: sums of at most 511 products of each channel. */
#if defined(__ARM_NEON)

/* Four partial sums of each channel. */
typedef int32_t hr_i32x32 __attribute__((ext_vector_type(32)));
typedef hr_i32x32 hr_sums_i16;

HR_INLINE hr_sums_i16 hr_dot4_i16(hr_sums_i16 sums, const int8_t *w, const int16_t *x) {
  union {
    hr_i32x32 all;
    int32x4_t parts[8];
  } s = {sums};
  int16x4_t x4 = vreinterpret_s16_s64(vdup_n_s64(*(const hr_unaligned_i64 *)x));
  for (int pair = 0; pair < 4; pair++) {
    int16x8_t w8 = vmovl_s8(vld1_s8(w + 8 * pair));
    s.parts[2 * pair] = vmlal_s16(s.parts[2 * pair], vget_low_s16(w8), x4);
    s.parts[2 * pair + 1] = vmlal_s16(s.parts[2 * pair + 1], vget_high_s16(w8), x4);
  }
  return s.all;
}
HR_INLINE hr_i32x8 hr_dot_totals_i16(hr_sums_i16 sums) {
  hr_i32x8 totals;
  for (int channel = 0; channel < 8; channel++)
    totals[channel] = sums[4 * channel] + sums[4 * channel + 1] + sums[4 * channel + 2] + sums[4 * channel + 3];
  return totals;
}

#elif defined(__SSE2__)

/* Two partial sums of each channel, side by side. */
typedef hr_i32x16 hr_sums_i16;

HR_INLINE hr_sums_i16 hr_dot4_i16(hr_sums_i16 sums, const int8_t *w, const int16_t *x) {
#if defined(__AVX2__)
  union {
    hr_i32x16 all;
    __m256i parts[2];
  } s = {sums};
  __m256i x4 = _mm256_set1_epi64x(*(const hr_unaligned_i64 *)x);
  for (int half = 0; half < 2; half++) {
    __m256i w16 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 16 * half)));
    s.parts[half] = _mm256_add_epi32(s.parts[half], _mm256_madd_epi16(w16, x4));
  }
#else
  union {
    hr_i32x16 all;
    __m128i parts[4];
  } s = {sums};
  __m128i x4 = _mm_set1_epi64x(*(const hr_unaligned_i64 *)x);
  for (int half = 0; half < 2; half++) {
    __m128i w8 = _mm_loadu_si128((const __m128i *)(w + 16 * half));
    __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(w8, w8), 8);
    __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(w8, w8), 8);
    s.parts[2 * half] = _mm_add_epi32(s.parts[2 * half], _mm_madd_epi16(low, x4));
    s.parts[2 * half + 1] = _mm_add_epi32(s.parts[2 * half + 1], _mm_madd_epi16(high, x4));
  }
#endif
  return s.all;
}
HR_INLINE hr_i32x8 hr_dot_totals_i16(hr_sums_i16 sums) {
  return __builtin_shufflevector(sums, sums, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(sums, sums, 1, 3, 5, 7, 9, 11, 13, 15);
}

#else

typedef hr_i32x8 hr_sums_i16;

HR_INLINE hr_sums_i16 hr_dot4_i16(hr_sums_i16 sums, const int8_t *w, const int16_t *x) {
  for (int channel = 0; channel < 8; channel++)
    for (int k = 0; k < 4; k++) sums[channel] += w[4 * channel + k] * x[k];
  return sums;
}
HR_INLINE hr_i32x8 hr_dot_totals_i16(hr_sums_i16 sums) { return sums; }

#endif

#endif /* HR_DOT_H */
