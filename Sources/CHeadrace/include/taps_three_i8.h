/* taps_three_i8.h - depthwise convolutions with three taps, int8, sixteen channels at a time, on 64-bit ARM
   without dot products.

   Products are scaled by a power of two as they are widened, so that the shift that is left of requantizing is
   the same for all channels: sum 2^(48 - shift) multiplier / 2^48. The upper 16 bits of
   floor(sum 2^(48 - shift) multiplier / 2^31) are then all that matters: the last of them rounds. */
#ifndef HR_TAPS_THREE_I8_H
#define HR_TAPS_THREE_I8_H

#include "kernels_depthwise.h"
#include "simd.h"

#if defined(__aarch64__)

/* Sixteen channels. */
typedef struct hr_three_taps_i8 {
  int32_t bias[16]; /* times the factor */
  /* One behind the other. */
  int16_t factors[16]; /* 2^(48 - shift) */
  int16_t zeros[8];    /* twice the zero point */
  int8_t low[16], high[16];
} hr_three_taps_i8;

/* For the channels from `channel` on. Returns 0 where their shifts are unusual. */
HR_INLINE _Bool hr_prepare_three_taps_i8(hr_three_taps_i8 *s, hr_epilogue e, size_t channel) {
  uint32x4_t greatest = vdupq_n_u32(0); /* exponent of factors */
  int32x4_t reach = vdupq_n_s32(0);     /* of scaled sums */
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < 16; i += 4) {
    int32x4_t multiplier = vld1q_s32(e.multipliers + channel + i);
    int32x4_t left = vsubq_s32(vdupq_n_s32(48), vld1q_s32(e.shifts + channel + i));
    /* Where multipliers are 0, shifts do not matter. */
    left = vandq_s32(left, vreinterpretq_s32_u32(vtstq_s32(multiplier, multiplier)));
    int32x4_t bias = e.bias ? vld1q_s32((const int32_t *)e.bias + channel + i) : vdupq_n_s32(0);
    greatest = vmaxq_u32(greatest, vreinterpretq_u32_s32(left));
    /* 128 times 127 is the greatest product. */
    reach = vmaxq_s32(reach, vqshlq_s32(vqaddq_s32(vqabsq_s32(bias), vdupq_n_s32(3 * 16256)), left));
    vst1q_s32(s->bias + i, vshlq_s32(bias, left));
    vst1_s16(s->factors + i, vmovn_s32(vshlq_s32(vdupq_n_s32(1), left)));
  }
  vst1q_s16(s->zeros, vdupq_n_s16((int16_t)(2 * e.output_zero)));
  vst1q_s8(s->low, vdupq_n_s8((int8_t)e.clamp_min));
  vst1q_s8(s->high, vdupq_n_s8((int8_t)e.clamp_max));
  return vmaxvq_u32(greatest) <= 14 && vmaxvq_s32(reach) < INT32_MAX;
}

/* Three taps: `pixels` outputs, a tap's inputs steps[tap] apart. Two in an iteration, of which the first time
   only the second is done where pixels are odd. */
HR_INLINE void hr_sum_span_three_taps_i8(const hr_three_taps_i8 *s, const hr_depthwise *work, size_t channel,
                                         const void *const *x, const uint32_t *steps, size_t pixels, int8_t *y,
                                         size_t y_step) {
  const int8_t *x0 = (const int8_t *)x[0] + channel, *x1 = (const int8_t *)x[1] + channel;
  const int8_t *x2 = (const int8_t *)x[2] + channel, *weights = (const int8_t *)work->weights + channel;
  const int16_t *factors = s->factors;
  size_t is_plain = work->epilogue.clamp_min == INT8_MIN && work->epilogue.clamp_max == INT8_MAX;
/* The products in v4.8h and v5.8h, or in v6.8h and v7.8h, to the sums. */
#define HR_ADD_SCALED(a, b)                                                                            \
  "smlal v24.4s, " a ".4h, v19.4h\n\tsmlal2 v25.4s, " a ".8h, v19.8h\n\t"                              \
  "smlal v26.4s, " b ".4h, v20.4h\n\tsmlal2 v27.4s, " b ".8h, v20.8h\n\t"
#define HR_OUTPUT_3                                                                                    \
  "ld1 {v0.16b}, [%[x0]], %[step0]\n\tld1 {v1.16b}, [%[x1]], %[step1]\n\t"                             \
  "ld1 {v2.16b}, [%[x2]], %[step2]\n\tld1 {v24.4s, v25.4s, v26.4s, v27.4s}, [%[bias]]\n\t"             \
  "smull v4.8h, v0.8b, v16.8b\n\tsmull2 v5.8h, v0.16b, v16.16b\n\t"                                    \
  "smull v6.8h, v2.8b, v18.8b\n\tsmull2 v7.8h, v2.16b, v18.16b\n\t"                                    \
  "smlal v4.8h, v1.8b, v17.8b\n\tsmlal2 v5.8h, v1.16b, v17.16b\n\t"                                    \
  HR_ADD_SCALED("v6", "v7") HR_ADD_SCALED("v4", "v5")                                                  \
  "sqdmulh v24.4s, v24.4s, v28.4s\n\tsqdmulh v25.4s, v25.4s, v29.4s\n\t"                               \
  "sqdmulh v26.4s, v26.4s, v30.4s\n\tsqdmulh v27.4s, v27.4s, v31.4s\n\t"                               \
  "uzp2 v24.8h, v24.8h, v25.8h\n\tuzp2 v26.8h, v26.8h, v27.8h\n\t"                                     \
  "sqadd v24.8h, v24.8h, v21.8h\n\tsqadd v26.8h, v26.8h, v21.8h\n\t"                                   \
  "sqrshrn v24.8b, v24.8h, #1\n\tsqrshrn2 v24.16b, v26.8h, #1\n\t"
#define HR_STORE_3 "st1 {v24.16b}, [%[y]], %[y_step]\n\t"
  __asm__ volatile("ld1 {v16.16b}, [%[weights]], %[weight_step]\n\t"
                   "ld1 {v17.16b}, [%[weights]], %[weight_step]\n\t"
                   "ld1 {v18.16b}, [%[weights]]\n\t"
                   "ld1 {v19.8h, v20.8h, v21.8h}, [%[factors]], #48\n\tldp q22, q23, [%[factors]]\n\t"
                   "ld1 {v28.4s, v29.4s, v30.4s, v31.4s}, [%[multipliers]]\n\tcbz %[is_plain], 3f\n\t"
                   "tbz %[pixels], #0, 1f\n\tadd %[pixels], %[pixels], #1\n\tb 2f\n"
                   "1:\n\t" HR_OUTPUT_3 HR_STORE_3 "2:\n\t" HR_OUTPUT_3 HR_STORE_3
                   "subs %[pixels], %[pixels], #2\n\tb.ne 1b\n\tb 4f\n"
                   "3:\n\t" HR_OUTPUT_3
                   "smax v24.16b, v24.16b, v22.16b\n\tsmin v24.16b, v24.16b, v23.16b\n\t" HR_STORE_3
                   "subs %[pixels], %[pixels], #1\n\tb.ne 3b\n"
                   "4:"
                   : [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [pixels] "+r"(pixels), [y] "+r"(y),
                     [weights] "+r"(weights), [factors] "+r"(factors)
                   : [step0] "r"((size_t)steps[0]), [step1] "r"((size_t)steps[1]), [step2] "r"((size_t)steps[2]),
                     [weight_step] "r"(work->weight_step), [bias] "r"(s->bias), [is_plain] "r"(is_plain),
                     [multipliers] "r"(work->epilogue.multipliers + channel), [y_step] "r"(y_step)
                   : "v0", "v1", "v2", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21", "v22",
                     "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
#undef HR_ADD_SCALED
#undef HR_OUTPUT_3
#undef HR_STORE_3
}

/* A row of outputs, sixteen channels from `channel` on. Returns 0 and does nothing where shifts are unusual. */
HR_INLINE _Bool hr_sum_three_taps_i8(const hr_depthwise *work, const hr_depthwise_row *row, size_t channel) {
  hr_three_taps_i8 s;
  if (!hr_prepare_three_taps_i8(&s, work->epilogue, channel)) return 0;
  int8_t *y = (int8_t *)row->y + channel;
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < row->span_count; i++) {
    size_t pixels = row->spans[i].pixels;
    hr_sum_span_three_taps_i8(&s, work, channel, row->x + 3 * i, row->steps + 3 * i, pixels, y, row->y_step);
    y += pixels * row->y_step;
  }
  return 1;
}

#endif

#endif /* HR_TAPS_THREE_I8_H */
