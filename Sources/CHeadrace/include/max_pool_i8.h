/* max_pool_i8.h - maximum pooling of int8, sixteen channels at a time, on 64-bit ARM. */
#ifndef HR_MAX_POOL_I8_H
#define HR_MAX_POOL_I8_H

#include "kernels_contraction.h"
#include "simd.h"

#if defined(__aarch64__)

/* As many sixteens of channels as there are. Returns how many channels that were. */
HR_INLINE size_t hr_max_pool_sixteens_i8(hr_pool_window window) {
  const int8_t *x = (const int8_t *)window.x;
  int8_t *y = (int8_t *)window.y;
  size_t channel = 0;
#pragma clang loop unroll(disable)
  for (; channel + 16 <= window.channels; channel += 16) {
    int8x16_t greatest = vdupq_n_s8((int8_t)window.clamp_min);
    const int8_t *row = x + channel;
#pragma clang loop unroll(disable)
    for (uint32_t r = window.rows; r; r--) {
      const int8_t *tap = row;
#pragma clang loop unroll(disable)
      for (uint32_t c = window.columns; c; c--) {
        greatest = vmaxq_s8(greatest, vld1q_s8(tap));
        tap += window.column_step;
      }
      row += window.row_step;
    }
    vst1q_s8(y + channel, vminq_s8(greatest, vdupq_n_s8((int8_t)window.clamp_max)));
  }
  return channel;
}

#endif

#endif /* HR_MAX_POOL_I8_H */
