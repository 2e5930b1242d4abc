/* no_float.c MODEL - frame, head and packet of a fixed-point model without one floating-point
   operation; built for a CPU that has none (see no_float.cmake). */
#include "headrace.h"

#include <stdio.h>
#include <stdlib.h>

static const char *watched; /* what is being run, while no floating-point operation may happen */
static unsigned long operations;

void float_operation(const char *name);
void float_operation(const char *name) {
  operations++;
  if (!watched) return;
  fprintf(stderr, "%s calls %s\n", watched, name);
  exit(EXIT_FAILURE);
}

static void require(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "%s: %s\n", hr_status_string(status), error->message);
  exit(EXIT_FAILURE);
}

/* An aligned copy of a file. */
static void *read_file(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  char *bytes;
  long size;
  if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) <= 0) {
    fprintf(stderr, "%s cannot be read\n", path);
    exit(EXIT_FAILURE);
  }
  rewind(file);
  bytes = malloc((size_t)size + 64);
  if (!bytes) exit(EXIT_FAILURE);
  bytes += 64 - (size_t)bytes % 64;
  *count = fread(bytes, 1, (size_t)size, file);
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  enum { WIDTH = 320, HEIGHT = 240 };
  static uint8_t pixels[WIDTH * HEIGHT * 3], packet[HR_MAX_PACKET_BYTES];
  hr_error error;
  hr_model model;
  hr_requirements needs;
  hr_session_config config;
  hr_session *session;
  hr_frame frame;
  hr_tensor output;
  hr_split *split;
  hr_split_request request = {0};
  size_t count, session_bytes, split_bytes, packet_bytes, i;
  float *real;
  if (argc != 2) return EXIT_FAILURE;

  hr_error_init(&error);
  require(hr_model_open(&model, read_file(argv[1], &count), count, &error), &error);
  needs.struct_size = sizeof needs;
  require(hr_model_get_requirements(&model, &needs), &error);
  hr_session_config_init(&config);
  session_bytes = hr_session_bytes(&model, &config);
  {
    char *memory = malloc(session_bytes + 64);
    if (!memory || needs.uses_float) return EXIT_FAILURE;
    memory += 64 - (size_t)memory % 64;
    require(hr_session_init(&session, memory, session_bytes, &model, &config, &error), &error);
  }
  for (i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 7 + i / 960);
  hr_frame_init(&frame);
  require(hr_frame_wrap(&frame, HR_RGB24, WIDTH, HEIGHT, pixels, sizeof pixels, &error), &error);

  watched = "hr_session_set_frame";
  require(hr_session_set_frame(session, 0, &frame, &error), &error);
  watched = "hr_session_run";
  require(hr_session_run(session, &error), &error);
  split_bytes = hr_split_bytes(&model);
  {
    char *memory = malloc(split_bytes + 64);
    if (!memory) return EXIT_FAILURE;
    memory += 64 - (size_t)memory % 64;
    watched = "hr_split_head_init";
    require(hr_split_head_init(&split, memory, split_bytes, session, &error), &error);
  }
  request.struct_size = sizeof request;
  request.rate = hr_split_rates(split) - 1;
  watched = "hr_split_pack";
  require(hr_split_pack(split, &request, packet, sizeof packet, &packet_bytes, NULL, &error), &error);
  watched = NULL;

  /* The watch itself works: reading elements as real numbers takes floating-point operations. */
  operations = 0;
  output.struct_size = sizeof output;
  require(hr_session_output(session, 0, &output), &error);
  real = malloc(output.bytes * sizeof *real); /* an int8 tensor: one byte an element */
  if (!real) return EXIT_FAILURE;
  require(hr_tensor_read_float(&output, real, output.bytes), &error);
  if (operations == 0) {
    fprintf(stderr, "no floating-point operation was seen where one must happen\n");
    return EXIT_FAILURE;
  }
  printf("packet of %lu bytes\n", (unsigned long)packet_bytes);
  return EXIT_SUCCESS;
}
