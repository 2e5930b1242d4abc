/* exchange.h - arrays as the network that was compiled knew them: often with channels before space,
   while tensors have the channel last. */
#ifndef DEMO_EXCHANGE_H
#define DEMO_EXCHANGE_H

#include "npy.h"

/* The shape that the source network had for this tensor. */
uint32_t source_shape(const hr_tensor *tensor, uint64_t *dims);

size_t element_count(const hr_tensor *tensor);

/* The place, in an array of the source's shape, of the tensor's element `index`. */
size_t source_index(const hr_tensor *tensor, size_t index);

/* Whether an array has the source's shape for this tensor, or the tensor's own. */
int has_shape_of(const hr_tensor *tensor, const struct npy_array *array);

/* Fills a tensor from an array that has_shape_of it. An array of the tensor's integer type holds its
   elements; any other holds real numbers. Returns NULL, or what is wrong. */
const char *fill_tensor(const hr_tensor *tensor, const struct npy_array *array);

/* Writes a tensor in the source's shape: as real numbers, or its integer elements if is_raw. */
hr_status write_tensor(const hr_tensor *tensor, int is_raw, const char *path, hr_error *error);

#endif /* DEMO_EXCHANGE_H */
