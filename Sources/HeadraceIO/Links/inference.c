/* inference.c - reads what an inference server says. Its JSON is parsed by libjansson, which is loaded when it is first
   wanted; all in it is looked at before it is believed. */
#define _GNU_SOURCE
#include "internal/inference.h"

#ifdef HEADRACE_HTTP
#include <dlfcn.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { MOST_DEPTH = 8 };

/* ---- The library ------------------------------------------------------------------------- */

#define FUNCTIONS(USE)                                                                                       \
  USE(loadb) USE(delete) USE(object_get) USE(array_size) USE(array_get) USE(string_value) USE(integer_value) \
  USE(number_value)

static struct {
#define POINTER(name) __typeof__(&json_##name) name;
  FUNCTIONS(POINTER)
} library;
static char missing[120];
static pthread_once_t loading = PTHREAD_ONCE_INIT;

static void load(void) {
  void *handle = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(missing, sizeof missing, "libjansson.so.4 cannot be loaded; on Debian: apt-get install libjansson4");
    return;
  }
  void *found;
#define FIND(name)                                                                                 \
  found = dlsym(handle, "json_" #name);                                                            \
  memcpy(&library.name, &found, sizeof found); /* C has no conversion from objects to functions */ \
  if (!found) snprintf(missing, sizeof missing, "libjansson.so.4 has no json_" #name);
  FUNCTIONS(FIND)
}

hr_status hr_inference_load(hr_error *error) {
  pthread_once(&loading, load);
  if (!missing[0]) return HR_OK;
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "HTTP: %s", missing);
}

/* NULL if it is no JSON. */
static json_t *parse(const char *json, size_t byte_count) {
  json_error_t error;
  return library.loadb(json, byte_count, 0, &error);
}

/* The text of a member, "" if it is none. */
static const char *text(const json_t *object, const char *key) {
  const char *value = library.string_value(library.object_get(object, key));
  return value ? value : "";
}

/* ---- A server, and its model --------------------------------------------------------------- */

int hr_inference_has_binary(const char *json, size_t byte_count) {
  json_t *root = parse(json, byte_count);
  if (!root) return 0;
  const json_t *extensions = library.object_get(root, "extensions");
  int is_listed = 0;
  for (size_t i = 0; i < library.array_size(extensions); i++) {
    const char *name = library.string_value(library.array_get(extensions, i));
    if (name && strcmp(name, "binary_tensor_data") == 0) is_listed = 1;
  }
  library.delete(root);
  return is_listed;
}

/* A name is written into requests as it is. */
static int is_plain(const char *name) {
  if (!*name || strlen(name) > HR_INFERENCE_NAME) return 0;
  for (; *name; name++)
    if ((unsigned char)*name < 0x20 || *name == '"' || *name == '\\' || (unsigned char)*name >= 0x7f) return 0;
  return 1;
}

/* 1 if it is one; axes of -1 have any extent. */
static int read_shape(const json_t *shape, int64_t least, uint32_t *rank, int64_t out[HR_INFERENCE_RANK]) {
  const size_t count = library.array_size(shape);
  if (count < 1 || count > HR_INFERENCE_RANK) return 0;
  *rank = (uint32_t)count;
  for (size_t axis = 0; axis < count; axis++) {
    const json_t *number = library.array_get(shape, axis);
    if (!number || !json_is_integer(number)) return 0;
    out[axis] = library.integer_value(number);
    if (out[axis] < least || out[axis] == 0 || out[axis] > UINT32_MAX) return 0;
  }
  return 1;
}

/* Whether classes may lie so: along one axis, the others 1. */
static int is_row(const int64_t *shape, uint32_t rank) {
  uint32_t longer = 0;
  for (uint32_t axis = 0; axis < rank; axis++) longer += shape[axis] > 1;
  return longer <= 1;
}

static hr_status read_input(const json_t *input, struct hr_inference_model *out, hr_error *error) {
  const char *name = text(input, "name"), *type = text(input, "datatype");
  if (!is_plain(name) || !read_shape(library.object_get(input, "shape"), -1, &out->rank, out->shape))
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "the server's model has an input without a plain name and shape");
  strcpy(out->input, name);
  out->content = HR_LINK_TENSORS;
  out->is_int8 = strcmp(type, "INT8") == 0;
  if (out->is_int8 || strcmp(type, "FP32") == 0) return HR_OK;
  const int is_flat = out->rank == 1 || (out->rank == 2 && out->shape[0] == 1);
  out->content = HR_LINK_PACKETS;
  if (strcmp(type, "UINT8") == 0 && is_flat && out->shape[out->rank - 1] == -1) return HR_OK;
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "the server's model reads %.16s; a tail reads UINT8 of shape [-1], or a latent of FP32 or INT8",
                    *type ? type : "nothing known");
}

/* The first output that classes can be, of those that are listed. */
static hr_status read_outputs(const json_t *outputs, struct hr_inference_model *out, hr_error *error) {
  const size_t count = library.array_size(outputs);
  if (count == 0) return HR_OK; /* the response tells */
  for (size_t i = 0; i < count; i++) {
    const json_t *output = library.array_get(outputs, i);
    const char *name = text(output, "name");
    if (strcmp(text(output, "datatype"), "FP32") != 0 || !is_plain(name) ||
        !read_shape(library.object_get(output, "shape"), -1, &out->output_rank, out->output_shape) ||
        !is_row(out->output_shape, out->output_rank))
      continue;
    strcpy(out->output, name);
    return HR_OK;
  }
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "the server's model lists no output of FP32 that is a row of classes; serve a tail");
}

hr_status hr_inference_read_model(const char *json, size_t byte_count, struct hr_inference_model *out,
                                  hr_error *error) {
  memset(out, 0, sizeof *out);
  json_t *root = parse(json, byte_count);
  if (!root) return hr_io_fail(error, HR_BAD_PAYLOAD, "what the server says of its model is no JSON");
  const json_t *inputs = library.object_get(root, "inputs");
  hr_status status;
  if (library.array_size(inputs) != 1)
    status = hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "the server's model has %zu inputs described; a tail has one",
                        library.array_size(inputs));
  else
    status = read_input(library.array_get(inputs, 0), out, error);
  if (status == HR_OK) status = read_outputs(library.object_get(root, "outputs"), out, error);
  library.delete(root);
  return status;
}

/* ---- A response -------------------------------------------------------------------------- */

/* Classes as they are read, one after the other: the likeliest, and what softmax needs. */
struct ranking {
  uint32_t count;
  int is_broken;      /* something was no number */
  int is_likely;      /* all were 0 ... 1 so far */
  double sum;
  double scaled_sum; /* of e^(x - largest) */
  hr_class best[HR_MAX_CLASSES];
};

static void rank(struct ranking *ranking, double value) {
  if (!isfinite(value) || fabs(value) > 1e30 || ranking->count == HR_INFERENCE_CLASSES) {
    ranking->is_broken = 1;
    return;
  }
  const uint32_t index = ranking->count++;
  if (value < -0.001 || value > 1.001) ranking->is_likely = 0;
  ranking->sum += value;
  const double largest = index == 0 ? value : (double)ranking->best[0].probability;
  if (value > largest) ranking->scaled_sum *= exp(largest - value);
  ranking->scaled_sum += exp(value > largest ? 0 : value - largest);
  const uint32_t known = index < HR_MAX_CLASSES ? index : HR_MAX_CLASSES;
  uint32_t place = known;
  while (place > 0 && (double)ranking->best[place - 1].probability < value) {
    if (place < HR_MAX_CLASSES) ranking->best[place] = ranking->best[place - 1];
    place--;
  }
  if (place < HR_MAX_CLASSES) ranking->best[place] = (hr_class){index, (float)value};
}

/* Numbers, in arrays that may be nested as the shape is. */
static void rank_json(struct ranking *ranking, const json_t *value, int depth) {
  if (json_is_number(value)) {
    rank(ranking, library.number_value(value));
    return;
  }
  if (!json_is_array(value) || depth == MOST_DEPTH) {
    ranking->is_broken = 1;
    return;
  }
  const size_t count = library.array_size(value);
  for (size_t i = 0; i < count && !ranking->is_broken; i++)
    rank_json(ranking, library.array_get(value, i), depth + 1);
}

static void rank_binary(struct ranking *ranking, const uint8_t *bytes, size_t byte_count) {
  if (byte_count % sizeof(float) != 0) ranking->is_broken = 1;
  for (size_t i = 0; i + sizeof(float) <= byte_count && !ranking->is_broken; i += sizeof(float)) {
    const uint32_t bits = (uint32_t)bytes[i] | (uint32_t)bytes[i + 1] << 8 | (uint32_t)bytes[i + 2] << 16 |
                          (uint32_t)bytes[i + 3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    rank(ranking, (double)value);
  }
}

/* Of the output that a model is known to make; else the first of FP32. */
static int is_wanted(const struct hr_inference_model *model, const json_t *output) {
  return model->output[0] ? strcmp(text(output, "name"), model->output) == 0
                          : strcmp(text(output, "datatype"), "FP32") == 0;
}

/* Whether an output is of the type and shape that the model has; count: of its numbers. */
static hr_status check_output(const struct hr_inference_model *model, const json_t *output, uint64_t *count,
                              hr_error *error) {
  uint32_t rank = 0;
  int64_t shape[HR_INFERENCE_RANK];
  const char *type = text(output, "datatype");
  if (strcmp(type, "FP32") != 0)
    return hr_io_fail(error, HR_BAD_PAYLOAD,
                      "the server answers with %.8s, not FP32; serve the model that it describes",
                      *type ? type : "no type");
  int fits = read_shape(library.object_get(output, "shape"), 1, &rank, shape) && is_row(shape, rank) &&
             (!model->output[0] || rank == model->output_rank);
  *count = 1;
  for (uint32_t axis = 0; axis < rank && fits; axis++) {
    fits = !model->output[0] || model->output_shape[axis] == -1 || model->output_shape[axis] == shape[axis];
    *count *= (uint64_t)shape[axis];
  }
  if (fits) return HR_OK;
  return hr_io_fail(error, HR_BAD_PAYLOAD,
                    "the server answers with another shape than its model's row of classes; serve that model");
}

/* Finds the output; those before it may have bytes behind the JSON too. */
static hr_status rank_outputs(const struct hr_inference_model *model, struct ranking *ranking, const json_t *outputs,
                              const uint8_t *binary, size_t binary_bytes, hr_error *error) {
  uint64_t count = 0;
  for (size_t i = 0; i < library.array_size(outputs); i++) {
    const json_t *output = library.array_get(outputs, i);
    const json_t *size = library.object_get(library.object_get(output, "parameters"), "binary_data_size");
    const int has_bytes = size && json_is_integer(size);
    const long long bytes = has_bytes ? library.integer_value(size) : 0;
    if (bytes < 0 || (unsigned long long)bytes > binary_bytes) break;
    if (is_wanted(model, output)) {
      hr_status status = check_output(model, output, &count, error);
      if (status != HR_OK) return status;
      if (has_bytes) rank_binary(ranking, binary, (size_t)bytes);
      else rank_json(ranking, library.object_get(output, "data"), 0);
      if (!ranking->is_broken && ranking->count == count) return HR_OK;
      return hr_io_fail(error, HR_BAD_PAYLOAD, "the server's FP32 output has not the numbers that its shape says; "
                        "update the server");
    }
    binary += bytes;
    binary_bytes -= (size_t)bytes;
  }
  if (!model->output[0])
    return hr_io_fail(error, HR_BAD_PAYLOAD, "the server answers with no output of FP32; serve a tail");
  return hr_io_fail(error, HR_BAD_PAYLOAD, "the server answers without its model's output %.32s; serve that model",
                    model->output);
}

hr_status hr_inference_read_response(const struct hr_inference_model *model, const uint8_t *bytes, size_t byte_count,
                                     size_t json_bytes, hr_answer *out, hr_error *error) {
  json_t *root = json_bytes <= byte_count ? parse((const char *)bytes, json_bytes) : NULL;
  if (!root)
    return hr_io_fail(error, HR_BAD_PAYLOAD, "what the server answers is no JSON; check that it serves inference here");
  struct ranking ranking = {.is_likely = 1};
  hr_status status = rank_outputs(model, &ranking, library.object_get(root, "outputs"), bytes + json_bytes,
                                  byte_count - json_bytes, error);
  library.delete(root);
  if (status != HR_OK) return status;
  out->status = HR_OK;
  out->class_count = ranking.count < HR_MAX_CLASSES ? ranking.count : HR_MAX_CLASSES;
  memcpy(out->classes, ranking.best, sizeof out->classes);
  if (ranking.is_likely && fabs(ranking.sum - 1) < 0.02) return HR_OK;
  const double largest = (double)ranking.best[0].probability;
  for (uint32_t i = 0; i < out->class_count; i++)
    out->classes[i].probability = (float)(exp((double)ranking.best[i].probability - largest) / ranking.scaled_sum);
  return HR_OK;
}

#endif /* HEADRACE_HTTP */
