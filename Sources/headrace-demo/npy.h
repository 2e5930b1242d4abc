/* npy.h - NumPy's .npy files (format versions 1 and 2), in C order. */
#ifndef DEMO_NPY_H
#define DEMO_NPY_H

#include "headrace_io.h"

enum npy_type { NPY_FLOAT32, NPY_INT8, NPY_UINT8, NPY_INT16, NPY_INT32, NPY_INT64 };
enum { NPY_MAX_RANK = 8 };

struct npy_array {
  enum npy_type type;
  uint32_t rank;
  uint64_t dims[NPY_MAX_RANK];
  uint64_t count; /* elements; their bytes are within the file */
  const uint8_t *data;
};

/* Reads the header; data points into bytes. Returns NULL, or what is wrong with it. */
const char *npy_parse(const uint8_t *bytes, size_t byte_count, struct npy_array *out);

/* Element `index`, as a number. */
double npy_element(const struct npy_array *array, uint64_t index);

/* Bytes of an element. */
size_t npy_element_bytes(enum npy_type type);

/* Writes an array of this type and shape as a whole or not at all. */
hr_status npy_write(const char *path, enum npy_type type, uint32_t rank, const uint64_t *dims,
                    const void *data, hr_error *error);

#endif /* DEMO_NPY_H */
