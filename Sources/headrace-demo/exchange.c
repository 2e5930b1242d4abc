#include "exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t element_count(const hr_tensor *tensor) {
  size_t count = 1;
  for (uint32_t axis = 0; axis < tensor->rank; axis++) count *= tensor->dims[axis];
  return count;
}

static int is_transposed(const hr_tensor *tensor) {
  return tensor->channels_first_source && tensor->rank == 4;
}

uint32_t source_shape(const hr_tensor *tensor, uint64_t *dims) {
  if (is_transposed(tensor)) {
    uint32_t rank = 0;
    dims[rank++] = tensor->dims[0];
    dims[rank++] = tensor->dims[3];
    if (tensor->source_rank != 3) dims[rank++] = tensor->dims[1];
    dims[rank++] = tensor->dims[2];
    return rank;
  }
  for (uint32_t axis = 0; axis < tensor->rank; axis++) dims[axis] = tensor->dims[axis];
  return tensor->rank;
}

size_t source_index(const hr_tensor *tensor, size_t index) {
  if (!is_transposed(tensor)) return index;
  const size_t channels = tensor->dims[3];
  const size_t area = (size_t)tensor->dims[1] * tensor->dims[2];
  const size_t channel = index % channels;
  const size_t pixel = index / channels % area;
  const size_t picture = index / channels / area;
  return (picture * channels + channel) * area + pixel;
}

/* Shapes are the same if they differ in axes of length 1 alone. */
static int is_alike(const uint64_t *a, uint32_t a_rank, const uint64_t *b, uint32_t b_rank) {
  uint32_t i = 0, k = 0;
  for (;;) {
    while (i < a_rank && a[i] == 1) i++;
    while (k < b_rank && b[k] == 1) k++;
    if (i == a_rank || k == b_rank) return i == a_rank && k == b_rank;
    if (a[i++] != b[k++]) return 0;
  }
}

static int has_elements_of(const hr_tensor *tensor, enum npy_type type) {
  return (tensor->type == HR_INT8 && type == NPY_INT8) ||
         (tensor->type == HR_INT16 && type == NPY_INT16) ||
         (tensor->type == HR_INT32 && type == NPY_INT32) ||
         (tensor->type == HR_INT64 && type == NPY_INT64);
}

static int has_source_shape(const hr_tensor *tensor, const struct npy_array *array) {
  uint64_t wanted[HR_MAX_RANK];
  const uint32_t rank = source_shape(tensor, wanted);
  return is_alike(array->dims, array->rank, wanted, rank);
}

int has_shape_of(const hr_tensor *tensor, const struct npy_array *array) {
  uint64_t own[HR_MAX_RANK];
  for (uint32_t axis = 0; axis < tensor->rank; axis++) own[axis] = tensor->dims[axis];
  return array->count == element_count(tensor) &&
         (has_source_shape(tensor, array) || is_alike(array->dims, array->rank, own, tensor->rank));
}

const char *fill_tensor(const hr_tensor *tensor, const struct npy_array *array) {
  const size_t count = element_count(tensor);
  const int from_source = has_source_shape(tensor, array);
  if (has_elements_of(tensor, array->type)) {
    const size_t bytes = npy_element_bytes(array->type);
    for (size_t i = 0; i < count; i++)
      memcpy((uint8_t *)tensor->data + i * bytes,
             array->data + (from_source ? source_index(tensor, i) : i) * bytes, bytes);
    return NULL;
  }
  float *values = malloc(count * sizeof *values);
  if (!values) return "there is no memory left to convert it";
  for (size_t i = 0; i < count; i++)
    values[i] = (float)npy_element(array, from_source ? source_index(tensor, i) : i);
  for (size_t i = 0; tensor->type != HR_FLOAT32 && i < count; i++)
    if (isnan(values[i])) return free(values), "it holds NaN, which integers do not; leave it out";
  hr_status status = hr_tensor_write_float(tensor, values, count);
  free(values);
  return status == HR_OK ? NULL : "its values cannot be converted to the input's type";
}

static enum npy_type raw_type(hr_type type) {
  switch (type) {
    case HR_INT8: return NPY_INT8;
    case HR_INT16: return NPY_INT16;
    case HR_INT32: return NPY_INT32;
    case HR_INT64: return NPY_INT64;
    default: return NPY_FLOAT32;
  }
}

hr_status write_tensor(const hr_tensor *tensor, int is_raw, const char *path, hr_error *error) {
  const size_t count = element_count(tensor);
  const enum npy_type type = is_raw ? raw_type(tensor->type) : NPY_FLOAT32;
  const size_t bytes = npy_element_bytes(type);
  uint8_t *own = malloc(count * bytes);
  uint8_t *source = malloc(count * bytes);
  hr_status status = own && source ? HR_OK : HR_OUT_OF_MEMORY;
  if (status == HR_OK && is_raw)
    memcpy(own, tensor->data, count * bytes);
  else if (status == HR_OK)
    status = hr_tensor_read_float(tensor, (float *)(void *)own, count);
  if (status == HR_OK) {
    for (size_t i = 0; i < count; i++)
      memcpy(source + source_index(tensor, i) * bytes, own + i * bytes, bytes);
    uint64_t dims[HR_MAX_RANK];
    uint32_t rank = source_shape(tensor, dims);
    status = npy_write(path, type, rank, dims, source, error);
  }
  free(source);
  free(own);
  return status;
}
