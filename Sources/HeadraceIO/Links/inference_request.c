/* inference_request.c - writes requests to an inference server: JSON, and the tensor behind it as it lies in memory, or
   in it as numbers. */
#define _GNU_SOURCE
#include "internal/inference.h"

#ifdef HEADRACE_HTTP
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What both forms begin with. */
static size_t write_beginning(const struct hr_inference_model *model, const int64_t *shape, const char *type,
                              char *out, size_t capacity) {
  char dims[100] = "";
  size_t length = 0;
  for (uint32_t axis = 0; axis < model->rank; axis++)
    length += (size_t)snprintf(dims + length, sizeof dims - length, "%s%lld", axis ? "," : "", (long long)shape[axis]);
  return (size_t)snprintf(out, capacity, "{\"inputs\":[{\"name\":\"%s\",\"shape\":[%s],\"datatype\":\"%s\",",
                          model->input, dims, type);
}

/* Of a tensor of so many bytes, which follow. */
static void write_header(const struct hr_inference_model *model, const int64_t *shape, const char *type, size_t bytes,
                         uint8_t *out) {
  char json[HR_INFERENCE_HEADER + 1];
  size_t length = write_beginning(model, shape, type, json, sizeof json);
  length += (size_t)snprintf(json + length, sizeof json - length,
                             "\"parameters\":{\"binary_data_size\":%zu}}],"
                             "\"parameters\":{\"binary_data_output\":true}}", bytes);
  memset(out, ' ', HR_INFERENCE_HEADER);
  memcpy(out, json, length);
}

enum element { BYTES, INTEGERS, FLOATS };

/* A tensor as JSON. */
static hr_status write_json(const struct hr_inference_model *model, const int64_t *shape, const char *type,
                            enum element element, const uint8_t *bytes, size_t count, uint8_t *out, size_t capacity,
                            size_t *out_bytes) {
  enum { MOST_DIGITS = 20, ENDING = 4 };
  char *json = (char *)out;
  if (capacity < HR_INFERENCE_HEADER || (capacity - HR_INFERENCE_HEADER) / MOST_DIGITS < count)
    return HR_BUFFER_TOO_SMALL;
  size_t length = write_beginning(model, shape, type, json, HR_INFERENCE_HEADER);
  length += (size_t)snprintf(json + length, MOST_DIGITS, "\"data\":[");
  for (size_t i = 0; i < count; i++) {
    if (i) json[length++] = ',';
    if (element == FLOATS) {
      float value;
      memcpy(&value, bytes + i * sizeof value, sizeof value);
      if (!isfinite(value)) value = 0; /* JSON has no word for it */
      char *number = json + length;
      length += (size_t)snprintf(number, MOST_DIGITS, "%.9g", (double)value);
      /* In some languages. */
      char *comma = strchr(number, ',');
      if (comma) *comma = '.';
    } else {
      length += (size_t)snprintf(json + length, MOST_DIGITS, "%d", element == BYTES ? bytes[i] : (int8_t)bytes[i]);
    }
  }
  memcpy(json + length, "]}]}", ENDING);
  *out_bytes = length + ENDING;
  return HR_OK;
}

hr_status hr_inference_write_packet(const struct hr_inference_model *model, const uint8_t *packet, size_t packet_bytes,
                                    uint8_t *out, size_t capacity, size_t *out_bytes) {
  const int64_t shape[2] = {model->rank == 1 ? (int64_t)packet_bytes : 1, (int64_t)packet_bytes};
  if (!model->takes_binary)
    return write_json(model, shape, "UINT8", BYTES, packet, packet_bytes, out, capacity, out_bytes);
  if (capacity < HR_INFERENCE_HEADER + packet_bytes) return HR_BUFFER_TOO_SMALL;
  write_header(model, shape, "UINT8", packet_bytes, out);
  memcpy(out + HR_INFERENCE_HEADER, packet, packet_bytes);
  *out_bytes = HR_INFERENCE_HEADER + packet_bytes;
  return HR_OK;
}

/* ---- Latents ----------------------------------------------------------------------------- */

static int fits(int64_t wanted, uint32_t there) { return wanted == -1 || wanted == (int64_t)there; }

/* Whether the model's shape, with or without the batch of one, is that of these dims. */
static int matches(const struct hr_inference_model *model, const uint32_t dims[4]) {
  for (uint32_t axis = 0; axis < model->rank; axis++)
    if (!fits(model->shape[axis], dims[4 - model->rank + axis])) return 0;
  return 1;
}

/* Copies elements, from H x W x C to C x H x W if they move. out and in may not overlap. */
static void copy(const uint8_t *in, uint8_t *out, size_t places, size_t channels, size_t size, int moves) {
  if (!moves) memcpy(out, in, places * channels * size);
  for (size_t channel = 0; moves && channel < channels; channel++)
    for (size_t place = 0; place < places; place++, out += size)
      memcpy(out, in + (place * channels + channel) * size, size);
}

hr_status hr_inference_write_tensor(const struct hr_inference_model *model, const hr_tensor *latent, uint8_t *out,
                                    size_t capacity, size_t *out_bytes, hr_error *error) {
  if (model->is_int8 && latent->type != HR_INT8)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "the server's model reads INT8; the latent is of another type");
  if (latent->rank != 4 || latent->dims[0] != 1 || model->rank < 3)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "latents of shape 1 x H x W x C are sent, to models that read three or four axes");
  const uint32_t height = latent->dims[1], width = latent->dims[2], channels = latent->dims[3];
  const uint32_t last[4] = {1, height, width, channels}, first[4] = {1, channels, height, width};
  const int is_first = matches(model, first), is_last = matches(model, last);
  if (!is_first && !is_last)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "the server's model reads another shape than the latent's 1 x %u x %u x %u", height, width,
                      channels);
  const int moves = is_first && (!is_last || latent->channels_first_source);
  const uint32_t *dims = moves ? first : last;
  int64_t shape[HR_INFERENCE_RANK];
  for (uint32_t axis = 0; axis < model->rank; axis++) shape[axis] = dims[4 - model->rank + axis];

  /* Floats are read at the place's end, and moved in front of it; the request is written at its beginning. */
  enum { MOST_BYTES_EACH = 20 + 2 * sizeof(float) };
  const size_t size = model->is_int8 ? 1 : sizeof(float), places = (size_t)height * width;
  const uint64_t count = (uint64_t)height * width * channels;
  if (count > capacity || HR_INFERENCE_HEADER + count * MOST_BYTES_EACH > capacity)
    return hr_io_fail(error, HR_BUFFER_TOO_SMALL, "a latent of %llu elements is too large for an inference request",
                      (unsigned long long)count);
  const size_t bytes = (size_t)count * size;
  const uint8_t *elements = latent->data;
  if (!model->is_int8) {
    uint8_t *floats = out + (capacity - bytes) / sizeof(float) * sizeof(float);
    hr_status status = hr_tensor_read_float(latent, (float *)(void *)floats, (size_t)count);
    if (status != HR_OK) return hr_io_fail(error, status, "the latent cannot be read");
    elements = floats;
  }
  const char *type = model->is_int8 ? "INT8" : "FP32";
  if (model->takes_binary) {
    write_header(model, shape, type, bytes, out);
    copy(elements, out + HR_INFERENCE_HEADER, places, channels, size, moves);
    *out_bytes = HR_INFERENCE_HEADER + bytes;
    return HR_OK;
  }
  uint8_t *moved = out + capacity - 2 * (size_t)count * sizeof(float);
  copy(elements, moved, places, channels, size, moves);
  return write_json(model, shape, type, model->is_int8 ? INTEGERS : FLOATS, moved, (size_t)count, out,
                    (size_t)(moved - out), out_bytes);
}

#endif /* HEADRACE_HTTP */
