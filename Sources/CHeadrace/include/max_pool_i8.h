/* max_pool_i8.h - maximum pooling of int8, thirty-two channels at a time, on 64-bit ARM. */
#ifndef HR_MAX_POOL_I8_H
#define HR_MAX_POOL_I8_H

#include "kernels_contraction.h"
#include "simd.h"

#if defined(__aarch64__)

/* All channels if there are thirty-two: the last thirty-two may begin among those before them. Returns how many
   channels that were. */
HR_INLINE size_t hr_max_pool_thirty_twos_i8(hr_pool_window window) {
  const int8_t *x = (const int8_t *)window.x;
  int8_t *y = (int8_t *)window.y;
  size_t channels = window.channels;
  if (channels < 32) return 0;
#pragma clang loop unroll(disable)
  for (size_t channel = 0; channel < channels; channel += 32) {
    size_t first = channel < channels - 32 ? channel : channels - 32;
    int8x16_t low = vdupq_n_s8((int8_t)window.clamp_min), high = low;
    const int8_t *row = x + first;
#pragma clang loop unroll(disable)
    for (uint32_t r = window.rows; r; r--) {
      const int8_t *tap = row;
#pragma clang loop unroll(disable)
      for (uint32_t c = window.columns; c; c--) {
        int8x16x2_t v = vld1q_s8_x2(tap);
        low = vmaxq_s8(low, v.val[0]);
        high = vmaxq_s8(high, v.val[1]);
        tap += window.column_step;
      }
      row += window.row_step;
    }
    int8x16_t limit = vdupq_n_s8((int8_t)window.clamp_max);
    vst1q_s8(y + first, vminq_s8(low, limit));
    vst1q_s8(y + first + 16, vminq_s8(high, limit));
  }
  return channels;
}

#endif

#endif /* HR_MAX_POOL_I8_H */
