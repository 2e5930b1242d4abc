/* send_source.h - frames of any source or, without one, a picture of the program's own over and over. */
#ifndef DEMO_SEND_SOURCE_H
#define DEMO_SEND_SOURCE_H

#include "headrace_io.h"

struct frames {
  hr_source *source; /* NULL: the still life */
  int is_camera;
  uint8_t *rgb, *jpeg;
  size_t jpeg_bytes;
  uint32_t least_width, least_height; /* that a decoder has to keep */
};

/* path NULL is the still life. Prints what is wrong and returns 0 on failure; either way close_frames closes it. */
int open_frames(struct frames *frames, const char *path, uint32_t width, uint32_t height);
/* As hr_source_next; the still life never ends. */
hr_status next_frame(struct frames *frames, hr_source_frame *out, hr_error *error);
void close_frames(struct frames *frames);

#endif /* DEMO_SEND_SOURCE_H */
