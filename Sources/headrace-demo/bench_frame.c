/* bench_frame.c - times the way from a camera's frame to the input tensor. */
#include "bench_frame.h"

#include <stdlib.h>

enum { WIDTH = 640, HEIGHT = 480 };
static const hr_pixel_format formats[FRAME_FORMATS] = {HR_RGB24, HR_YUYV, HR_NV12};
const char *const frame_format_names[FRAME_FORMATS] = {"rgb", "yuyv", "nv12"};

int measure_frames(const struct network *network, uint32_t repeat, double *milliseconds) {
  uint32_t width, height;
  if (hr_model_frame_size(&network->model, 0, &width, &height) != HR_OK) return 0;
  const size_t bytes = (size_t)WIDTH * HEIGHT * 3;
  uint8_t *pixels = malloc(bytes);
  if (!pixels) return 0;
  uint32_t state = 1;
  for (size_t i = 0; i < bytes; i++) {
    state = 1664525u * state + 1013904223u; /* Numerical Recipes */
    pixels[i] = (uint8_t)(state >> 24);
  }
  int done = 1;
  for (int i = 0; done && i < FRAME_FORMATS; i++) {
    hr_error error = new_error();
    hr_frame frame;
    hr_frame_init(&frame);
    done = hr_frame_wrap(&frame, formats[i], WIDTH, HEIGHT, pixels, bytes, &error) == HR_OK;
    for (uint32_t k = 0; done && k < repeat; k++) {
      const uint64_t start = hr_clock_monotonic(NULL);
      done = hr_session_set_frame(network->session, 0, &frame, &error) == HR_OK;
      const double taken = (double)(hr_clock_monotonic(NULL) - start) / 1e6;
      if (k == 0 || taken < milliseconds[i]) milliseconds[i] = taken;
    }
    if (!done) print_error(network->path, &error);
  }
  free(pixels);
  return done;
}
