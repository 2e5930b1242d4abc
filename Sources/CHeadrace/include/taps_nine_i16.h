/* taps_nine_i16.h - depthwise convolutions of int16 with 3x3 kernels on 64-bit ARM: eight channels of an output at
   a time, whose weights stay in registers. */
#ifndef HR_TAPS_NINE_I16_H
#define HR_TAPS_NINE_I16_H

#include "kernels_depthwise.h"
#include "tile_i16.h"

#if defined(__aarch64__)

/* Inputs at *x, which moves on by so many bytes: one instruction, where the compiler makes it two. It hides that it
   reads, so the same function may not write there. */
HR_INLINE int16x8_t hr_take_i16(const char **x, size_t bytes) {
  int16x8_t v;
  const char *next = *x;
  __asm__("ld1 {%0.8h}, [%1], %2" : "=w"(v), "+r"(next) : "r"(bytes));
  *x = next;
  return v;
}

/* Eight channels from `channel` on of a row's spans. False if it does nothing: for factors that nobody needs. */
HR_INLINE _Bool hr_sum_nine_i16(const hr_depthwise *work, const hr_depthwise_row *row, size_t channel) {
  hr_narrow_i16 narrow;
  if (!hr_make_narrow_i16(&narrow, &work->epilogue, channel, 9 * 128)) return 0;
  int16x8_t w[9];
  const int8_t *weights = (const int8_t *)work->weights + channel;
#pragma clang loop unroll(full)
  for (int tap = 0; tap < 9; tap++) w[tap] = vmovl_s8(vld1_s8(weights + (size_t)tap * work->weight_step));
  int16_t *y = (int16_t *)row->y + channel;
  for (uint32_t span = 0; span < row->span_count; span++) {
    const char *x[9];
    size_t steps[9];
#pragma clang loop unroll(full)
    for (int tap = 0; tap < 9; tap++) {
      x[tap] = (const char *)row->x[9 * span + (uint32_t)tap] + 2 * channel;
      steps[tap] = 2 * (size_t)row->steps[9 * span + (uint32_t)tap];
    }
    for (uint32_t left = row->spans[span].pixels; left; left--) {
      int32x4_t low = narrow.bias[0], high = narrow.bias[1];
#pragma clang loop unroll(full)
      for (int tap = 0; tap < 9; tap++) {
        const int16x8_t v = hr_take_i16(&x[tap], steps[tap]);
        low = vmlal_s16(low, vget_low_s16(w[tap]), vget_low_s16(v));
        high = vmlal_high_s16(high, w[tap], v);
      }
      vst1q_s16(y, hr_finish_narrow_i16(&narrow, low, high));
      y += row->y_step;
    }
  }
  return 1;
}

#endif

#endif /* HR_TAPS_NINE_I16_H */
