/* vnni.h - int8 dot products of sixteen output channels (two blocks of eight) with AVX-512 VNNI.

   The instruction multiplies unsigned bytes by signed ones. Inputs become unsigned here, x + 128, as they are
   read; that adds 128 times the weights, which sums begin without. */
#ifndef HR_VNNI_H
#define HR_VNNI_H

#include "dot.h"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)

#include <immintrin.h>

#define HR_ZMM(v) ((__m512i)(v))

/* A quad of weights of each channel of two blocks. */
HR_INLINE hr_i32x16 hr_quads_x16(const int8_t *block, const int8_t *next) {
  __m512i low = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)block));
  return (hr_i32x16)_mm512_inserti64x4(low, _mm256_loadu_si256((const __m256i *)next), 1);
}

/* Four inputs, + 128, for all channels: one instruction, where the compiler would make it two. */
HR_INLINE hr_i32x16 hr_inputs_x16(const int8_t *x) {
  const __m512i signs = _mm512_set1_epi8(-128);
  hr_i32x16 v;
  __asm__("vpxord %1%{1to16%}, %2, %0" : "=v"(v) : "m"(*(const hr_unaligned_i32 *)x), "v"(signs));
  return v;
}

HR_INLINE hr_i32x16 hr_dot4_x16(hr_i32x16 sums, hr_i32x16 w, hr_i32x16 x) {
  return (hr_i32x16)_mm512_dpbusd_epi32(HR_ZMM(sums), HR_ZMM(x), HR_ZMM(w));
}

/* The same for one block. */
HR_INLINE hr_i32x8 hr_inputs_x8(const int8_t *x) {
  const __m256i signs = _mm256_set1_epi8(-128);
  hr_i32x8 v;
  __asm__("vpxord %1%{1to8%}, %2, %0" : "=v"(v) : "m"(*(const hr_unaligned_i32 *)x), "v"(signs));
  return v;
}
HR_INLINE hr_i32x8 hr_dot4_block_x8(hr_i32x8 sums, hr_i32x8 w, hr_i32x8 x) {
  return (hr_i32x8)_mm256_dpbusd_epi32((__m256i)sums, (__m256i)x, (__m256i)w);
}

/* Four weights of each channel of one block, and their products with four inputs in all lanes. */
HR_INLINE hr_i32x8 hr_quads_x8(const int8_t *block) {
  return (hr_i32x8)_mm256_loadu_si256((const __m256i *)block);
}
HR_INLINE hr_i32x8 hr_dot4_x8(hr_i32x8 sums, hr_i32x8 w, hr_i32x16 x) {
  return (hr_i32x8)_mm256_dpbusd_epi32((__m256i)sums, _mm512_castsi512_si256(HR_ZMM(x)), (__m256i)w);
}

/* sums - 128 times the weights of `length` inputs of each channel of two blocks: what sums begin with, as inputs
   are taken 128 too great. `length` is a multiple of four. */
HR_INLINE hr_i32x16 hr_less_run_x16(hr_i32x16 sums, const int8_t *block, const int8_t *next, uint32_t length) {
  const __m256i factor = _mm256_set1_epi8(-128); /* unsigned: 128 */
  __m256i low0 = _mm256_setzero_si256(), low1 = low0, high0 = low0, high1 = low0;
  const int8_t *end = block + (size_t)length * 8;
  if (length & 4) {
    low0 = _mm256_dpbusd_epi32(low0, factor, _mm256_loadu_si256((const __m256i *)block));
    high0 = _mm256_dpbusd_epi32(high0, factor, _mm256_loadu_si256((const __m256i *)next));
    block += 32, next += 32;
  }
#pragma clang loop unroll(disable)
  for (; block < end; block += 64, next += 64) {
    low0 = _mm256_dpbusd_epi32(low0, factor, _mm256_loadu_si256((const __m256i *)block));
    high0 = _mm256_dpbusd_epi32(high0, factor, _mm256_loadu_si256((const __m256i *)next));
    low1 = _mm256_dpbusd_epi32(low1, factor, _mm256_loadu_si256((const __m256i *)(block + 32)));
    high1 = _mm256_dpbusd_epi32(high1, factor, _mm256_loadu_si256((const __m256i *)(next + 32)));
  }
  __m512i both = _mm512_castsi256_si512(_mm256_add_epi32(low0, low1));
  return sums - (hr_i32x16)_mm512_inserti64x4(both, _mm256_add_epi32(high0, high1), 1);
}

/* Whether the inputs of eight pixels in run `next` follow those in `run`, which has `length`. */
HR_INLINE _Bool hr_follows_x8(const void *const *run, const void *const *next, uint32_t length) {
  __m512i end = _mm512_add_epi64(_mm512_loadu_si512(run), _mm512_set1_epi64(length));
  return _mm512_cmpneq_epi64_mask(end, _mm512_loadu_si512(next)) == 0;
}

HR_INLINE hr_i32x16 hr_join_x16(const int32_t *low, const int32_t *high) {
  __m512i v = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)low));
  return (hr_i32x16)_mm512_inserti64x4(v, _mm256_loadu_si256((const __m256i *)high), 1);
}

/* Requantization comes in halves, floor(sum * multiplier / 2^(shift - 1)): bits enough to round, which is done
   in 16 bits, of two vectors at once. */

/* The odd lanes, in the lower halves of 64 bits. */
HR_INLINE hr_i32x16 hr_odd_x16(hr_i32x16 v) { return (hr_i32x16)_mm512_srli_epi64(HR_ZMM(v), 32); }

/* Where every shift is 33 ... 62, or its multiplier 0: how far the upper halves of products are shifted. Of a
   multiplier of 0 any shift will do. */
HR_INLINE hr_i32x16 hr_upper_shifts_x16(hr_i32x16 shifts) {
  hr_i32x16 least = (hr_i32x16)33;
  return __builtin_elementwise_max(shifts, least) - least;
}
HR_INLINE _Bool hr_all_small_x16(hr_i32x16 multipliers, hr_i32x16 shifts) {
  __mmask16 great = _mm512_cmplt_epi32_mask(HR_ZMM(shifts), _mm512_set1_epi32(33));
  return _mm512_mask_test_epi32_mask(great, HR_ZMM(multipliers), HR_ZMM(multipliers)) == 0;
}
HR_INLINE hr_i32x16 hr_halves_small_x16(hr_i32x16 sums, hr_i32x16 multipliers, hr_i32x16 odd_multipliers,
                                        hr_i32x16 upper_shifts) {
  __m512i even = _mm512_mul_epi32(HR_ZMM(sums), HR_ZMM(multipliers));
  __m512i odd = _mm512_mul_epi32(HR_ZMM(hr_odd_x16(sums)), HR_ZMM(odd_multipliers));
  __m512i upper = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
  return (hr_i32x16)_mm512_srav_epi32(upper, HR_ZMM(upper_shifts));
}

/* For every shift, saturated to 32 bits. */
HR_INLINE hr_i32x16 hr_halves_x16(hr_i32x16 sums, hr_i32x16 multipliers, hr_i32x16 shifts) {
  __m512i half[2];
  for (int i = 0; i < 2; i++) {
    __m512i a = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(HR_ZMM(sums)));
    __m512i m = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(HR_ZMM(multipliers)));
    __m512i s = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(HR_ZMM(shifts - 1)));
    half[i] = _mm512_srav_epi64(_mm512_mul_epi32(a, m), s);
    sums = (hr_i32x16)_mm512_shuffle_i64x2(HR_ZMM(sums), HR_ZMM(sums), 0x4e);
    multipliers = (hr_i32x16)_mm512_shuffle_i64x2(HR_ZMM(multipliers), HR_ZMM(multipliers), 0x4e);
    shifts = (hr_i32x16)_mm512_shuffle_i64x2(HR_ZMM(shifts), HR_ZMM(shifts), 0x4e);
  }
  __m512i low = _mm512_castsi256_si512(_mm512_cvtsepi64_epi32(half[0]));
  return (hr_i32x16)_mm512_inserti64x4(low, _mm512_cvtsepi64_epi32(half[1]), 1);
}

/* Halves rounded, + zero, saturated to int8, then clamped to low ... high: of four vectors, four lanes of each
   in turn. What 16 bits do not hold is beyond int8 with any zero. */
HR_INLINE hr_i8x64 hr_narrow_clamped_x16(hr_i32x16 v0, hr_i32x16 v1, hr_i32x16 v2, hr_i32x16 v3, int32_t zero,
                                         int32_t low, int32_t high) {
  __m512i add = _mm512_set1_epi16((int16_t)(2 * zero + 1));
  __m512i first = _mm512_adds_epi16(_mm512_packs_epi32(HR_ZMM(v0), HR_ZMM(v1)), add);
  __m512i second = _mm512_adds_epi16(_mm512_packs_epi32(HR_ZMM(v2), HR_ZMM(v3)), add);
  __m512i narrow = _mm512_packs_epi16(_mm512_srai_epi16(first, 1), _mm512_srai_epi16(second, 1));
  narrow = _mm512_max_epi8(narrow, _mm512_set1_epi8((int8_t)low));
  return (hr_i8x64)_mm512_min_epi8(narrow, _mm512_set1_epi8((int8_t)high));
}

/* Saturated to int8, then clamped: of four vectors, four lanes of each in turn. */
HR_INLINE hr_i8x64 hr_clamped_x16(hr_i32x16 v0, hr_i32x16 v1, hr_i32x16 v2, hr_i32x16 v3, int32_t low, int32_t high) {
  __m512i first = _mm512_packs_epi32(HR_ZMM(v0), HR_ZMM(v1)), second = _mm512_packs_epi32(HR_ZMM(v2), HR_ZMM(v3));
  __m512i narrow = _mm512_max_epi8(_mm512_packs_epi16(first, second), _mm512_set1_epi8((int8_t)low));
  return (hr_i8x64)_mm512_min_epi8(narrow, _mm512_set1_epi8((int8_t)high));
}

/* Sixteen rows of four bytes, four of each vector above, as four rows of sixteen: one for each vector. */
HR_INLINE hr_i8x64 hr_rows_x16(hr_i8x64 v) {
  __m512i index = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return (hr_i8x64)_mm512_permutexvar_epi32(index, HR_ZMM(v));
}

/* Stores the first `count` bytes of row `row`, a constant. */
#define HR_STORE_ROW(row)                                                                                      \
  HR_INLINE void hr_store_row##row(hr_i8x64 rows, int8_t *y, uint32_t count) {                                 \
    __m128i v = _mm512_extracti32x4_epi32(HR_ZMM(rows), row);                                                  \
    if (count >= 16)                                                                                           \
      _mm_storeu_si128((__m128i *)y, v);                                                                       \
    else                                                                                                       \
      _mm_mask_storeu_epi8(y, (__mmask16)((1u << count) - 1), v);                                              \
  }
HR_STORE_ROW(0)
HR_STORE_ROW(1)
HR_STORE_ROW(2)
HR_STORE_ROW(3)

/* Stores the first `count` of eight bytes of each half of row `row`, a constant; not the second if there is none. */
#define HR_STORE_HALVES(row)                                                                                   \
  HR_INLINE void hr_store_halves##row(hr_i8x64 rows, int8_t *y, size_t step, uint32_t count, _Bool second) {   \
    __m128i v = _mm512_extracti32x4_epi32(HR_ZMM(rows), row);                                                  \
    __mmask16 mask = (__mmask16)((1u << count) - 1);                                                           \
    if (count >= 8)                                                                                            \
      _mm_storel_epi64((__m128i *)y, v);                                                                       \
    else                                                                                                       \
      _mm_mask_storeu_epi8(y, mask, v);                                                                        \
    if (second && count >= 8)                                                                                  \
      _mm_storeh_pd((double *)(y + step), _mm_castsi128_pd(v));                                                \
    else if (second)                                                                                           \
      _mm_mask_storeu_epi8(y + step, mask, _mm_srli_si128(v, 8));                                              \
  }
HR_STORE_HALVES(0)
HR_STORE_HALVES(1)
HR_STORE_HALVES(2)
HR_STORE_HALVES(3)

HR_INLINE void hr_store_rows(hr_i8x64 rows, int8_t *y) { _mm512_storeu_si512(y, HR_ZMM(rows)); }

/* Whether (v & mask) is 0 in any lane of four vectors. */
HR_INLINE _Bool hr_any_without_x64(hr_i32x16 v0, hr_i32x16 v1, hr_i32x16 v2, hr_i32x16 v3, int32_t mask) {
  const __m512i bits = _mm512_set1_epi32(mask);
  __mmask16 first = _mm512_testn_epi32_mask(HR_ZMM(v0), bits) | _mm512_testn_epi32_mask(HR_ZMM(v1), bits);
  __mmask16 second = _mm512_testn_epi32_mask(HR_ZMM(v2), bits) | _mm512_testn_epi32_mask(HR_ZMM(v3), bits);
  return (first | second) != 0;
}

/* Stores the first two rows, or the last two. */
HR_INLINE void hr_store_rows01(hr_i8x64 rows, int8_t *y) {
  _mm256_storeu_si256((__m256i *)y, _mm512_castsi512_si256(HR_ZMM(rows)));
}
HR_INLINE void hr_store_rows23(hr_i8x64 rows, int8_t *y) {
  _mm256_storeu_si256((__m256i *)y, _mm512_extracti64x4_epi64(HR_ZMM(rows), 1));
}

/* Sixteen channels of three taps, side by side: a quad of each channel, its last byte 0. */
HR_INLINE hr_i32x16 hr_taps_x16(const int8_t *tap0, const int8_t *tap1, const int8_t *tap2) {
  const __m512i rows = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i bytes = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  __m512i v = _mm512_zextsi128_si512(_mm_loadu_si128((const __m128i *)tap0));
  v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)tap1), 1);
  v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)tap2), 2);
  return (hr_i32x16)_mm512_shuffle_epi8(_mm512_permutexvar_epi32(rows, v), bytes);
}

/* The same of inputs, + 128, at *tap0, *tap1 and *tap2, which move on by a step each. In one piece: the
   compiler would shuffle twice as much, and keep an address for every tap of every output. It hides that it
   reads, so the same function may not write there. The quad's last byte is any: its weight is 0. */
HR_INLINE hr_i32x16 hr_take_taps_x16(const int8_t **tap0, const int8_t **tap1, const int8_t **tap2, intptr_t step0,
                                     intptr_t step1, intptr_t step2) {
  const __m512i rows = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i bytes = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  const __m512i signs = _mm512_set1_epi8(-128);
  const int8_t *p0 = *tap0, *p1 = *tap1, *p2 = *tap2;
  __m512i v;
  __asm__("vbroadcasti32x4 (%[p0]), %[v]\n\t"
          "vinserti32x4 $1, (%[p1]), %[v], %[v]\n\t"
          "vinserti32x4 $2, (%[p2]), %[v], %[v]\n\t"
          "add %[step0], %[p0]\n\t"
          "add %[step1], %[p1]\n\t"
          "add %[step2], %[p2]\n\t"
          "vpermd %[v], %[rows], %[v]\n\t"
          "vpshufb %[bytes], %[v], %[v]\n\t"
          "vpxord %[signs], %[v], %[v]"
          : [v] "=&v"(v), [p0] "+&r"(p0), [p1] "+&r"(p1), [p2] "+&r"(p2)
          : [step0] "r"(step0), [step1] "r"(step1), [step2] "r"(step2), [rows] "v"(rows), [bytes] "v"(bytes),
            [signs] "v"(signs)
          : "cc");
  *tap0 = p0;
  *tap1 = p1;
  *tap2 = p2;
  return (hr_i32x16)v;
}

/* Sixty-four channels of taps, and the same + 128. */
HR_INLINE hr_i8x64 hr_load_x64(const int8_t *x) { return (hr_i8x64)_mm512_loadu_si512(x); }
HR_INLINE hr_i8x64 hr_load_unsigned_x64(const int8_t *x) {
  return (hr_i8x64)_mm512_xor_si512(_mm512_loadu_si512(x), _mm512_set1_epi8(-128));
}
/* Two taps side by side, and two such pairs: the first or the last half of each sixteen bytes. */
HR_INLINE hr_i8x64 hr_low_pairs_x64(hr_i8x64 a, hr_i8x64 b) {
  return (hr_i8x64)_mm512_unpacklo_epi8(HR_ZMM(a), HR_ZMM(b));
}
HR_INLINE hr_i8x64 hr_high_pairs_x64(hr_i8x64 a, hr_i8x64 b) {
  return (hr_i8x64)_mm512_unpackhi_epi8(HR_ZMM(a), HR_ZMM(b));
}
HR_INLINE hr_i32x16 hr_low_quads_x64(hr_i8x64 a, hr_i8x64 b) {
  return (hr_i32x16)_mm512_unpacklo_epi16(HR_ZMM(a), HR_ZMM(b));
}
HR_INLINE hr_i32x16 hr_high_quads_x64(hr_i8x64 a, hr_i8x64 b) {
  return (hr_i32x16)_mm512_unpackhi_epi16(HR_ZMM(a), HR_ZMM(b));
}
/* Elements 0 ... 3 of each sixteen of 64, of `width` that repeat: 8, 16, 32 or 64. */
HR_INLINE hr_i32x16 hr_every_fourth_x16(const int32_t *x, size_t width) {
  size_t wrap = width - 1;
  __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)x));
  v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(x + (16 & wrap))), 1);
  v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(x + (32 & wrap))), 2);
  return (hr_i32x16)_mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(x + (48 & wrap))), 3);
}

/* So many bytes as often as they make 64, and the same + 128. */
HR_INLINE hr_i8x64 hr_repeat_x64(const int8_t *x, size_t width) {
  switch (width) {
  case 8: return (hr_i8x64)_mm512_broadcastq_epi64(_mm_loadl_epi64((const __m128i *)x));
  case 16: return (hr_i8x64)_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)x));
  case 32: return (hr_i8x64)_mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)x));
  default: return hr_load_x64(x);
  }
}
HR_INLINE hr_i8x64 hr_repeat_unsigned_x64(const int8_t *x, size_t width) {
  return (hr_i8x64)_mm512_xor_si512(HR_ZMM(hr_repeat_x64(x, width)), _mm512_set1_epi8(-128));
}

/* Stores the first `width` bytes, at most 64. */
HR_INLINE void hr_store_first(hr_i8x64 v, int8_t *y, size_t width) {
  _mm512_mask_storeu_epi8(y, ~(__mmask64)0 >> (64 - width), HR_ZMM(v));
}

/* sums - 128 * the weights: what sums of inputs + 128 begin with. */
HR_INLINE hr_i32x16 hr_less_weights_x16(hr_i32x16 sums, hr_i32x16 w) {
  __m512i factor = _mm512_set1_epi8(-128); /* unsigned: 128 */
  return sums - (hr_i32x16)_mm512_dpbusd_epi32(_mm512_setzero_si512(), factor, HR_ZMM(w));
}

/* + x * w, of inputs + 128. */
HR_INLINE hr_i32x16 hr_mac_taps_x16(hr_i32x16 sums, hr_i32x16 w, hr_i32x16 x) {
  return (hr_i32x16)_mm512_dpbusd_epi32(HR_ZMM(sums), HR_ZMM(x), HR_ZMM(w));
}

#endif

#endif /* HR_VNNI_H */
