/* binary_i8.h - sums, differences and products of two int8 tensors, on 64-bit ARM. */
#ifndef HR_BINARY_I8_H
#define HR_BINARY_I8_H

#include "kernels_pointwise.h"
#include "simd.h"

#if defined(__aarch64__)

/* How two tensors become one. With p' = p - zero_p and q' = q - zero_q, rounded as in kernels:
   sums: (p' 2^(16 + left_p) multiplier_p / 2^31 + q' 2^left_q factor_q) multiplier / 2^(31 - right), where
   only the first is rounded, because one operand of a sum has a scale that is a power of two;
   products: p' q' multiplier / 2^(31 - right); each + zero_y. right is negative, -31 or more. */
typedef struct hr_pair_scales_i8 {
  int8_t zero_p, zero_q;
  int16_t left_p, left_q; /* 0 ... 6, 1 ... 7 */
  int16_t factor_q;       /* 2^14 or -2^14 */
  int32_t multiplier_p, multiplier, right;
  int16_t zero_y;
} hr_pair_scales_i8;

typedef enum hr_pair_function {
  HR_PAIR_PRODUCT,
  HR_PAIR_SUM,
  HR_PAIR_FAR_SUM, /* a sum of which the lower 16 bits only round: right is -17 or less */
  HR_PAIR_FAR_SUM_OF_POSITIVE /* the same where p and y are not below 0: zero_p and zero_y are -128 */
} hr_pair_function;

/* floor(v multiplier / 2^31) of four sums. */
HR_INLINE int32x4_t hr_sum4_i8(int16x4_t p, int16x4_t q, hr_pair_scales_i8 s) {
  int32x4_t scaled = vqrdmulhq_s32(vshll_n_s16(p, 16), vdupq_n_s32(s.multiplier_p));
  return vqdmulhq_s32(vmlal_s16(scaled, q, vdup_n_s16(s.factor_q)), vdupq_n_s32(s.multiplier));
}

/* What becomes of eight elements, in 16 bits, from p' and q'. For HR_PAIR_FAR_SUM_OF_POSITIVE p' is p' 2^left_p
   already, and what it becomes lacks zero_y. */
HR_INLINE int16x8_t hr_pair8_i8(int16x8_t p, int16x8_t q, hr_pair_scales_i8 s, hr_pair_function function) {
  int32x4_t low, high;
  int16x8_t y;
  if (function == HR_PAIR_PRODUCT) {
    low = vqdmulhq_s32(vmull_s16(vget_low_s16(p), vget_low_s16(q)), vdupq_n_s32(s.multiplier));
    high = vqdmulhq_s32(vmull_high_s16(p, q), vdupq_n_s32(s.multiplier));
  } else {
    if (function != HR_PAIR_FAR_SUM_OF_POSITIVE) p = vshlq_s16(p, vdupq_n_s16(s.left_p));
    q = vshlq_s16(q, vdupq_n_s16(s.left_q));
    low = hr_sum4_i8(vget_low_s16(p), vget_low_s16(q), s);
    high = hr_sum4_i8(vget_high_s16(p), vget_high_s16(q), s);
  }
  if (function >= HR_PAIR_FAR_SUM) {
    y = vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high));
    y = vrshlq_s16(y, vdupq_n_s16((int16_t)(s.right + 16)));
  } else {
    low = vrshlq_s32(low, vdupq_n_s32(s.right));
    high = vrshlq_s32(high, vdupq_n_s32(s.right));
    /* Half a product fits 16 bits, and a factor is below 1/2. */
    y = function == HR_PAIR_PRODUCT ? vuzp1q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high))
                                    : vqmovn_high_s32(vqmovn_s32(low), high);
  }
  return function == HR_PAIR_FAR_SUM_OF_POSITIVE ? y : vqaddq_s16(y, vdupq_n_s16(s.zero_y));
}

/* Zero points in all lanes, which the compiler does not see are alike: it would move upper halves down to
   subtract the lower half of one. For HR_PAIR_FAR_SUM_OF_POSITIVE p is 2^left_p instead. */
typedef struct hr_pair_zeros_i8 {
  int8x16_t p, q;
} hr_pair_zeros_i8;

HR_INLINE hr_pair_zeros_i8 hr_pair_zeros(hr_pair_scales_i8 s) {
  hr_pair_zeros_i8 zeros = {vdupq_n_s8(s.zero_p), vdupq_n_s8(s.zero_q)};
  __asm__("" : "+w"(zeros.p), "+w"(zeros.q));
  return zeros;
}

HR_INLINE int8x16_t hr_pair16_i8(int8x16_t p, int8x16_t q, hr_pair_zeros_i8 zeros, hr_pair_scales_i8 s,
                                 hr_pair_function function) {
  int16x8_t q0 = vsubl_s8(vget_low_s8(q), vget_low_s8(zeros.q)), q1 = vsubl_high_s8(q, zeros.q);
  if (function == HR_PAIR_FAR_SUM_OF_POSITIVE) {
    /* Without signs, what is 128 too much is not. */
    const uint8x16_t half = vdupq_n_u8(128);
    uint8x16_t above = veorq_u8(vreinterpretq_u8_s8(p), half), factor = vreinterpretq_u8_s8(zeros.p);
    int16x8_t low = vreinterpretq_s16_u16(vmull_u8(vget_low_u8(above), vget_low_u8(factor)));
    int16x8_t high = vreinterpretq_s16_u16(vmull_high_u8(above, factor));
    low = hr_pair8_i8(low, q0, s, function);
    high = hr_pair8_i8(high, q1, s, function);
    return vreinterpretq_s8_u8(veorq_u8(vqmovun_high_s16(vqmovun_s16(low), high), half));
  }
  int16x8_t p0 = vsubl_s8(vget_low_s8(p), vget_low_s8(zeros.p)), p1 = vsubl_high_s8(p, zeros.p);
  int16x8_t y0 = hr_pair8_i8(p0, q0, s, function), y1 = hr_pair8_i8(p1, q1, s, function);
  return vqmovn_high_s16(vqmovn_s16(y0), y1);
}

/* Where an operand is read, and by how much it moves on: 1 an element, or 0 where one serves all. */
typedef struct hr_pair_place {
  const int8_t *p, *q;
  size_t p_step, q_step;
} hr_pair_place;

/* Thirty-two elements at a time, as many as there are of `count`. Returns how many are left. */
HR_INLINE size_t hr_pair_thirty_twos_i8(hr_pair_place *place, int8_t *y, size_t count, hr_pair_scales_i8 s,
                                        hr_pair_function function) {
  /* Not the values that the rest of a row has in memory: these are to be in registers. */
  __asm__("" : "+r"(s.left_p), "+r"(s.left_q), "+r"(s.right), "+r"(s.zero_y));
  __asm__("" : "+r"(s.factor_q), "+r"(s.multiplier_p), "+r"(s.multiplier));
  if (function == HR_PAIR_FAR_SUM_OF_POSITIVE) s.zero_p = (int8_t)(1 << s.left_p);
  hr_pair_zeros_i8 zeros = hr_pair_zeros(s);
  const int8_t *p = place->p, *q = place->q;
  size_t done = count & ~(size_t)31;
#pragma clang loop unroll(disable)
  for (int8_t *end = y + done; y < end; y += 32) {
    int8x16x2_t a = vld1q_s8_x2(p), b = vld1q_s8_x2(q);
    vst1q_s8(y, hr_pair16_i8(a.val[0], b.val[0], zeros, s, function));
    vst1q_s8(y + 16, hr_pair16_i8(a.val[1], b.val[1], zeros, s, function));
    p += 32 * place->p_step;
    q += 32 * place->q_step;
  }
  place->p += done * place->p_step;
  place->q += done * place->q_step;
  return count - done;
}

/* A row of `count` elements. */
HR_INLINE void hr_pair_row_i8(hr_pair_place place, int8_t *y, size_t count, hr_pair_scales_i8 s,
                              hr_pair_function function) {
  int8_t some_p[32] = {0}, some_q[32] = {0}, some_y[16];
  if (!place.p_step) {
    vst1q_s8(some_p, vdupq_n_s8(*place.p));
    vst1q_s8(some_p + 16, vdupq_n_s8(*place.p));
    place.p = some_p;
  }
  if (!place.q_step) {
    vst1q_s8(some_q, vdupq_n_s8(*place.q));
    vst1q_s8(some_q + 16, vdupq_n_s8(*place.q));
    place.q = some_q;
  }
  size_t all = count;
  if (function == HR_PAIR_FAR_SUM) count = hr_pair_thirty_twos_i8(&place, y, count, s, HR_PAIR_FAR_SUM);
  if (function == HR_PAIR_FAR_SUM_OF_POSITIVE)
    count = hr_pair_thirty_twos_i8(&place, y, count, s, HR_PAIR_FAR_SUM_OF_POSITIVE);
  if (function == HR_PAIR_PRODUCT) count = hr_pair_thirty_twos_i8(&place, y, count, s, HR_PAIR_PRODUCT);
  y += all - count;
  hr_pair_zeros_i8 zeros = hr_pair_zeros(s);
#pragma clang loop unroll(disable)
  while (count) {
    int8_t *target = y;
    size_t size = count < 16 ? count : 16;
    if (size < 16) {
      if (place.p != some_p) place.p = __builtin_memcpy(some_p, place.p, size);
      if (place.q != some_q) place.q = __builtin_memcpy(some_q, place.q, size);
      target = some_y;
    }
    int8x16_t p = vld1q_s8(place.p), q = vld1q_s8(place.q);
    vst1q_s8(target, function == HR_PAIR_PRODUCT ? hr_pair16_i8(p, q, zeros, s, HR_PAIR_PRODUCT)
                                                 : hr_pair16_i8(p, q, zeros, s, HR_PAIR_SUM));
    if (size < 16) __builtin_memcpy(y, some_y, size);
    place.p += size * place.p_step;
    place.q += size * place.q_step;
    y += size;
    count -= size;
  }
}

/* What is left of clamping results that are saturated to int8. */
HR_INLINE void hr_clamp_results_i8(int8_t *y, size_t count, int8_t low, int8_t high) {
  if (low == INT8_MIN && high == INT8_MAX) return;
  int8_t *end = y + count;
#pragma clang loop unroll(disable) vectorize(disable)
  for (; y + 16 <= end; y += 16) vst1q_s8(y, vminq_s8(vmaxq_s8(vld1q_s8(y), vdupq_n_s8(low)), vdupq_n_s8(high)));
#pragma clang loop unroll(disable) vectorize(disable)
  for (; y < end; y++) *y = *y < low ? low : *y > high ? high : *y;
}

#endif

#endif /* HR_BINARY_I8_H */
