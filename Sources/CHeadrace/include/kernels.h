/* kernels.h - the table that stands between operators and compute kernels.

   Every CPU variant of Sources/HeadraceKernels is another object file, compiled with that CPU's flags,
   that exports one function filling this table. Code never inlines across the table, so no
   instruction leaks from one CPU's variant to another. */
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

void hr_kernels_baseline(hr_kernels *table);
void hr_kernels_dotprod(hr_kernels *table); /* aarch64 */
void hr_kernels_i8mm(hr_kernels *table);    /* aarch64 */
void hr_kernels_avx2(hr_kernels *table);    /* x86_64 */
void hr_kernels_vnni(hr_kernels *table);    /* x86_64 */

#endif /* HR_KERNELS_H */
