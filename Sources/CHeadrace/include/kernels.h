/* kernels.h - the table that stands between operators and compute kernels.

   Every CPU variant of Sources/HeadraceKernels is another object file, compiled with that CPU's flags,
   that exports functions filling this table. Code never inlines across the table, so no instruction
   leaks from one CPU's variant to another. Each function fills the table's part for one kind of program,
   so that a linker keeps of the kernels what the program runs. */
#ifndef HR_KERNELS_H
#define HR_KERNELS_H

#include "kernels_contraction.h"
#include "kernels_depthwise.h"
#include "kernels_pointwise.h"
#include "kernels_frame.h"
#include "kernels_winograd.h"

typedef struct hr_kernels {
  const char *name; /* "baseline", "dotprod", ... */
  hr_contraction_kernels contraction;
  hr_depthwise_kernels depthwise;
  hr_pointwise_kernels pointwise;
  hr_frame_kernels frame;
  hr_winograd_kernels winograd;
} hr_kernels;

/* Declares what the object file of one variant exports. Each fills the entries that it has better kernels
   for than the baseline, which fills all of its part and comes first. */
#define HR_VARIANT(variant)                                                                         \
  void hr_kernels_##variant(hr_kernels *table);                  /* all but frame */                \
  void hr_int8_convolution_kernels_##variant(hr_kernels *table); /* of hr_operators_int8_convolution */ \
  void hr_frame_kernels_##variant(hr_kernels *table);            /* frame */

HR_VARIANT(baseline)
HR_VARIANT(dotprod) /* aarch64 */
HR_VARIANT(avx2)    /* x86_64 */
HR_VARIANT(vnni)    /* x86_64 */

#endif /* HR_KERNELS_H */
