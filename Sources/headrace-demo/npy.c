#include "npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *descr;
  enum npy_type type;
  size_t bytes;
} types[] = {{"<f4", NPY_FLOAT32, 4}, {"|i1", NPY_INT8, 1},  {"|u1", NPY_UINT8, 1},
             {"<i2", NPY_INT16, 2},   {"<i4", NPY_INT32, 4}, {"<i8", NPY_INT64, 8}};
enum { TYPES = sizeof types / sizeof types[0], MAX_HEADER = 4096 };

size_t npy_element_bytes(enum npy_type type) { return types[type].bytes; }

/* What follows "'key':" in the header's dictionary, blanks skipped. */
static const char *value_of(const char *header, const char *key) {
  char quoted[32];
  snprintf(quoted, sizeof quoted, "'%s'", key);
  const char *text = strstr(header, quoted);
  if (!text) return NULL;
  text += strlen(quoted);
  while (*text == ' ') text++;
  if (*text != ':') return NULL;
  text++;
  while (*text == ' ') text++;
  return text;
}

/* "(1, 3, 224, 224)", "(5,)" or "()" */
static const char *parse_shape(const char *text, struct npy_array *out) {
  if (!text || *text != '(') return "its header has no shape";
  text++;
  out->rank = 0;
  out->count = 1;
  for (;;) {
    while (*text == ' ' || *text == ',') text++;
    if (*text == ')') return NULL;
    if (*text < '0' || *text > '9') return "its shape is no list of numbers";
    if (out->rank == NPY_MAX_RANK) return "it has more than 8 axes";
    uint64_t dim = 0;
    while (*text >= '0' && *text <= '9') {
      dim = dim * 10 + (uint64_t)(*text++ - '0');
      if (dim > UINT32_MAX) return "an axis is longer than 2^32";
    }
    if (dim != 0 && out->count > UINT64_MAX / 16 / dim) return "it is larger than memory";
    out->dims[out->rank++] = dim;
    out->count *= dim;
  }
}

const char *npy_parse(const uint8_t *bytes, size_t byte_count, struct npy_array *out) {
  if (byte_count < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0) return "it is no .npy file";
  size_t header_bytes, start;
  if (bytes[6] == 1) {
    header_bytes = bytes[8] | (size_t)bytes[9] << 8;
    start = 10;
  } else if (bytes[6] == 2 || bytes[6] == 3) {
    header_bytes = bytes[8] | (size_t)bytes[9] << 8 | (size_t)bytes[10] << 16 |
                   (size_t)bytes[11] << 24;
    start = 12;
  } else {
    return "it is of another .npy version than 1, 2 or 3";
  }
  if (header_bytes > byte_count - start) return "it breaks off in its header";
  if (header_bytes >= MAX_HEADER) return "its header is longer than 4 KiB";
  char header[MAX_HEADER];
  memcpy(header, bytes + start, header_bytes);
  header[header_bytes] = 0;

  const char *descr = value_of(header, "descr");
  int type = 0;
  while (descr && type < TYPES &&
         !((descr[0] == '\'' || descr[0] == '"') && strncmp(descr + 1, types[type].descr, 3) == 0 &&
           descr[4] == descr[0]))
    type++;
  if (!descr || type == TYPES)
    return "its type is none of float32, int8, uint8, int16, int32 and int64, little-endian; save "
           "array.astype(numpy.float32)";
  const char *order = value_of(header, "fortran_order");
  if (!order || strncmp(order, "False", 5) != 0)
    return "it is in Fortran order; save numpy.ascontiguousarray(array)";
  const char *problem = parse_shape(value_of(header, "shape"), out);
  if (problem) return problem;
  out->type = types[type].type;
  out->data = bytes + start + header_bytes;
  if (out->count > (byte_count - start - header_bytes) / types[type].bytes)
    return "it has fewer elements than its shape says";
  return NULL;
}

double npy_element(const struct npy_array *array, uint64_t index) {
  const uint8_t *at = array->data + index * types[array->type].bytes;
  float real;
  int16_t i16;
  int32_t i32;
  int64_t i64;
  switch (array->type) {
    case NPY_FLOAT32: return memcpy(&real, at, sizeof real), (double)real;
    case NPY_INT8: return (int8_t)*at;
    case NPY_UINT8: return *at;
    case NPY_INT16: return memcpy(&i16, at, sizeof i16), i16;
    case NPY_INT32: return memcpy(&i32, at, sizeof i32), i32;
    default: return memcpy(&i64, at, sizeof i64), (double)i64;
  }
}

hr_status npy_write(const char *path, enum npy_type type, uint32_t rank, const uint64_t *dims,
                    const void *data, hr_error *error) {
  char text[512];
  size_t count = 1;
  int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                        types[type].descr);
  for (uint32_t axis = 0; axis < rank; axis++) {
    length += snprintf(text + length, sizeof text - (size_t)length, "%llu,%s",
                       (unsigned long long)dims[axis], axis + 1 < rank ? " " : "");
    count *= (size_t)dims[axis];
  }
  length += snprintf(text + length, sizeof text - (size_t)length, "), }");
  /* Magic, version, length and header are a multiple of 64 together, the header ends with a newline. */
  size_t header_bytes = ((size_t)length + 1 + 10 + 63) / 64 * 64 - 10;
  size_t data_bytes = count * types[type].bytes;
  uint8_t *file = malloc(10 + header_bytes + data_bytes);
  if (!file) return HR_OUT_OF_MEMORY;
  memcpy(file, "\x93NUMPY\x01\x00", 8);
  file[8] = (uint8_t)(header_bytes & 255);
  file[9] = (uint8_t)(header_bytes >> 8);
  memset(file + 10, ' ', header_bytes);
  memcpy(file + 10, text, (size_t)length);
  file[10 + header_bytes - 1] = '\n';
  memcpy(file + 10 + header_bytes, data, data_bytes);
  hr_status status = hr_file_write(path, file, 10 + header_bytes + data_bytes, error);
  free(file);
  return status;
}
