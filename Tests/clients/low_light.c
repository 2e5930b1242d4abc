/* low_light.c TONE.hrm - a C99 program that makes frames bright and takes blurs out, and what it is told when it asks
   for what cannot be. Exits with 1 at the first surprise. */
#include <headrace.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 70, HEIGHT = 50, ROW = 3 * WIDTH, MODEL_BYTES = 1 << 18 };

static hr_error error;

static void require(int condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "low_light: not so: %s (%s)\n", what, error.message);
  exit(EXIT_FAILURE);
}

#define REQUIRE(condition) require(condition, #condition)
/* Refuses with this status, and says something. */
#define REFUSES(status, call) \
  require((error.message[0] = '\0', (call) == (status)) && error.message[0] != '\0', #call " is refused")

#include "blocks.h"

static hr_session *open_session(const char *path) {
  static hr_model model;
  hr_session_config config;
  hr_session *session = NULL;
  void *bytes = aligned(MODEL_BYTES);
  size_t count;
  FILE *file = fopen(path, "rb");
  REQUIRE(file != NULL);
  count = fread(bytes, 1, MODEL_BYTES, file);
  fclose(file);
  REQUIRE(hr_model_open(&model, bytes, count, &error) == HR_OK);
  hr_session_config_init(&config);
  count = hr_session_bytes(&model, &config);
  REQUIRE(hr_session_init(&session, aligned(count), count, &model, &config, &error) == HR_OK);
  return session;
}

static uint8_t pixels[2 * HEIGHT * ROW];

/* A dark frame at `pixels`. */
static hr_frame dark_frame(void) {
  hr_frame frame;
  size_t i;
  for (i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 7 % 23 + i / ROW % 9);
  REQUIRE(hr_frame_wrap(&frame, HR_RGB24, WIDTH, HEIGHT, pixels, HEIGHT * ROW, &error) == HR_OK);
  return frame;
}

static void enhance(hr_session *tone) {
  static uint8_t elsewhere[HEIGHT * ROW];
  hr_enhancer_config config, other;
  hr_enhancer *enhancer = NULL;
  hr_enhancement done = {0};
  hr_frame frame = dark_frame(), lies;
  size_t bytes;
  void *memory;

  hr_enhancer_config_init(&config);
  REQUIRE(hr_enhancer_bytes(&config) == 0 && hr_enhancer_bytes(NULL) == 0);
  config.max_width = WIDTH;
  config.max_height = HEIGHT;
  config.tone = tone;
  bytes = hr_enhancer_bytes(&config);
  memory = aligned(bytes);
  REFUSES(HR_OUT_OF_MEMORY, hr_enhancer_init(&enhancer, memory, bytes - 1, &config, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, (char *)memory + 1, bytes, &config, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, NULL, bytes, &config, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(NULL, memory, bytes, &config, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, memory, bytes, NULL, &error));
  other = config, other.struct_size = 8;
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, memory, bytes, &other, &error));
  other = config, other.response_ms = (float)NAN;
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, memory, bytes, &other, &error));
  other = config, other.threads = 65;
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, memory, bytes, &other, &error));
  other = config, other.max_width = UINT32_MAX;
  REFUSES(HR_BAD_FRAME, hr_enhancer_init(&enhancer, memory, bytes, &other, &error));
  other = config, other.clean = tone;
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, memory, bytes, &other, &error));
  memset(memory, 0xa5, bytes);
  other = config, other.tone = memory;
  REFUSES(HR_INVALID_ARGUMENT, hr_enhancer_init(&enhancer, memory, bytes, &other, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(memory, &frame, 0, pixels, ROW, NULL, &error));

  REQUIRE(hr_enhancer_init(&enhancer, memory, bytes, &config, &error) == HR_OK);
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(enhancer, NULL, 0, pixels, ROW, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(enhancer, &frame, 0, NULL, ROW, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(enhancer, &frame, 0, pixels, ROW - 1, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(enhancer, &frame, 0, pixels, (size_t)0 - ROW, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(enhancer, &frame, 0, pixels, SIZE_MAX / 4, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_enhance(enhancer, &frame, 0, pixels, ROW, &done, &error));
  lies = frame, lies.plane_bytes[0] = 100;
  REFUSES(HR_BAD_FRAME, hr_enhance(enhancer, &lies, 0, pixels, ROW, NULL, &error));
  lies = frame, lies.strides[0] = ROW - 1;
  REFUSES(HR_BAD_FRAME, hr_enhance(enhancer, &lies, 0, pixels, ROW, NULL, &error));
  lies = frame, lies.planes[0] = NULL;
  REFUSES(HR_BAD_FRAME, hr_enhance(enhancer, &lies, 0, pixels, ROW, NULL, &error));
  lies = frame, lies.width = 0;
  REFUSES(HR_BAD_FRAME, hr_enhance(enhancer, &lies, 0, pixels, ROW, NULL, &error));

  done.struct_size = sizeof done;
  REQUIRE(hr_enhance(enhancer, &frame, 0, elsewhere, ROW, &done, &error) == HR_OK);
  REQUIRE(done.strength == 1.0f && done.gamma >= 0.2f && done.gamma <= 0.8f);
  REQUIRE(hr_enhance(enhancer, &frame, 0, pixels, ROW, NULL, &error) == HR_OK);
  REQUIRE(memcmp(elsewhere, pixels, sizeof elsewhere) == 0); /* in place the same */
  /* Where both overlap otherwise the result makes no sense, but nothing beyond it is touched. */
  frame = dark_frame();
  memset(pixels + (HEIGHT + 1) * ROW + 6, 77, ROW);
  REQUIRE(hr_enhance(enhancer, &frame, UINT64_MAX, pixels + ROW + 6, ROW, NULL, &error) == HR_OK);
  REQUIRE(pixels[(HEIGHT + 1) * ROW + 6] == 77);
}

static void deblur(hr_session *tone) {
  float kernel[9] = {0, 1, 0, 2, 8, 2, 0, 1, 0}, nothing[9] = {0};
  const float no_weights[] = {(float)NAN, (float)INFINITY, -1.0f, 1e7f};
  hr_deblur_config config, other;
  hr_deblur *deblur = NULL;
  hr_frame frame = dark_frame();
  size_t bytes, i;
  void *memory;

  hr_deblur_config_init(&config);
  REQUIRE(hr_deblur_bytes(&config) == 0 && hr_deblur_bytes(NULL) == 0);
  config.max_width = WIDTH;
  config.max_height = HEIGHT;
  config.kernel = kernel;
  config.kernel_width = config.kernel_height = 3;
  bytes = hr_deblur_bytes(&config);
  memory = aligned(bytes);
  REFUSES(HR_OUT_OF_MEMORY, hr_deblur_init(&deblur, memory, bytes - 1, &config, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, NULL, &error));
  for (i = 0; i < sizeof no_weights / sizeof *no_weights; i++) {
    kernel[0] = no_weights[i];
    REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &config, &error));
  }
  kernel[0] = 0;
  other = config, other.kernel = nothing;
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &other, &error));
  other = config, other.kernel = NULL;
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &other, &error));
  other = config, other.kernel_width = 2;
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &other, &error));
  other = config, other.kernel_height = 65;
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &other, &error));
  other = config, other.features = tone;
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &other, &error));
  other = config, other.max_width = 8193;
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_init(&deblur, memory, bytes, &other, &error));
  /* The largest frames take 2.2 GB, which is refused where addresses have 32 bits. */
  other.max_width = other.max_height = 8192;
  REQUIRE(sizeof(void *) == 4 ? hr_deblur_bytes(&other) == 0 : hr_deblur_bytes(&other) > INT32_MAX);

  REQUIRE(hr_deblur_init(&deblur, memory, bytes, &config, &error) == HR_OK);
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_run(deblur, NULL, pixels, ROW, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_run(deblur, &frame, pixels, ROW - 1, NULL, &error));
  REFUSES(HR_INVALID_ARGUMENT, hr_deblur_run(NULL, &frame, pixels, ROW, NULL, &error));
  REQUIRE(hr_deblur_run(deblur, &frame, pixels, ROW, NULL, &error) == HR_OK);
}

int main(int argc, char **argv) {
  hr_session *tone;
  if (argc != 2) {
    fprintf(stderr, "usage: %s TONE.hrm\n", argv[0]);
    return 2;
  }
  hr_error_init(&error);
  tone = open_session(argv[1]);
  enhance(tone);
  deblur(tone);
  free_blocks();
  printf("%s: bright and sharp\n", argv[1]);
  return EXIT_SUCCESS;
}
