/* inference_request.c - writes requests to an inference server: JSON, and the tensor behind it as it lies in memory. */
#define _GNU_SOURCE
#include "internal/inference.h"

#ifdef HEADRACE_HTTP
#include <stdio.h>
#include <string.h>

/* Of an input of one tensor of `bytes` bytes. */
static void write_header(const struct hr_inference_model *model, const int64_t *shape, const char *type, size_t bytes,
                         uint8_t *out) {
  char dims[100] = "";
  size_t length = 0;
  for (uint32_t axis = 0; axis < model->rank; axis++)
    length += (size_t)snprintf(dims + length, sizeof dims - length, "%s%lld", axis ? "," : "", (long long)shape[axis]);
  char json[HR_INFERENCE_HEADER + 1];
  length = (size_t)snprintf(json, sizeof json,
                            "{\"inputs\":[{\"name\":\"%s\",\"shape\":[%s],\"datatype\":\"%s\","
                            "\"parameters\":{\"binary_data_size\":%zu}}],"
                            "\"parameters\":{\"binary_data_output\":true}}",
                            model->input, dims, type, bytes);
  memset(out, ' ', HR_INFERENCE_HEADER);
  memcpy(out, json, length < HR_INFERENCE_HEADER ? length : HR_INFERENCE_HEADER);
}

hr_status hr_inference_write_packet(const struct hr_inference_model *model, const uint8_t *packet, size_t packet_bytes,
                                    uint8_t *out, size_t capacity, size_t *out_bytes) {
  if (capacity < HR_INFERENCE_HEADER + packet_bytes) return HR_BUFFER_TOO_SMALL;
  const int64_t shape[2] = {model->rank == 1 ? (int64_t)packet_bytes : 1, (int64_t)packet_bytes};
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

/* Moves elements of H x W x C to C x H x W. out and in may not overlap. */
static void move_channels_first(const uint8_t *in, uint8_t *out, size_t places, size_t channels, size_t size) {
  for (size_t channel = 0; channel < channels; channel++)
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

  const size_t size = model->is_int8 ? 1 : sizeof(float);
  const uint64_t count = (uint64_t)height * width * channels;
  const uint64_t bytes = count * size;
  /* Floats are converted into the upper half of the place, and moved into the lower one. */
  if (count > capacity || HR_INFERENCE_HEADER + (model->is_int8 ? bytes : 2 * bytes) > capacity)
    return hr_io_fail(error, HR_BUFFER_TOO_SMALL, "a latent of %llu elements is too large for an inference request",
                      (unsigned long long)count);
  const uint8_t *elements = latent->data;
  if (!model->is_int8) {
    float *floats = (float *)(void *)(out + HR_INFERENCE_HEADER + bytes);
    hr_status status = hr_tensor_read_float(latent, floats, (size_t)count);
    if (status != HR_OK) return hr_io_fail(error, status, "the latent cannot be read");
    elements = (const uint8_t *)floats;
  }
  write_header(model, shape, model->is_int8 ? "INT8" : "FP32", (size_t)bytes, out);
  if (moves) move_channels_first(elements, out + HR_INFERENCE_HEADER, (size_t)height * width, channels, size);
  else memcpy(out + HR_INFERENCE_HEADER, elements, (size_t)bytes);
  *out_bytes = HR_INFERENCE_HEADER + (size_t)bytes;
  return HR_OK;
}

#endif /* HEADRACE_HTTP */
