/* kernels_pointwise.h - kernels for element-wise, reduction, normalisation, data movement. */
#ifndef HR_KERNELS_POINTWISE_H
#define HR_KERNELS_POINTWISE_H

#include <stddef.h>
#include <stdint.h>

typedef struct hr_pointwise_kernels {
  void (*reserved)(void);
} hr_pointwise_kernels;

#endif /* HR_KERNELS_POINTWISE_H */
