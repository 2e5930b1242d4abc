/* smlad.h - dot products of int8 on ARM CPUs without NEON (ARMv6): a 32-bit register holds two 16-bit
   factors, and SMLAD adds two products to a sum. */
#ifndef HR_SMLAD_H
#define HR_SMLAD_H

#include "simd.h"

#if defined(__ARM_FEATURE_SIMD32) && !defined(__ARM_NEON)

#include <arm_acle.h>

/* Four int8, widened: elements 0 and 2, 1 and 3. */
typedef struct hr_quad_i8 {
  int32_t even, odd;
} hr_quad_i8;

/* The rotation is part of SXTB16; the compiler, left alone, makes two instructions more of it. */
HR_INLINE hr_quad_i8 hr_load_quad_i8(const int8_t *p) {
  int32_t all, odd;
  __builtin_memcpy(&all, p, sizeof all);
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(all));
  return (hr_quad_i8){__sxtb16(all), odd};
}

/* sum + the products of four pairs. */
HR_INLINE int32_t hr_dot_quad_i8(int32_t sum, hr_quad_i8 w, hr_quad_i8 x) {
  return __smlad(w.odd, x.odd, __smlad(w.even, x.even, sum));
}

#endif

#endif /* HR_SMLAD_H */
