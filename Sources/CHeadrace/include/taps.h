/* taps.h - sums over taps of a depthwise convolution, int8, eight channels at a time: two taps a step.

   Weights are -127 ... 127: two products then fit 16 bits. A pair holds eight inputs, or weights, of each
   of two taps. */
#ifndef HR_TAPS_H
#define HR_TAPS_H

#include "simd.h"

#if defined(__AVX2__)

/* first[0], second[0], first[1], second[1], ...: what pmaddwd multiplies and adds. */
typedef hr_i16x16 hr_pair_i8;

HR_INLINE hr_pair_i8 hr_interleave_i8(__m128i first, __m128i second) {
  return (hr_pair_i8)_mm256_cvtepi8_epi16(_mm_unpacklo_epi8(first, second));
}
HR_INLINE hr_pair_i8 hr_load_pair_i8(const int8_t *first, const int8_t *second) {
  return hr_interleave_i8(_mm_loadl_epi64((const __m128i *)first), _mm_loadl_epi64((const __m128i *)second));
}
HR_INLINE hr_i32x8 hr_mac_pair_i8(hr_i32x8 sums, hr_pair_i8 w, hr_pair_i8 x) {
  return sums + (hr_i32x8)_mm256_madd_epi16((__m256i)w, (__m256i)x);
}
/* Weights of one tap; the other's are 0. */
HR_INLINE hr_pair_i8 hr_load_first_i8(const int8_t *first) {
  return hr_interleave_i8(_mm_loadl_epi64((const __m128i *)first), _mm_setzero_si128());
}
HR_INLINE hr_pair_i8 hr_load_second_i8(const int8_t *second) {
  return hr_interleave_i8(_mm_setzero_si128(), _mm_loadl_epi64((const __m128i *)second));
}
/* Of the first or the second tap alone; the other's weights are 0. */
HR_INLINE hr_i32x8 hr_mac_first_i8(hr_i32x8 sums, hr_pair_i8 w, hr_pair_i8 x) {
  return hr_mac_pair_i8(sums, w, x);
}
HR_INLINE hr_i32x8 hr_mac_second_i8(hr_i32x8 sums, hr_pair_i8 w, hr_pair_i8 x) {
  return hr_mac_pair_i8(sums, w, x);
}

/* Pairs of sixteen channels: of 0 ... 3 and 8 ... 11, then of 4 ... 7 and 12 ... 15, which is also how sums stand. */
typedef int16_t hr_pairs_i8x16 __attribute__((ext_vector_type(32)));

HR_INLINE hr_pairs_i8x16 hr_pairs_of_x16(__m256i first, __m256i second) {
  hr_i16x16 low = (hr_i16x16)_mm256_unpacklo_epi16(first, second);
  hr_i16x16 high = (hr_i16x16)_mm256_unpackhi_epi16(first, second);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}
HR_INLINE __m256i hr_widen_taps_x16(const int8_t *p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}
HR_INLINE hr_pairs_i8x16 hr_load_pairs_i8x16(const int8_t *first, const int8_t *second) {
  return hr_pairs_of_x16(hr_widen_taps_x16(first), hr_widen_taps_x16(second));
}
/* One tap; the other of the pair is 0. */
HR_INLINE hr_pairs_i8x16 hr_load_first_i8x16(const int8_t *first) {
  return hr_pairs_of_x16(hr_widen_taps_x16(first), _mm256_setzero_si256());
}
HR_INLINE hr_pairs_i8x16 hr_load_second_i8x16(const int8_t *second) {
  return hr_pairs_of_x16(_mm256_setzero_si256(), hr_widen_taps_x16(second));
}

HR_INLINE hr_i32x8 hr_low_x16(hr_i32x16 v) { return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7); }
HR_INLINE hr_i32x8 hr_high_x16(hr_i32x16 v) { return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15); }
HR_INLINE hr_i32x16 hr_join_halves_x16(hr_i32x8 low, hr_i32x8 high) {
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
HR_INLINE hr_i32x16 hr_mac_pairs_i8x16(hr_i32x16 sums, hr_pairs_i8x16 w, hr_pairs_i8x16 x) {
  union {
    hr_pairs_i8x16 all;
    hr_pair_i8 parts[2];
  } weights = {w}, inputs = {x};
  return hr_join_halves_x16(hr_mac_pair_i8(hr_low_x16(sums), weights.parts[0], inputs.parts[0]),
                            hr_mac_pair_i8(hr_high_x16(sums), weights.parts[1], inputs.parts[1]));
}
/* Sixteen numbers as sums stand. */
HR_INLINE hr_i32x16 hr_load_sums_x16(const int32_t *p) {
  __m256i first = _mm256_loadu_si256((const __m256i *)p), second = _mm256_loadu_si256((const __m256i *)(p + 8));
  return hr_join_halves_x16((hr_i32x8)_mm256_permute2x128_si256(first, second, 0x20),
                            (hr_i32x8)_mm256_permute2x128_si256(first, second, 0x31));
}

#else

typedef struct hr_pair_i8 {
  hr_i8x8 first, second;
} hr_pair_i8;

HR_INLINE hr_i8x8 hr_load_lanes_i8(const int8_t *p) {
  hr_i8x8 v;
  __builtin_memcpy(&v, p, 8);
  return v;
}

#if defined(__ARM_NEON)
HR_INLINE hr_i32x8 hr_add_wide_i16x8(hr_i32x8 sums, int16x8_t v) {
  int32x4_t low = vaddw_s16((int32x4_t)HR_LOW4(sums), vget_low_s16(v));
  int32x4_t high = vaddw_s16((int32x4_t)HR_HIGH4(sums), vget_high_s16(v));
  return HR_JOIN8((hr_i32x4)low, (hr_i32x4)high);
}
HR_INLINE hr_i32x8 hr_mac_two_i8(hr_i32x8 sums, hr_i8x8 w0, hr_i8x8 x0, hr_i8x8 w1, hr_i8x8 x1) {
  int16x8_t products = vmull_s8((int8x8_t)w0, (int8x8_t)x0);
  return hr_add_wide_i16x8(sums, vmlal_s8(products, (int8x8_t)w1, (int8x8_t)x1));
}
HR_INLINE hr_i32x8 hr_mac_one_i8(hr_i32x8 sums, hr_i8x8 w, hr_i8x8 x) {
  return hr_add_wide_i16x8(sums, vmull_s8((int8x8_t)w, (int8x8_t)x));
}
#if defined(__aarch64__)
/* The same for sixteen channels. */
typedef struct hr_sums_i8x16 {
  hr_i32x8 low, high;
} hr_sums_i8x16;

HR_INLINE hr_sums_i8x16 hr_mac_two_i8x16(hr_sums_i8x16 sums, hr_i8x16 w0, hr_i8x16 x0, hr_i8x16 w1,
                                         hr_i8x16 x1) {
  int16x8_t low = vmull_s8(vget_low_s8((int8x16_t)w0), vget_low_s8((int8x16_t)x0));
  int16x8_t high = vmull_high_s8((int8x16_t)w0, (int8x16_t)x0);
  low = vmlal_s8(low, vget_low_s8((int8x16_t)w1), vget_low_s8((int8x16_t)x1));
  high = vmlal_high_s8(high, (int8x16_t)w1, (int8x16_t)x1);
  return (hr_sums_i8x16){hr_add_wide_i16x8(sums.low, low), hr_add_wide_i16x8(sums.high, high)};
}
HR_INLINE hr_sums_i8x16 hr_mac_one_i8x16(hr_sums_i8x16 sums, hr_i8x16 w, hr_i8x16 x) {
  int16x8_t low = vmull_s8(vget_low_s8((int8x16_t)w), vget_low_s8((int8x16_t)x));
  int16x8_t high = vmull_high_s8((int8x16_t)w, (int8x16_t)x);
  return (hr_sums_i8x16){hr_add_wide_i16x8(sums.low, low), hr_add_wide_i16x8(sums.high, high)};
}
#endif
#else
HR_INLINE hr_i32x8 hr_mac_one_i8(hr_i32x8 sums, hr_i8x8 w, hr_i8x8 x) {
  return hr_mac_lanes_i16x8(sums, hr_widen_i8x8(w), hr_widen_i8x8(x));
}
HR_INLINE hr_i32x8 hr_mac_two_i8(hr_i32x8 sums, hr_i8x8 w0, hr_i8x8 x0, hr_i8x8 w1, hr_i8x8 x1) {
  return hr_mac_one_i8(hr_mac_one_i8(sums, w0, x0), w1, x1);
}
#endif

HR_INLINE hr_pair_i8 hr_load_pair_i8(const int8_t *first, const int8_t *second) {
  return (hr_pair_i8){hr_load_lanes_i8(first), hr_load_lanes_i8(second)};
}
HR_INLINE hr_pair_i8 hr_load_first_i8(const int8_t *first) {
  return (hr_pair_i8){hr_load_lanes_i8(first), (hr_i8x8)0};
}
HR_INLINE hr_pair_i8 hr_load_second_i8(const int8_t *second) {
  return (hr_pair_i8){(hr_i8x8)0, hr_load_lanes_i8(second)};
}
HR_INLINE hr_i32x8 hr_mac_pair_i8(hr_i32x8 sums, hr_pair_i8 w, hr_pair_i8 x) {
  return hr_mac_two_i8(sums, w.first, x.first, w.second, x.second);
}
HR_INLINE hr_i32x8 hr_mac_first_i8(hr_i32x8 sums, hr_pair_i8 w, hr_pair_i8 x) {
  return hr_mac_one_i8(sums, w.first, x.first);
}
HR_INLINE hr_i32x8 hr_mac_second_i8(hr_i32x8 sums, hr_pair_i8 w, hr_pair_i8 x) {
  return hr_mac_one_i8(sums, w.second, x.second);
}

#endif

#endif /* HR_TAPS_H */
