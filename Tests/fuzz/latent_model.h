/* latent_model.h - the smallest model with a latent: one tensor that is both input and output, as head and
   as tail (Sources/Headrace/Model/FORMAT.md). */
#ifndef LATENT_MODEL_H
#define LATENT_MODEL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "headrace.h"
#include "hrm.h"

enum { TENSOR_AT = 256, INTERFACE_AT = 320, METADATA_AT = 384, STRINGS_AT = 448, STRINGS_BYTES = 2048,
       LATENT_MODEL_BYTES = STRINGS_AT + STRINGS_BYTES };

struct latent {
  hr_type type;
  uint32_t rank;
  uint32_t dims[HR_MAX_RANK]; /* 1 beyond the rank */
  float scale;
  int32_t zero_point;
  const char *layers, *prior, *rates; /* as the model's metadata says them; NULL: not at all */
};

static size_t latent_elements(const struct latent *latent) {
  size_t count = 1;
  for (uint32_t axis = 0; axis < latent->rank; axis++) count *= latent->dims[axis];
  return count;
}

static size_t latent_bytes(const struct latent *latent) {
  return latent_elements(latent) *
         (latent->type == HR_FLOAT32 ? 4 : latent->type == HR_INT16 ? 2 : 1);
}

/* A session of such a model, with the memory that it stands in. */
struct latent_session {
  hr_model model;
  hr_session *session;
  void *file;
  void *memory;
};

static void close_latent_session(struct latent_session *open) {
  free(open->memory);
  free(open->file);
}

/* Adds a key and its value, unless that is NULL. */
static void add_metadata(uint8_t *file, hrm_header *header, uint32_t *end, const char *key, const char *value) {
  if (!value) return;
  hrm_metadata record = {.key = *end, .value_bytes = (uint32_t)strlen(value)};
  record.value = *end + (uint32_t)strlen(key) + 1;
  if (record.value + record.value_bytes + 1 > STRINGS_BYTES) abort();
  memcpy(file + STRINGS_AT + record.key, key, strlen(key));
  memcpy(file + STRINGS_AT + record.value, value, record.value_bytes);
  memcpy(file + METADATA_AT + header->metadata_count++ * sizeof record, &record, sizeof record);
  *end = record.value + record.value_bytes + 1;
}

/* Dies if the library refuses the model: it is a sound one. */
static struct latent_session open_latent_session(const struct latent *latent) {
  hrm_header header = {.version_major = HRM_VERSION_MAJOR};
  memcpy(header.magic, HRM_MAGIC, sizeof header.magic);
  header.header_bytes = HRM_HEADER_BYTES;
  header.file_bytes = LATENT_MODEL_BYTES;
  header.arena_bytes = (latent_bytes(latent) + 63) & ~(uint64_t)63;
  header.flags = latent->type == HR_FLOAT32 ? HRM_USES_FLOAT : 0;
  header.tensor_count = header.input_count = header.output_count = 1;
  header.strings_bytes = STRINGS_BYTES;
  header.tensors_offset = TENSOR_AT;
  header.operators_offset = header.operands_offset = header.interface_offset = INTERFACE_AT;
  header.metadata_offset = METADATA_AT;
  header.frame_inputs_offset = header.strings_offset = STRINGS_AT;
  header.constants_offset = LATENT_MODEL_BYTES;
  hrm_tensor tensor = {.type = (uint8_t)latent->type, .rank = (uint8_t)latent->rank};
  tensor.storage = HRM_ARENA;
  memcpy(tensor.dims, latent->dims, sizeof tensor.dims);
  tensor.bytes = (uint32_t)latent_bytes(latent);
  tensor.producer = tensor.channel_scales = HRM_NONE;
  tensor.scale = latent->type == HR_FLOAT32 ? 0 : latent->scale;
  tensor.zero_point = latent->zero_point;

  struct latent_session open = {.file = aligned_alloc(HRM_ALIGNMENT, LATENT_MODEL_BYTES)};
  uint8_t *file = open.file;
  if (!file) abort();
  memset(file, 0, LATENT_MODEL_BYTES);
  memcpy(file + TENSOR_AT, &tensor, sizeof tensor);
  uint32_t end = 1; /* the first string is empty */
  add_metadata(file, &header, &end, "latent.layers", latent->layers);
  add_metadata(file, &header, &end, "latent.prior", latent->prior);
  add_metadata(file, &header, &end, "latent.rates", latent->rates);
  header.body_crc = hr_crc32c(file + HRM_HEADER_BYTES, LATENT_MODEL_BYTES - HRM_HEADER_BYTES);
  header.header_crc = hr_crc32c(&header, sizeof header);
  memcpy(file, &header, sizeof header);

  hr_session_config config;
  hr_session_config_init(&config);
  if (hr_model_open(&open.model, file, LATENT_MODEL_BYTES, NULL) != HR_OK) abort();
  size_t memory_bytes = hr_session_bytes(&open.model, &config);
  open.memory = aligned_alloc(HRM_ALIGNMENT, (memory_bytes + 63) & ~(size_t)63);
  if (!open.memory || hr_session_init(&open.session, open.memory, memory_bytes, &open.model, &config,
                                      NULL) != HR_OK)
    abort();
  return open;
}

static uint8_t *latent_data(const struct latent_session *open) {
  hr_tensor tensor = {.struct_size = sizeof tensor};
  if (hr_session_input(open->session, 0, &tensor) != HR_OK) abort();
  return tensor.data;
}

#endif /* LATENT_MODEL_H */
