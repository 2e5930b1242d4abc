/* frame.c - makes a camera frame the input of a network, for an emulator that counts instructions.

       frame MODEL.hrm FORMAT WIDTH HEIGHT

   The frame is noise; FORMAT is rgb24, yuyv or nv12. Marks like headrace-demo bench --markers. */
#include <string.h>

#include "../../../Sources/headrace-demo/marker.h"
#include "session.h"

enum { REPEATS = 2 };

static const struct {
  const char *name;
  hr_pixel_format format;
  unsigned half_bytes; /* of a pixel */
} formats[] = {{"rgb24", HR_RGB24, 6}, {"yuyv", HR_YUYV, 4}, {"nv12", HR_NV12, 3}};

int main(int argc, char **argv) {
  unsigned index = 0;
  while (argc == 5 && index < 3 && strcmp(argv[2], formats[index].name) != 0) index++;
  if (argc != 5 || index == 3) {
    fprintf(stderr, "usage: frame MODEL.hrm rgb24|yuyv|nv12 WIDTH HEIGHT\n");
    return 2;
  }
  hr_session *session = open_session(argv[1], 1, NULL);
  const uint32_t width = (uint32_t)strtoul(argv[3], NULL, 10), height = (uint32_t)strtoul(argv[4], NULL, 10);
  const size_t frame_bytes = (size_t)width * height * formats[index].half_bytes / 2;
  uint8_t *pixels = malloc(frame_bytes);
  if (!pixels) return EXIT_FAILURE;
  uint32_t noise = 1;
  for (size_t i = 0; i < frame_bytes; i++) {
    noise = 1664525u * noise + 1013904223u;
    pixels[i] = (uint8_t)(noise >> 24);
  }
  hr_frame frame;
  hr_frame_init(&frame);
  check(hr_frame_wrap(&frame, formats[index].format, width, height, pixels, frame_bytes, &error));

  mark_nothing();
  for (uint32_t i = 1; i <= REPEATS; i++) {
    mark(MARK_BEGIN);
    check(hr_session_set_frame(session, 0, &frame, &error));
    mark(i);
  }
  free(pixels);
  return EXIT_SUCCESS;
}
