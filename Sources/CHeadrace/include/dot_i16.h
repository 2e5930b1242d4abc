/* dot_i16.h - sums of products of int16 inputs and int8 weights, which lie as dot.h tells: eight channels by
   four weights of each. A sum holds 508 products of each channel. */
#ifndef HR_DOT_I16_H
#define HR_DOT_I16_H

#include "simd.h"

typedef int64_t hr_four_i16 __attribute__((aligned(1), may_alias));

/* Swift takes no structures whose alignment is above 16. */
typedef hr_i32x16 hr_part_i32x16 __attribute__((aligned(16)));
typedef hr_i32x8 hr_part_i32x8 __attribute__((aligned(16)));
typedef hr_i64x8 hr_part_i64x8 __attribute__((aligned(16)));

#if defined(__ARM_NEON)

/* Four partial sums of each channel. */
typedef struct hr_sums_i16 {
  hr_i32x4 parts[8];
} hr_sums_i16;

#define HR_LOW_MAC(acc, w, x) \
  (hr_i32x4) vmlal_s16((int32x4_t)(acc), vget_low_s16(w), vget_low_s16(x))
#if defined(__aarch64__)
#define HR_HIGH_MAC(acc, w, x) (hr_i32x4) vmlal_high_s16((int32x4_t)(acc), w, x)
#else
#define HR_HIGH_MAC(acc, w, x) \
  (hr_i32x4) vmlal_s16((int32x4_t)(acc), vget_high_s16(w), vget_low_s16(x))
#endif

HR_INLINE hr_sums_i16 hr_dot4_i16(hr_sums_i16 s, const int8_t *w, const int16_t *x) {
  int16x8_t x4 = vreinterpretq_s16_s64(vdupq_n_s64(*(const hr_four_i16 *)x));
#if defined(__aarch64__)
  /* If the compiler knew the halves to be alike, it would move the weights' halves instead. */
  __asm__("" : "+w"(x4));
#endif
  for (int half = 0; half < 2; half++) {
    const int8x16_t w4 = vld1q_s8(w + 16 * half);
    const int16x8_t low = vmovl_s8(vget_low_s8(w4)), high = vmovl_s8(vget_high_s8(w4));
    hr_i32x4 *parts = s.parts + 4 * half;
    parts[0] = HR_LOW_MAC(parts[0], low, x4);
    parts[1] = HR_HIGH_MAC(parts[1], low, x4);
    parts[2] = HR_LOW_MAC(parts[2], high, x4);
    parts[3] = HR_HIGH_MAC(parts[3], high, x4);
  }
  return s;
}

HR_INLINE int32x4_t hr_pair_sums(hr_i32x4 a, hr_i32x4 b) {
#if defined(__aarch64__)
  return vpaddq_s32((int32x4_t)a, (int32x4_t)b);
#else
  return vcombine_s32(vpadd_s32(vget_low_s32((int32x4_t)a), vget_high_s32((int32x4_t)a)),
                      vpadd_s32(vget_low_s32((int32x4_t)b), vget_high_s32((int32x4_t)b)));
#endif
}
HR_INLINE hr_i32x4 hr_dot_totals4_i16(const hr_i32x4 *p) {
  return (hr_i32x4)hr_pair_sums((hr_i32x4)hr_pair_sums(p[0], p[1]), (hr_i32x4)hr_pair_sums(p[2], p[3]));
}
HR_INLINE hr_i32x8 hr_dot_totals_i16(hr_sums_i16 s) {
  return HR_JOIN8(hr_dot_totals4_i16(s.parts), hr_dot_totals4_i16(s.parts + 4));
}

#elif defined(__SSE2__)

/* Two partial sums of each channel, side by side. */
typedef struct hr_sums_i16 {
  hr_part_i32x16 parts;
} hr_sums_i16;

HR_INLINE hr_sums_i16 hr_dot4_i16(hr_sums_i16 sums, const int8_t *w, const int16_t *x) {
#if defined(__AVX512VNNI__)
  const __m512i w16 = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)w));
  sums.parts = (hr_i32x16)_mm512_dpwssd_epi32((__m512i)sums.parts, w16, _mm512_set1_epi64(*(const hr_four_i16 *)x));
  return sums;
#elif defined(__AVX2__)
  union {
    hr_sums_i16 all;
    __m256i parts[2];
  } s = {sums};
  const __m256i x4 = _mm256_set1_epi64x(*(const hr_four_i16 *)x);
  for (int half = 0; half < 2; half++) {
    const __m256i w16 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 16 * half)));
    s.parts[half] = _mm256_add_epi32(s.parts[half], _mm256_madd_epi16(w16, x4));
  }
  return s.all;
#else
  union {
    hr_sums_i16 all;
    __m128i parts[4];
  } s = {sums};
  const __m128i x4 = _mm_set1_epi64x(*(const hr_four_i16 *)x);
  for (int half = 0; half < 2; half++) {
    const __m128i w8 = _mm_loadu_si128((const __m128i *)(w + 16 * half));
    const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(w8, w8), 8);
    const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(w8, w8), 8);
    s.parts[2 * half] = _mm_add_epi32(s.parts[2 * half], _mm_madd_epi16(low, x4));
    s.parts[2 * half + 1] = _mm_add_epi32(s.parts[2 * half + 1], _mm_madd_epi16(high, x4));
  }
  return s.all;
#endif
}
HR_INLINE hr_i32x8 hr_dot_totals_i16(hr_sums_i16 sums) {
  return __builtin_shufflevector(sums.parts, sums.parts, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(sums.parts, sums.parts, 1, 3, 5, 7, 9, 11, 13, 15);
}

#else

typedef struct hr_sums_i16 {
  hr_part_i32x8 all;
} hr_sums_i16;

HR_INLINE hr_sums_i16 hr_dot4_i16(hr_sums_i16 sums, const int8_t *w, const int16_t *x) {
  for (int channel = 0; channel < 8; channel++)
    for (int k = 0; k < 4; k++) sums.all[channel] += w[4 * channel + k] * x[k];
  return sums;
}
HR_INLINE hr_i32x8 hr_dot_totals_i16(hr_sums_i16 sums) { return sums.all; }

#endif

/* A tile: as many pixels as keep a CPU's registers and multipliers busy, by eight channels. */
#if defined(__AVX512VNNI__)
#define HR_TILE_PIXELS_I16 8
#elif defined(__AVX2__)
#define HR_TILE_PIXELS_I16 4
#else
#define HR_TILE_PIXELS_I16 2
#endif

typedef struct hr_tile_i16 {
  hr_sums_i16 pixels[HR_TILE_PIXELS_I16];
} hr_tile_i16;

/* Adds the products of `count` inputs, a multiple of four, of each pixel, from input `first` on. */
HR_INLINE hr_tile_i16 hr_dot_tile_i16(hr_tile_i16 tile, size_t first, size_t count, const int8_t *w,
                                      const void *const *x) {
  const int16_t *inputs[HR_TILE_PIXELS_I16];
#pragma clang loop unroll(full)
  for (int pixel = 0; pixel < HR_TILE_PIXELS_I16; pixel++) inputs[pixel] = (const int16_t *)x[pixel] + first;
  w += 8 * first;
  for (size_t k = 0; k < count; k += 4) {
#pragma clang loop unroll(full)
    for (int pixel = 0; pixel < HR_TILE_PIXELS_I16; pixel++)
      tile.pixels[pixel] = hr_dot4_i16(tile.pixels[pixel], w + 8 * k, inputs[pixel] + k);
  }
  return tile;
}

/* Eight sums of each pixel in 64 bits. */
typedef struct hr_totals_i16 {
  hr_part_i64x8 pixels[HR_TILE_PIXELS_I16];
} hr_totals_i16;

HR_INLINE hr_totals_i16 hr_totals_from_bias_i16(hr_i64x8 bias) {
  hr_totals_i16 totals;
#pragma clang loop unroll(full)
  for (int pixel = 0; pixel < HR_TILE_PIXELS_I16; pixel++) totals.pixels[pixel] = bias;
  return totals;
}
HR_INLINE hr_totals_i16 hr_add_tile_i16(hr_totals_i16 totals, hr_tile_i16 tile) {
#pragma clang loop unroll(full)
  for (int pixel = 0; pixel < HR_TILE_PIXELS_I16; pixel++)
    totals.pixels[pixel] += __builtin_convertvector(hr_dot_totals_i16(tile.pixels[pixel]), hr_i64x8);
  return totals;
}

/* The same in 32 bits, where they fit. */
typedef struct hr_narrow_totals_i16 {
  hr_part_i32x8 pixels[HR_TILE_PIXELS_I16];
} hr_narrow_totals_i16;

HR_INLINE hr_narrow_totals_i16 hr_narrow_totals_of_i16(hr_tile_i16 tile, hr_i32x8 bias) {
  hr_narrow_totals_i16 totals;
#pragma clang loop unroll(full)
  for (int pixel = 0; pixel < HR_TILE_PIXELS_I16; pixel++)
    totals.pixels[pixel] = bias + hr_dot_totals_i16(tile.pixels[pixel]);
  return totals;
}

#endif /* HR_DOT_I16_H */
