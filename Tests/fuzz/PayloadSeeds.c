/* PayloadSeeds.c - payload_seeds FOLDER HEAD.hrm - writes payloads that the fuzzer starts from: a real
   head's latent and small ones of every type and rank, at several rates. */
#include "latent_model.h"

#include <stdio.h>

static const char *folder;

static void pack(const hr_session *session, const char *name, uint32_t rate) {
  size_t capacity = hr_payload_bound(session, 0), byte_count = 0;
  uint8_t *payload = malloc(capacity);
  char path[4096];
  snprintf(path, sizeof path, "%s/%s-rate%u", folder, name, rate);
  FILE *file = fopen(path, "wb");
  if (!file || hr_payload_pack(session, 0, rate, payload, capacity, &byte_count, NULL) != HR_OK ||
      fwrite(payload, 1, byte_count, file) != byte_count || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
  free(payload);
}

static void pack_head(const char *path) {
  static uint8_t rgb[96 * 96 * 3];
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  size_t byte_count = (size_t)ftell(file);
  rewind(file);
  void *bytes = aligned_alloc(64, (byte_count + 63) & ~(size_t)63);
  hr_model model;
  hr_session_config config;
  hr_session *session;
  hr_frame frame;
  hr_session_config_init(&config);
  hr_frame_init(&frame);
  if (fread(bytes, 1, byte_count, file) != byte_count ||
      hr_model_open(&model, bytes, byte_count, NULL) != HR_OK)
    abort();
  size_t memory_bytes = hr_session_bytes(&model, &config);
  void *memory = aligned_alloc(64, memory_bytes);
  for (uint32_t i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)(i / 3 % 96 * 2 + i * 7 % 23 + i / 288);
  if (hr_session_init(&session, memory, memory_bytes, &model, &config, NULL) != HR_OK ||
      hr_frame_wrap(&frame, HR_RGB24, 96, 96, rgb, sizeof rgb, NULL) != HR_OK ||
      hr_session_set_frame(session, 0, &frame, NULL) != HR_OK ||
      hr_session_run(session, NULL) != HR_OK)
    abort();
  for (uint32_t rate = 0; rate <= HR_MAX_RATE; rate += 2) pack(session, "head", rate);
  free(memory);
  free(bytes);
  fclose(file);
}

enum contents { SILENCE, SMOOTH, NOISE };

static void pack_latent(const char *name, struct latent latent, enum contents contents) {
  struct latent_session head = open_latent_session(&latent);
  uint8_t *data = latent_data(&head);
  uint32_t state = 1;
  for (size_t i = 0; i < latent_bytes(&latent); i++) {
    state = state * 1664525u + 1013904223u; /* Numerical Recipes */
    data[i] = contents == SILENCE  ? 0
              : contents == SMOOTH ? (uint8_t)(i / 5 + (state >> 30))
                                   : (uint8_t)(state >> 24);
  }
  for (uint32_t rate = 0; rate <= HR_MAX_RATE; rate += 3) pack(head.session, name, rate);
  close_latent_session(&head);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  folder = argv[1];
  pack_head(argv[2]);
  pack_latent("silence", (struct latent){HR_INT8, 4, {1, 5, 4, 3, 1, 1}, 0.5f, -3}, SILENCE);
  pack_latent("smooth", (struct latent){HR_INT8, 4, {1, 6, 5, 4, 1, 1}, 0.5f, 10}, SMOOTH);
  pack_latent("noise", (struct latent){HR_INT8, 3, {4, 4, 3, 1, 1, 1}, 0.5f, 0}, NOISE);
  pack_latent("vector", (struct latent){HR_INT8, 1, {40, 1, 1, 1, 1, 1}, 0.5f, -128}, SMOOTH);
  pack_latent("many-channels", (struct latent){HR_INT8, 4, {2, 2, 1, 70, 1, 1}, 1e-3f, 0}, SMOOTH);
  pack_latent("six-axes", (struct latent){HR_INT8, 6, {1, 2, 2, 3, 2, 3}, 2, 0}, SMOOTH);
  pack_latent("wide", (struct latent){HR_INT16, 4, {1, 1, 30, 3, 1, 1}, 1e-4f, 0}, SMOOTH);
  pack_latent("wide-noise", (struct latent){HR_INT16, 2, {6, 5, 1, 1, 1, 1}, 0, 0}, NOISE);
  return 0;
}
