/* matrix_product_i16.h - the tile of products of two int16 activations on 64-bit ARM: four rows by four columns, whose
   sums of 64 bits stay in registers. In C for its intrinsics. */
#ifndef HR_MATRIX_PRODUCT_I16_H
#define HR_MATRIX_PRODUCT_I16_H

#include "kernels_contraction.h"
#include "simd.h"

#if defined(__aarch64__)

/* A function of its own, and small but for its loop. */
#define HR_APART static __attribute__((noinline, minsize, unused))

/* Eight elements at *x, `step` apart, each loaded to its lane; *x moves on to the next. */
HR_INLINE hr_i16x8 hr_gather_i16x8(const int16_t **x, ptrdiff_t step) {
  const int16_t *from = *x;
  int16x8_t eight = vdupq_n_s16(0);
#define HR_LANE(lane) eight = vld1q_lane_s16(from, eight, lane), from += step
  HR_LANE(0), HR_LANE(1), HR_LANE(2), HR_LANE(3), HR_LANE(4), HR_LANE(5), HR_LANE(6), HR_LANE(7);
#undef HR_LANE
  *x = from;
  return (hr_i16x8)eight;
}

/* floor(sum * multiplier / 2^shift + 1/2), saturated to 32 bits. The upper 32 of a sum's 48 bits and the lower 16 are
   multiplied apart. */
HR_INLINE int32x2_t hr_requantize_pair_i16(int64x2_t sums, int32x2_t multiplier, int64x2_t left) {
  const uint32x2_t low = vand_u32(vreinterpret_u32_s32(vmovn_s64(sums)), vdup_n_u32(0xffff));
  const int64x2_t high = vshlq_n_s64(vmull_s32(vshrn_n_s64(sums, 16), multiplier), 16);
  const uint64x2_t product = vmlal_u32(vreinterpretq_u64_s64(high), low, vreinterpret_u32_s32(multiplier));
  return vqmovn_s64(vrshlq_s64(vreinterpretq_s64_u64(product), left));
}

/* Outputs at `y` of `rows` rows and `lanes` columns, up to four each; `w` are columns, of `length` elements, which is
   a multiple of eight. */
HR_APART void hr_multiply_tile_i16(const hr_matrix_product *p, const int16_t *const *x, const int16_t *w, size_t length,
                                   int16_t *y, size_t rows, size_t lanes) {
  const int16_t *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
  const int16_t *w1 = w + length, *w2 = w1 + length, *w3 = w2 + length;
  int64x2_t s[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++) s[i] = vdupq_n_s64(0);
#define HR_ADD(sum, x8, w8) \
  sum = vpadalq_s32(vpadalq_s32(sum, vmull_s16(vget_low_s16(x8), vget_low_s16(w8))), vmull_high_s16(x8, w8))
#define HR_ADD_ROW(row, from)                                                                          \
  do {                                                                                                 \
    const int16x8_t x8 = vld1q_s16(from + k);                                                          \
    HR_ADD(s[4 * row], x8, c0);                                                                        \
    HR_ADD(s[4 * row + 1], x8, c1);                                                                    \
    HR_ADD(s[4 * row + 2], x8, c2);                                                                    \
    HR_ADD(s[4 * row + 3], x8, c3);                                                                    \
  } while (0)
  size_t k = 0;
  do {
    const int16x8_t c0 = vld1q_s16(w + k), c1 = vld1q_s16(w1 + k);
    const int16x8_t c2 = vld1q_s16(w2 + k), c3 = vld1q_s16(w3 + k);
    HR_ADD_ROW(0, x0);
    HR_ADD_ROW(1, x1);
    HR_ADD_ROW(2, x2);
    HR_ADD_ROW(3, x3);
    k += 8;
  } while (k < length);
#undef HR_ADD
#undef HR_ADD_ROW
  int64_t totals[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) vst1q_s64(totals + i, vpaddq_s64(s[i], s[i + 1]));

  const int32x2_t multiplier = vdup_n_s32(p->multiplier);
  const int64x2_t left = vdupq_n_s64(-p->shift);
  const int32x4_t low = vdupq_n_s32(p->clamp_min), high = vdupq_n_s32(p->clamp_max);
  const size_t step = p->columns;
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < rows; i++, y += step) {
    const int32x4_t scaled = vcombine_s32(hr_requantize_pair_i16(vld1q_s64(totals + 4 * i), multiplier, left),
                                          hr_requantize_pair_i16(vld1q_s64(totals + 4 * i + 2), multiplier, left));
    const int16x4_t outputs = vmovn_s32(vminq_s32(vmaxq_s32(scaled, low), high));
    if (lanes == 4) {
      vst1_s16(y, outputs);
      continue;
    }
    int16_t four[4];
    vst1_s16(four, outputs);
#pragma clang loop unroll(disable) vectorize(disable)
    for (size_t lane = 0; lane < lanes; lane++) y[lane] = four[lane];
  }
}

#endif

#endif /* HR_MATRIX_PRODUCT_I16_H */
