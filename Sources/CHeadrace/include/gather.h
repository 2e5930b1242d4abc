/* gather.h - one column of a resize. */
#ifndef HR_GATHER_H
#define HR_GATHER_H

#include "kernels_frame.h"
#include "simd.h"

typedef uint16_t hr_u16x4 __attribute__((ext_vector_type(4)));
typedef uint32_t hr_u32x4 __attribute__((ext_vector_type(4)));

HR_INLINE hr_u32x4 hr_widen_u16x4(const uint8_t *values) {
  hr_u16x4 v;
  __builtin_memcpy(&v, values, sizeof v);
  return __builtin_convertvector(v, hr_u32x4);
}

/* Weighted pixels of a column, of which the first is at `pixels`, and each of the others `step` elements on: those
   between the ends are added up first and weighed once. A pixel is three values, of which four are read. So are
   sums written; what is written too much is the next column's, which comes later. */
HR_INLINE void hr_gather_column(const uint16_t *pixels, size_t step, const hr_taps *tap, uint32_t *sums) {
  hr_u32x4 weights; /* the number of pixels, and the three weights */
  __builtin_memcpy(&weights, &tap->count, sizeof weights);
  step *= sizeof *pixels;
  const uint8_t *pixel = (const uint8_t *)pixels, *last = pixel + (size_t)(weights[0] - 1) * step;
  const hr_u32x4 first = hr_widen_u16x4(pixel);
  hr_u32x4 inner = (hr_u32x4)0u;
  /* Pixels are next to this one, for all that the compiler knows. */
  __asm__("" : "+r"(pixel));
  const uint8_t *most = last - 2 * step;
  while (pixel < most) {
    inner += hr_widen_u16x4(pixel + step);
    inner += hr_widen_u16x4(pixel + 2 * step);
    pixel += 2 * step;
  }
  if (pixel + step < last) inner += hr_widen_u16x4(pixel + step);
  const hr_u32x4 sum = first * weights[1] + inner * weights[2] + hr_widen_u16x4(last) * weights[3];
  __builtin_memcpy(sums, &sum, sizeof sum);
}

#endif /* HR_GATHER_H */
