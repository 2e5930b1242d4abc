/* kernels_contraction.h - kernels for convolution, dense, matrix product, pooling. */
#ifndef HR_KERNELS_CONTRACTION_H
#define HR_KERNELS_CONTRACTION_H

#include <stddef.h>
#include <stdint.h>

typedef struct hr_contraction_kernels {
  void (*reserved)(void);
} hr_contraction_kernels;

#endif /* HR_KERNELS_CONTRACTION_H */
