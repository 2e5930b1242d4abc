/* CHeadrace.h - what the library's Swift code sees of C. Not installed. */
#ifndef CHEADRACE_H
#define CHEADRACE_H

#include "../../../include/headrace.h"
#include "flags.h"
#include "hrm.h"
#include "kernels.h"
#include "logistic.h"
#include "operators.h"
#ifdef __clang__ /* swiftc's C compiler: the vector types are clang's; our C code needs none */
#include "binary_i16.h"
#include "binary_i8.h"
#include "copy_rows.h"
#include "crc32c.h"
#include "dot.h"
#include "elements_f32.h"
#include "exponential.h"
#include "halves.h"
#include "int16.h"
#include "lanes16.h"
#include "matrix_product.h"
#include "matrix_product_i16.h"
#include "matrix_product_i8.h"
#include "max_pool_f32.h"
#include "max_pool_i8.h"
#include "mix.h"
#include "gather.h"
#include "pixels.h"
#include "simd.h"
#include "sixteen_i8.h"
#include "smlad.h"
#include "table_i8.h"
#include "taps.h"
#include "taps_nine_i16.h"
#include "taps_sixteen_i8.h"
#include "taps_three_i8.h"
#include "tile_i16.h"
#include "tones.h"
#include "vnni.h"
#include "wide_sums.h"
#endif

/* A failed precondition ends here: the compiler is told so by -trap-function. It is never the answer
   to bad input. */
_Noreturn void hr_panic(void);

/* libm, declared here because <math.h> of the target may be unusable from a bare triple. */
float expf(float), logf(float), tanhf(float), erff(float), powf(float, float), sqrtf(float);
float sinf(float), cosf(float), floorf(float), ceilf(float), rintf(float), log1pf(float), fabsf(float);
float expm1f(float), erfcf(float), atan2f(float, float), asinf(float);

#endif /* CHEADRACE_H */
