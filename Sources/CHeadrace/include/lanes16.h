/* lanes16.h - sixteen 32-bit lanes for element-wise int8 arithmetic on x86: a register of AVX-512, two of
   AVX2. */
#ifndef HR_LANES16_H
#define HR_LANES16_H

#include "vnni.h"

#if defined(__AVX2__)

#include <immintrin.h>

typedef int8_t hr_i8x32 __attribute__((ext_vector_type(32)));
HR_INLINE hr_i8x32 hr_max_i8x32(hr_i8x32 a, hr_i8x32 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_i8x32 hr_clamp_i8x32(hr_i8x32 v, int32_t low, int32_t high) {
  v = __builtin_elementwise_max(v, (hr_i8x32)(int8_t)low);
  return __builtin_elementwise_min(v, (hr_i8x32)(int8_t)high);
}

HR_INLINE hr_i8x64 hr_max_i8x64(hr_i8x64 a, hr_i8x64 b) { return __builtin_elementwise_max(a, b); }
HR_INLINE hr_i8x64 hr_clamp_i8x64(hr_i8x64 v, int32_t low, int32_t high) {
  v = __builtin_elementwise_max(v, (hr_i8x64)(int8_t)low);
  return __builtin_elementwise_min(v, (hr_i8x64)(int8_t)high);
}

HR_INLINE hr_i32x16 hr_widen_i8x16(const int8_t *x) {
  typedef int8_t vector __attribute__((ext_vector_type(16)));
  return __builtin_convertvector((vector)_mm_loadu_si128((const __m128i *)x), hr_i32x16);
}

#if defined(__AVX512BW__) && defined(__AVX512VL__)

/* v, saturated to int8, then clamped. */
HR_INLINE void hr_store_clamped_x16(int8_t *y, hr_i32x16 v, int32_t low, int32_t high) {
  __m128i narrow = _mm512_cvtsepi32_epi8((__m512i)v);
  narrow = _mm_max_epi8(narrow, _mm_set1_epi8((int8_t)low));
  _mm_storeu_si128((__m128i *)y, _mm_min_epi8(narrow, _mm_set1_epi8((int8_t)high)));
}

/* Whether (v & mask) is 0 in any lane. */
HR_INLINE _Bool hr_any_without_x16(hr_i32x16 v, int32_t mask) {
  return _mm512_testn_epi32_mask((__m512i)v, _mm512_set1_epi32(mask)) != 0;
}

/* floor(v * multiplier / 2^shift + 1/2), one factor for all lanes, where no result exceeds 32 bits. */
HR_INLINE hr_i32x16 hr_scale_x16(hr_i32x16 v, int32_t multiplier, int32_t shift) {
  __m512i factor = _mm512_set1_epi64(multiplier), half = _mm512_set1_epi64((int64_t)1 << (shift - 1));
  __m512i even = _mm512_mul_epi32((__m512i)v, factor);
  __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64((__m512i)v, 32), factor);
  if (shift >= 32) { /* Only the upper halves count. */
    even = _mm512_add_epi64(even, half);
    odd = _mm512_mask_shuffle_epi32(_mm512_add_epi64(odd, half), 0x5555, even, _MM_PERM_DDBB);
    return (hr_i32x16)_mm512_sra_epi32(odd, _mm_cvtsi32_si128(shift - 32));
  }
  __m128i count = _mm_cvtsi32_si128(shift);
  even = _mm512_sra_epi64(_mm512_add_epi64(even, half), count);
  odd = _mm512_sra_epi64(_mm512_add_epi64(odd, half), count);
  return (hr_i32x16)_mm512_mask_mov_epi32(even, 0xaaaa, _mm512_slli_epi64(odd, 32));
}

#else

HR_INLINE void hr_store_clamped_x16(int8_t *y, hr_i32x16 v, int32_t low, int32_t high) {
  __m256i first = (__m256i)__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
  __m256i second = (__m256i)__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xd8);
  __m128i narrow = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  narrow = _mm_max_epi8(narrow, _mm_set1_epi8((int8_t)low));
  _mm_storeu_si128((__m128i *)y, _mm_min_epi8(narrow, _mm_set1_epi8((int8_t)high)));
}

HR_INLINE _Bool hr_any_without_x16(hr_i32x16 v, int32_t mask) {
  hr_i32x16 without = (v & mask) == 0;
  hr_i32x8 either = __builtin_shufflevector(without, without, 0, 1, 2, 3, 4, 5, 6, 7) |
                    __builtin_shufflevector(without, without, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm256_movemask_epi8((__m256i)either) != 0;
}

HR_INLINE hr_i32x16 hr_scale_x16(hr_i32x16 v, int32_t multiplier, int32_t shift) {
  hr_i32x8 multipliers = (hr_i32x8)multiplier, shifts = (hr_i32x8)shift;
  hr_i32x8 low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
  hr_i32x8 high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  if (shift >= 32) {
    low = hr_requantize_small_i32x8(low, multipliers, shifts);
    high = hr_requantize_small_i32x8(high, multipliers, shifts);
  } else {
    low = hr_requantize_i32x8(low, multipliers, shifts);
    high = hr_requantize_i32x8(high, multipliers, shifts);
  }
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#endif

#endif

#endif /* HR_LANES16_H */
