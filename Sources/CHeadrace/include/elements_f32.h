/* elements_f32.h - functions of float32 elements, eight at a time, as their comparisons say: a NaN fails
   each of them. */
#ifndef HR_ELEMENTS_F32_H
#define HR_ELEMENTS_F32_H

#include "simd.h"

HR_INLINE hr_f32x8 hr_lesser_f32x8(hr_f32x8 a, hr_f32x8 b) { return a < b ? a : b; }
HR_INLINE hr_f32x8 hr_greater_f32x8(hr_f32x8 a, hr_f32x8 b) { return a > b ? a : b; }

/* min(max(v, low), high), where a NaN stays one, and a zero keeps its sign. */
HR_INLINE hr_f32x8 hr_limit_f32x8(hr_f32x8 v, float low, float high) {
  hr_f32x8 raised = v < (hr_f32x8)low ? (hr_f32x8)low : v;
  return raised > (hr_f32x8)high ? (hr_f32x8)high : raised;
}

HR_INLINE hr_f32x8 hr_leaky_relu_f32x8(hr_f32x8 v, float slope) { return v < 0.0f ? (hr_f32x8)slope * v : v; }
HR_INLINE hr_f32x8 hr_negated_f32x8(hr_f32x8 v) { return -v; }
HR_INLINE hr_f32x8 hr_root_f32x8(hr_f32x8 v) { return __builtin_elementwise_sqrt(v); }
HR_INLINE hr_f32x8 hr_floor_f32x8(hr_f32x8 v) { return __builtin_elementwise_floor(v); }
HR_INLINE hr_f32x8 hr_ceiling_f32x8(hr_f32x8 v) { return __builtin_elementwise_ceil(v); }
HR_INLINE hr_f32x8 hr_round_f32x8(hr_f32x8 v) { return __builtin_elementwise_rint(v); } /* half to even */
HR_INLINE hr_f32x8 hr_to_f32x8(hr_i32x8 v) { return __builtin_convertvector(v, hr_f32x8); }

#endif /* HR_ELEMENTS_F32_H */
