/* halves.h - int8 and int16 results of 32-bit sums on AVX2, of sixteen lanes and more at once.

   Requantization comes in halves, floor(sum * multiplier / 2^(shift - 1)): bits enough to round, which for int8 is
   done in 16 bits. Of each four lanes halves stand in the order 0, 2, 1, 3, as the products of 64 bits do, until bytes are
   put in order. */
#ifndef HR_HALVES_H
#define HR_HALVES_H

#include "simd.h"

#if defined(__AVX2__)

typedef int8_t hr_i8x32 __attribute__((ext_vector_type(32)));

/* Whether every shift is 33 or more, or its multiplier 0: real factors below 1/4. */
HR_INLINE _Bool hr_have_halves_i32x8(hr_i32x8 multipliers, hr_i32x8 shifts) {
  return __builtin_reduce_max(multipliers & (shifts < 33)) == 0;
}

/* The odd lanes in the place of the even ones. A shuffle: of a shift the compiler would make products of 64 bits. */
HR_INLINE hr_i32x8 hr_odd_i32x8(hr_i32x8 v) { return (hr_i32x8)_mm256_shuffle_epi32((__m256i)v, 0xf5); }

/* How far the upper halves of products are shifted, in the order of halves. Of a multiplier of 0 any shift will do. */
HR_INLINE hr_i32x8 hr_upper_shifts_i32x8(hr_i32x8 shifts) {
  hr_i32x8 least = (hr_i32x8)33;
  hr_i32x8 upper = __builtin_elementwise_max(shifts, least) - least;
  return (hr_i32x8)_mm256_shuffle_epi32((__m256i)upper, 0xd8);
}

HR_INLINE hr_i32x8 hr_halves_i32x8(hr_i32x8 sums, hr_i32x8 multipliers, hr_i32x8 odd_multipliers,
                                   hr_i32x8 upper_shifts) {
  __m256 even = (__m256)_mm256_mul_epi32((__m256i)sums, (__m256i)multipliers);
  __m256 odd = (__m256)_mm256_mul_epi32((__m256i)hr_odd_i32x8(sums), (__m256i)odd_multipliers);
  return (hr_i32x8)_mm256_srav_epi32((__m256i)_mm256_shuffle_ps(even, odd, 0xdd), (__m256i)upper_shifts);
}

/* Halves of two vectors in 16 bits, rounded, + zero. What 16 bits do not hold is beyond int8 with any zero. */
HR_INLINE __m256i hr_rounded_halves(hr_i32x8 first, hr_i32x8 second, int32_t zero) {
  __m256i add = _mm256_set1_epi16((int16_t)(2 * zero + 1));
  return _mm256_srai_epi16(_mm256_adds_epi16(_mm256_packs_epi32((__m256i)first, (__m256i)second), add), 1);
}

/* Halves of two vectors for each of two pixels, saturated to int8, then clamped. Each half of the result has a half
   of each vector, of pixel 0 first. */
HR_INLINE __m256i hr_narrow_halves(hr_i32x8 pixel0, hr_i32x8 pixel0_next, hr_i32x8 pixel1, hr_i32x8 pixel1_next,
                                   int32_t zero, int32_t low, int32_t high) {
  __m256i v = _mm256_packs_epi16(hr_rounded_halves(pixel0, pixel0_next, zero),
                                 hr_rounded_halves(pixel1, pixel1_next, zero));
  v = _mm256_max_epi8(v, _mm256_set1_epi8((int8_t)low));
  v = _mm256_min_epi8(v, _mm256_set1_epi8((int8_t)high));
  __m128i lanes = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
  return _mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(lanes));
}

/* Two blocks of eight channels of two pixels: sixteen bytes a pixel. */
HR_INLINE hr_i8x32 hr_blocks_of_halves(hr_i32x8 pixel0, hr_i32x8 pixel0_next, hr_i32x8 pixel1, hr_i32x8 pixel1_next,
                                       int32_t zero, int32_t low, int32_t high) {
  __m256i v = hr_narrow_halves(pixel0, pixel0_next, pixel1, pixel1_next, zero, low, high);
  return (hr_i8x32)_mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* The same of sixteen channels that stand as in `hr_pairs_i8x16`. */
HR_INLINE hr_i8x32 hr_sixteens_of_halves(hr_i32x8 pixel0_low, hr_i32x8 pixel0_high, hr_i32x8 pixel1_low,
                                         hr_i32x8 pixel1_high, int32_t zero, int32_t low, int32_t high) {
  __m256i v = hr_narrow_halves(pixel0_low, pixel0_high, pixel1_low, pixel1_high, zero, low, high);
  return (hr_i8x32)_mm256_permute4x64_epi64(v, 0xd8);
}

HR_INLINE void hr_store_pixel_i8x32(hr_i8x32 pixels, int8_t *y) {
  _mm_storeu_si128((__m128i *)y, _mm256_castsi256_si128((__m256i)pixels));
}
HR_INLINE void hr_store_pixels_i8x32(hr_i8x32 pixels, int8_t *y, int8_t *next) {
  _mm_storeu_si128((__m128i *)y, _mm256_castsi256_si128((__m256i)pixels));
  _mm_storeu_si128((__m128i *)next, _mm256_extracti128_si256((__m256i)pixels, 1));
}

/* Eight channels of two pixels, saturated to int8, then clamped. */
HR_INLINE void hr_store_halves_i8x8(hr_i32x8 pixel0, hr_i32x8 pixel1, int32_t zero, int32_t low, int32_t high,
                                    int8_t *y, int8_t *next) {
  __m256i wide = hr_rounded_halves(pixel0, pixel1, zero);
  __m128i v = _mm_packs_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  v = _mm_max_epi8(v, _mm_set1_epi8((int8_t)low));
  v = _mm_min_epi8(v, _mm_set1_epi8((int8_t)high));
  v = _mm_shuffle_epi8(v, _mm_setr_epi8(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15));
  _mm_storel_epi64((__m128i *)y, v);
  _mm_storeh_pd((double *)(void *)next, (__m128d)v);
}

/* int16 outputs of eight channels of two pixels, which 32 bits are rounded in. */
HR_INLINE void hr_store_halves_i16x8(hr_i32x8 pixel0, hr_i32x8 pixel1, int32_t low, int32_t high, int16_t *y,
                                     int16_t *next) {
  __m256i v = _mm256_packs_epi32((__m256i)((pixel0 + 1) >> 1), (__m256i)((pixel1 + 1) >> 1));
  v = _mm256_max_epi16(v, _mm256_set1_epi16((int16_t)low));
  v = _mm256_min_epi16(v, _mm256_set1_epi16((int16_t)high));
  __m128i lanes = _mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
  v = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(lanes)), 0xd8);
  _mm_storeu_si128((__m128i *)y, _mm256_castsi256_si128(v));
  _mm_storeu_si128((__m128i *)next, _mm256_extracti128_si256(v, 1));
}

#endif

#endif /* HR_HALVES_H */
