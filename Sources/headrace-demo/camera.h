/* camera.h - what one frame went through, and how it is told. */
#ifndef DEMO_CAMERA_H
#define DEMO_CAMERA_H

#include "headrace_io.h"

enum { TOP = 3 };

struct frame_report {
  const char *source; /* a path, a device, or "still life" */
  uint32_t width;
  uint32_t height;
  size_t jpeg_bytes; /* 0: there was no JPEG */
  size_t payload_bytes; /* of the packet, its header included */
  uint32_t payload_crc32c; /* of what is behind the header */
  uint32_t rate;
  hr_answer answer; /* without classes if there is no tail */
  struct {
    double decode, prepare, head, code, tail;
  } milliseconds;
};

/* tail names the classes; NULL if there is none. */
void write_report_as_text(const struct frame_report *report, const hr_model *tail);
void write_report_as_json(const struct frame_report *report, const hr_model *tail);

#endif /* DEMO_CAMERA_H */
