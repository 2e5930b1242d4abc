/* max_pool_f32.h - maximum pooling of float32, sixteen channels at a time, on 64-bit ARM. */
#ifndef HR_MAX_POOL_F32_H
#define HR_MAX_POOL_F32_H

#include "kernels_contraction.h"
#include "simd.h"

#if defined(__aarch64__)

/* As many channels as make sixteens. Returns how many that were. */
HR_INLINE size_t hr_max_pool_sixteens_f32(hr_pool_window window, float low, float high) {
  size_t channels = window.channels & ~15u;
#pragma clang loop unroll(disable)
  for (size_t channel = 0; channel < channels; channel += 16) {
    const float *row = (const float *)window.x + channel;
    float32x4x4_t greatest = vld1q_f32_x4(row);
#pragma clang loop unroll(disable)
    for (uint32_t r = window.rows; r; r--) {
      const float *tap = row;
#pragma clang loop unroll(disable)
      for (uint32_t c = window.columns; c; c--) {
        float32x4x4_t v = vld1q_f32_x4(tap);
        for (int part = 0; part < 4; part++) greatest.val[part] = vmaxnmq_f32(greatest.val[part], v.val[part]);
        tap += window.column_step;
      }
      row += window.row_step;
    }
    for (int part = 0; part < 4; part++)
      greatest.val[part] = vminq_f32(vmaxq_f32(greatest.val[part], vdupq_n_f32(low)), vdupq_n_f32(high));
    vst1q_f32_x4((float *)window.y + channel, greatest);
  }
  return channels;
}

#endif

#endif /* HR_MAX_POOL_F32_H */
