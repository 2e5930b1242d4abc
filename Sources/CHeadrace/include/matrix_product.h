/* matrix_product.h - memory on the stack for products of two activations. In C because it is 5 KB and nothing sets it
   first: Swift's withUnsafeTemporaryAllocation has 1 KB there at most, and all of a struct would become zero. */
#ifndef HR_MATRIX_PRODUCT_H
#define HR_MATRIX_PRODUCT_H

#include <stddef.h>

#include "kernels_contraction.h"
#include "simd.h"

/* Pointers to rows of a that are listed at once: all of most products, for all of their columns. */
#define HR_LISTED_ROWS 512

/* Of int8: three weights of each of eight columns and up to seven that are skipped, and four rows take 28 K + 168
   bytes, which are more than a product's panel has where rows are shorter than these. */
#define HR_SHORT_ROW_I8 42

typedef void (*hr_multiply_listed)(const hr_matrix_product *, const void **list, int8_t *short_panel);

HR_INLINE void hr_multiply_on_stack(const hr_matrix_product *p, hr_multiply_listed multiply) {
  const void *list[HR_LISTED_ROWS];
  int8_t short_panel[28 * HR_SHORT_ROW_I8 + 168];
  multiply(p, list, short_panel);
}

#endif /* HR_MATRIX_PRODUCT_H */
