/* cap.c HEAD COUNT - no packet is longer than its cap, whatever the picture: of COUNT pictures half are noise of many
   kinds, and half an adversary's, who changes a part of his worst picture and keeps what makes its packet longer.

   Prints the longest packet without a cap. Fails if one is longer than its cap or does not read. */
#include <headrace.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 224, PICTURE_BYTES = SIDE * SIDE * 3 };

static uint32_t state = 1;

static uint32_t number(uint32_t below) {
  state = state * 1664525u + 1013904223u; /* Numerical Recipes */
  return (uint32_t)(((uint64_t)state * below) >> 32);
}

static void require(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "cap: %s\n", error->message);
  exit(EXIT_FAILURE);
}

static char *aligned(size_t bytes) {
  char *memory = malloc(bytes + 64);
  if (!memory) exit(EXIT_FAILURE);
  return memory + (64 - (size_t)memory % 64);
}

/* Fills a rectangle with noise in blocks: of any amplitude about any level, colourful or gray, or of extremes. */
static void draw_noise(uint8_t *rgb, uint32_t left, uint32_t top, uint32_t width, uint32_t height) {
  const uint32_t block = 1 + number(8), amplitude = 1 + number(256), level = number(256);
  const int is_gray = number(2) == 0, is_extreme = number(3) == 0;
  uint32_t x, y, channel;
  for (y = top; y < top + height; y++) {
    for (x = left; x < left + width; x++) {
      uint8_t *pixel = rgb + (y * SIDE + x) * 3;
      const uint8_t *above = pixel - SIDE * 3, *before = pixel - 3;
      if (y > top && (y - top) % block) {
        memcpy(pixel, above, 3);
      } else if (x > left && (x - left) % block) {
        memcpy(pixel, before, 3);
      } else {
        for (channel = 0; channel < 3; channel++) {
          const int value = is_extreme ? (number(2) ? 255 : 0)
                                       : (int)level + (int)number(amplitude) - (int)amplitude / 2;
          pixel[channel] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
          if (is_gray && channel > 0) pixel[channel] = pixel[0];
        }
      }
    }
  }
}

/* The longest packet of the picture without a cap, after looking at it under several. */
static size_t longest_packet(hr_session *session, hr_split *split, const uint8_t *rgb) {
  static const uint32_t caps[] = {24, 100, 500, 1500, 3000, 0};
  static uint8_t packet[HR_MAX_PACKET_BYTES];
  hr_split_request request = {0};
  hr_packet_info info;
  hr_error error;
  hr_frame frame;
  size_t bytes = 0, i;
  hr_error_init(&error);
  hr_frame_init(&frame);
  require(hr_frame_wrap(&frame, HR_RGB24, SIDE, SIDE, rgb, PICTURE_BYTES, &error), &error);
  require(hr_session_set_frame(session, 0, &frame, &error), &error);
  require(hr_session_run(session, &error), &error);
  request.struct_size = sizeof request;
  request.rate = hr_split_rates(split) - 1;
  info.struct_size = sizeof info;
  for (i = 0; i < sizeof caps / sizeof *caps; i++) {
    request.max_bytes = caps[i];
    require(hr_split_pack(split, &request, packet, sizeof packet, &bytes, NULL, &error), &error);
    require(hr_packet_inspect(packet, bytes, &info, &error), &error);
    if (caps[i] && bytes > caps[i]) {
      fprintf(stderr, "cap: a packet has %lu bytes, above %lu\n", (unsigned long)bytes, (unsigned long)caps[i]);
      exit(EXIT_FAILURE);
    }
  }
  return bytes;
}

int main(int argc, char **argv) {
  static uint8_t noise[PICTURE_BYTES], worst[PICTURE_BYTES];
  hr_error error;
  hr_model model;
  hr_session_config config;
  hr_session *session;
  hr_split *split;
  size_t file_bytes, session_bytes, split_bytes, longest_noise = 0, longest = 0;
  char *file_memory = aligned(1 << 20);
  FILE *file;
  long count, i;
  if (argc != 3 || (count = strtol(argv[2], NULL, 10)) <= 0) {
    fprintf(stderr, "usage: %s HEAD.hrm COUNT\n", argv[0]);
    return 2;
  }
  hr_error_init(&error);
  if (!(file = fopen(argv[1], "rb"))) {
    perror(argv[1]);
    return EXIT_FAILURE;
  }
  file_bytes = fread(file_memory, 1, 1 << 20, file);
  fclose(file);
  require(hr_model_open(&model, file_memory, file_bytes, &error), &error);
  hr_session_config_init(&config);
  session_bytes = hr_session_bytes(&model, &config);
  split_bytes = hr_split_bytes(&model);
  require(hr_session_init(&session, aligned(session_bytes), session_bytes, &model, &config, &error), &error);
  require(hr_split_head_init(&split, aligned(split_bytes), split_bytes, session, &error), &error);

  for (i = 0; i < count; i += 2) {
    size_t bytes;
    uint32_t left = number(SIDE), top = number(SIDE);
    draw_noise(noise, 0, 0, SIDE, SIDE);
    bytes = longest_packet(session, split, noise);
    if (bytes > longest_noise) longest_noise = bytes;
    if (bytes > longest) {
      longest = bytes;
      memcpy(worst, noise, sizeof worst);
    }
    memcpy(noise, worst, sizeof worst);
    draw_noise(noise, left, top, 1 + number(SIDE - left), 1 + number(SIDE - top));
    bytes = longest_packet(session, split, noise);
    if (bytes > longest) {
      longest = bytes;
      memcpy(worst, noise, sizeof worst);
    }
  }
  printf("%ld pictures, none above its cap; without one at most %lu bytes of noise and %lu of an adversary's\n", i,
         (unsigned long)longest_noise, (unsigned long)longest);
  return EXIT_SUCCESS;
}
