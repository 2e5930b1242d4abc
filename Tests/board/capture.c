/* capture.c - runs on the emulated board: captures frames from /dev/video0, whose driver (vivid) shows
   eight bars in 75 % colours, and checks what arrives. Prints one TAP line a check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headrace_io.h"

static int number;
static int failures;

static void check(int is_right, const char *what, const char *detail) {
  printf("%sok %d - %s%s%s\n", is_right ? "" : "not ", ++number, what, detail[0] ? ": " : "", detail);
  failures += !is_right;
}

/* Left to right, as in SMPTE's bars: white, yellow, cyan, green, magenta, red, blue, black. */
static const int bars[8][3] = {{191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0},
                               {191, 0, 191},   {191, 0, 0},   {0, 0, 191},   {0, 0, 0}};

/* The farthest that a channel at a bar's middle, low in the picture, lies from the bar's colour. */
static int largest_error(const uint8_t *rgb, uint32_t width, uint32_t height) {
  int largest = 0;
  for (int bar = 0; bar < 8; bar++) {
    const uint8_t *pixel = rgb + ((size_t)(height * 3 / 4) * width + (2 * bar + 1) * width / 16) * 3;
    for (int channel = 0; channel < 3; channel++) {
      int error = abs(pixel[channel] - bars[bar][channel]);
      if (error > largest) largest = error;
    }
  }
  return largest;
}

static void capture(const char *name, uint32_t format, uint32_t width, uint32_t height) {
  enum { FRAMES = 5, CLOSE = 8 };
  char what[100], detail[300] = "";
  hr_error error = {.struct_size = sizeof error};
  hr_source_config config;
  hr_source_config_init(&config);
  config.width = width;
  config.height = height;
  config.pixel_format = format;
  config.frames_per_second = 30;
  hr_source *source = NULL;
  snprintf(what, sizeof what, "%s, %u x %u: %d frames of the driver's bars", name, width, height,
           FRAMES);
  hr_status status = hr_source_open(&source, "/dev/video0", &config, &error);
  uint8_t *rgb = malloc((size_t)width * height * 3);
  int worst = 0;
  uint64_t last_time = 0;
  for (int i = 0; status == HR_OK && i < FRAMES; i++) {
    hr_source_frame frame = {.struct_size = sizeof frame};
    status = hr_source_next(source, &frame, &error);
    if (status != HR_OK) break;
    if (frame.frame.format != format || frame.width != width || frame.height != height ||
        frame.timestamp_ns <= last_time) {
      snprintf(detail, sizeof detail, "frame %d is %u x %u, format %d, at %llu ns", i, frame.width,
               frame.height, (int)frame.frame.format, (unsigned long long)frame.timestamp_ns);
      worst = 256;
    }
    last_time = frame.timestamp_ns;
    status = hr_frame_to_rgb(&frame.frame, HR_FIT_STRETCH, HR_FILTER_AUTO, rgb, (size_t)width * 3, width,
                             height, &error);
    if (status == HR_OK) {
      int wrong = largest_error(rgb, width, height);
      if (wrong > worst) worst = wrong;
    }
  }
  if (status != HR_OK)
    snprintf(detail, sizeof detail, "%s", error.message);
  else if (!detail[0])
    snprintf(detail, sizeof detail, "%s, colours within %d", hr_source_description(source), worst);
  check(status == HR_OK && worst <= CLOSE, what, detail);
  hr_source_close(source);
  free(rgb);
}

static void refuse(void) {
  hr_error error = {.struct_size = sizeof error};
  hr_source *first = NULL, *second = NULL;
  hr_status status = hr_source_open(&first, "/dev/video0", NULL, &error);
  if (status == HR_OK) status = hr_source_open(&second, "/dev/video0", NULL, &error);
  check(status == HR_DEVICE_ERROR && strstr(error.message, "in use"),
        "a camera that another program has is refused", error.message);
  hr_source_close(second);
  hr_source_close(first);
  status = hr_source_open(&first, "/dev/video7", NULL, &error);
  check(status == HR_NOT_FOUND && strstr(error.message, "/dev/video0"),
        "a camera that is not there is refused, and those that are are named", error.message);
}

int main(void) {
  capture("YUYV", HR_YUYV, 640, 480);
  capture("NV12", HR_NV12, 640, 480);
  capture("YUYV", HR_YUYV, 1280, 720);
  capture("NV12", HR_NV12, 1280, 720);
  capture("RGB", HR_RGB24, 640, 480);
  capture("I420", HR_I420, 640, 360);
  refuse();
  printf("captured with %d failures\n", failures);
  return failures != 0;
}
