/* pixels.h - sixteen pixels at a time: their channels apart, and one behind the other in memory. */
#ifndef HR_PIXELS_H
#define HR_PIXELS_H

#include "simd.h"
#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

typedef uint8_t hr_u8x8 __attribute__((ext_vector_type(8)));
typedef uint8_t hr_u8x16 __attribute__((ext_vector_type(16)));

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

#endif /* HR_PIXELS_H */
