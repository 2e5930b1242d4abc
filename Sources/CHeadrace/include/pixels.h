/* pixels.h - sixteen pixels at a time: their channels apart, and one behind the other in memory. */
#ifndef HR_PIXELS_H
#define HR_PIXELS_H

#include "simd.h"
#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

typedef uint8_t hr_u8x8 __attribute__((ext_vector_type(8)));
typedef uint8_t hr_u8x16 __attribute__((ext_vector_type(16)));
typedef uint16_t hr_u16x8 __attribute__((ext_vector_type(8)));

/* red[i], green[i], blue[i] for i in 0 ..< 16. */
HR_INLINE void hr_store_rgb16(uint8_t *rgb, hr_u8x16 red, hr_u8x16 green, hr_u8x16 blue) {
#if defined(__ARM_NEON)
  const uint8x16x3_t channels = {{(uint8x16_t)red, (uint8x16_t)green, (uint8x16_t)blue}};
  vst3q_u8(rgb, channels);
#elif defined(__SSSE3__)
  /* A shuffle puts a channel's bytes where they belong in 16 of the 48 bytes, and zeros elsewhere. */
  const __m128i r = (__m128i)red, g = (__m128i)green, b = (__m128i)blue;
  const __m128i r0 = _mm_setr_epi8(0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5);
  const __m128i g0 = _mm_setr_epi8(-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1);
  const __m128i b0 = _mm_setr_epi8(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1);
  const __m128i r1 = _mm_setr_epi8(-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1);
  const __m128i g1 = _mm_setr_epi8(5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10);
  const __m128i b1 = _mm_setr_epi8(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1);
  const __m128i r2 = _mm_setr_epi8(-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1);
  const __m128i g2 = _mm_setr_epi8(-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1);
  const __m128i b2 = _mm_setr_epi8(10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15);
#define HR_THIRD(i) \
  _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(r, r##i), _mm_shuffle_epi8(g, g##i)), _mm_shuffle_epi8(b, b##i))
  _mm_storeu_si128((__m128i *)rgb, HR_THIRD(0));
  _mm_storeu_si128((__m128i *)(rgb + 16), HR_THIRD(1));
  _mm_storeu_si128((__m128i *)(rgb + 32), HR_THIRD(2));
#undef HR_THIRD
#else
  for (int i = 0; i < 16; i++) {
    rgb[3 * i] = red[i];
    rgb[3 * i + 1] = green[i];
    rgb[3 * i + 2] = blue[i];
  }
#endif
}

/* Sixteen pixels of BGR24, RGBA32 or GRAY8, of so many bytes each: 3, 4 or 1. */
HR_INLINE void hr_rgb16_from_packed(const uint8_t *pixels, size_t step, uint8_t *rgb) {
  hr_u8x16 red, green, blue;
#if defined(__ARM_NEON)
  if (step == 4) {
    const uint8x16x4_t channels = vld4q_u8(pixels);
    red = (hr_u8x16)channels.val[0], green = (hr_u8x16)channels.val[1], blue = (hr_u8x16)channels.val[2];
  } else if (step == 3) {
    const uint8x16x3_t channels = vld3q_u8(pixels);
    red = (hr_u8x16)channels.val[2], green = (hr_u8x16)channels.val[1], blue = (hr_u8x16)channels.val[0];
  } else {
    red = green = blue = (hr_u8x16)vld1q_u8(pixels);
  }
#else
  const size_t first = step == 3 ? 2 : 0, second = step > 1, third = step == 3 ? 0 : 2 * second;
  for (size_t i = 0; i < 16; i++) {
    red[i] = pixels[step * i + first];
    green[i] = pixels[step * i + second];
    blue[i] = pixels[step * i + third];
  }
#endif
  hr_store_rgb16(rgb, red, green, blue);
}

/* red[i], green[i], blue[i] for i in 0 ..< 8. */
HR_INLINE void hr_store_rgb8(uint8_t *rgb, hr_u8x8 red, hr_u8x8 green, hr_u8x8 blue) {
#if defined(__ARM_NEON)
  const uint8x8x3_t channels = {{(uint8x8_t)red, (uint8x8_t)green, (uint8x8_t)blue}};
  vst3_u8(rgb, channels);
#else
  for (int i = 0; i < 8; i++) {
    rgb[3 * i] = red[i];
    rgb[3 * i + 1] = green[i];
    rgb[3 * i + 2] = blue[i];
  }
#endif
}

/* max(0, min(255, v / 65536)), rounded down. */
HR_INLINE hr_u8x8 hr_from_q16_x8(hr_i32x8 v) {
#if defined(__ARM_NEON)
  const uint16x4_t low = vqshrun_n_s32((int32x4_t)HR_LOW4(v), 16);
  const uint16x4_t high = vqshrun_n_s32((int32x4_t)HR_HIGH4(v), 16);
  return (hr_u8x8)vqmovn_u16(vcombine_u16(low, high));
#else
  typedef int16_t vector __attribute__((ext_vector_type(8)));
  /* The high halves, which are v / 65536, as signed 16 bits. */
  vector high = __builtin_convertvector(v >> 16, vector);
  high = __builtin_elementwise_min(__builtin_elementwise_max(high, (vector)(int16_t)0), (vector)(int16_t)255);
  return __builtin_convertvector(high, hr_u8x8);
#endif
}

/* max(0, min(255, v / 2^21)), rounded down. */
HR_INLINE hr_u8x8 hr_from_q21_x8(hr_i32x8 v) {
#if defined(__ARM_NEON)
  const uint16x4_t low = vqshrun_n_s32((int32x4_t)HR_LOW4(v), 16);
  const uint16x4_t high = vqshrun_n_s32((int32x4_t)HR_HIGH4(v), 16);
  return (hr_u8x8)vqshrn_n_u16(vcombine_u16(low, high), 5);
#else
  return hr_from_q16_x8(v >> 5);
#endif
}

/* Codes of eight values that stand for 0 to 255 when multiplied by scale: the nearest, halves upwards. */
HR_INLINE void hr_codes_from_i16x8(const int16_t *x, float scale, uint8_t *codes) {
  hr_i16x8 values;
  __builtin_memcpy(&values, x, sizeof values);
  hr_f32x8 scaled = __builtin_convertvector(hr_widen_i16x8(values), hr_f32x8) * (hr_f32x8)scale;
  scaled = hr_raise_f32x8(scaled, 0);
  /* Not of one piece with the product, which is rounded. */
  scaled = hr_lower_f32x8(scaled + (hr_f32x8)0.5f, 255);
  const hr_u8x8 rounded = __builtin_convertvector(__builtin_convertvector(scaled, hr_i32x8), hr_u8x8);
  __builtin_memcpy(codes, &rounded, sizeof rounded);
}

/* sums[i] += pixels[i], changes[i] += |next[i] - pixels[i]| */
HR_INLINE void hr_add_changes_x16(const uint8_t *pixels, const uint8_t *next, uint16_t *sums, uint16_t *changes) {
  typedef uint16_t vector __attribute__((ext_vector_type(16), aligned(2)));
  hr_u8x16 here, there;
  __builtin_memcpy(&here, pixels, sizeof here);
  __builtin_memcpy(&there, next, sizeof there);
  *(vector *)sums += __builtin_convertvector(here, vector);
  *(vector *)changes += __builtin_convertvector(
      __builtin_elementwise_max(here, there) - __builtin_elementwise_min(here, there), vector);
}

/* sums[i] = bytes[stride * (row >> shift) + i], added up over rows first ..< end, for i in 0 ..< 64. */
HR_INLINE void hr_sum_rows_x64(const uint8_t *bytes, size_t stride, size_t first, size_t end, size_t shift,
                               uint16_t *sums) {
  typedef uint8_t narrow __attribute__((ext_vector_type(64), aligned(1)));
  typedef uint16_t wide __attribute__((ext_vector_type(64), aligned(2)));
  wide total = (wide)(uint16_t)0;
  for (size_t row = first; row < end; row++)
    total += __builtin_convertvector(*(const narrow *)(bytes + stride * (row >> shift)), wide);
  *(wide *)sums = total;
}

/* y, u and v of sixteen pixels, one after the other. Two pixels share samples of u and v, which lie chroma_step
   apart: 1 in planes of their own, 2 where they take turns, 4 where they do so between those of y, which come first. */
HR_INLINE void hr_spread_yuv_x16(const uint16_t *y, const uint16_t *u, const uint16_t *v, size_t chroma_step,
                                 uint16_t *yuv) {
#if defined(__ARM_NEON)
  uint16x8_t us, vs;
  uint16x8x2_t ys;
  if (chroma_step == 4) {
    const uint16x8x4_t pairs = vld4q_u16(y);
    ys = vzipq_u16(pairs.val[0], pairs.val[2]);
    us = pairs.val[1], vs = pairs.val[3];
  } else {
    ys.val[0] = vld1q_u16(y), ys.val[1] = vld1q_u16(y + 8);
    if (chroma_step == 2) {
      const uint16x8x2_t pairs = vld2q_u16(u < v ? u : v);
      us = u < v ? pairs.val[0] : pairs.val[1], vs = u < v ? pairs.val[1] : pairs.val[0];
    } else {
      us = vld1q_u16(u), vs = vld1q_u16(v);
    }
  }
  const uint16x8x2_t u2 = vzipq_u16(us, us), v2 = vzipq_u16(vs, vs);
  const uint16x8x3_t low = {{ys.val[0], u2.val[0], v2.val[0]}}, high = {{ys.val[1], u2.val[1], v2.val[1]}};
  vst3q_u16(yuv, low);
  vst3q_u16(yuv + 24, high);
#elif defined(__SSE2__)
  for (size_t eight = 0; eight < 2; eight++, y += chroma_step == 4 ? 16 : 8, u += 8, v += 8, yuv += 24) {
    hr_u16x8 ys, uvs; /* u v, four times */
    __builtin_memcpy(&ys, y, sizeof ys);
    if (chroma_step == 4) {
      __builtin_memcpy(&uvs, y + 8, sizeof uvs);
      const hr_u16x8 chroma = __builtin_shufflevector(ys, uvs, 1, 3, 5, 7, 9, 11, 13, 15);
      ys = __builtin_shufflevector(ys, uvs, 0, 2, 4, 6, 8, 10, 12, 14);
      uvs = chroma;
    } else if (chroma_step == 2) {
      __builtin_memcpy(&uvs, u < v ? u : v, sizeof uvs);
      if (u > v) uvs = __builtin_shufflevector(uvs, uvs, 1, 0, 3, 2, 5, 4, 7, 6);
    } else {
      uint64_t us, vs;
      __builtin_memcpy(&us, u - 4 * eight, sizeof us);
      __builtin_memcpy(&vs, v - 4 * eight, sizeof vs);
      uvs = (hr_u16x8)_mm_unpacklo_epi16(_mm_cvtsi64_si128((long long)us), _mm_cvtsi64_si128((long long)vs));
    }
    const hr_u16x8 pixels[3] = {__builtin_shufflevector(ys, uvs, 0, 8, 9, 1, 8, 9, 2, 10),
                                __builtin_shufflevector(ys, uvs, 11, 3, 10, 11, 4, 12, 13, 5),
                                __builtin_shufflevector(ys, uvs, 12, 13, 6, 14, 15, 7, 14, 15)};
    __builtin_memcpy(yuv, pixels, sizeof pixels);
  }
#else
  const size_t luma_step = chroma_step == 4 ? 2 : 1;
  for (size_t i = 0; i < 16; i++) {
    yuv[3 * i] = y[luma_step * i];
    yuv[3 * i + 1] = u[chroma_step * (i / 2)];
    yuv[3 * i + 2] = v[chroma_step * (i / 2)];
  }
#endif
}

#endif /* HR_PIXELS_H */
