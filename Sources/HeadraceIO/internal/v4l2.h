/* v4l2.h - pieces of the V4L2 camera: formats, and what a device offers. */
#ifndef HR_IO_V4L2_H
#define HR_IO_V4L2_H

#include <linux/videodev2.h>

#include "internal/failure.h"

/* ioctl that is repeated when a signal interrupts it; -1 and errno on failure. */
int hr_v4l2_ioctl(int device, unsigned long request, void *argument);

typedef struct hr_v4l2_format {
  uint32_t fourcc;
  hr_pixel_format pixel_format; /* HR_RGB24 for compressed formats: what they decode to */
  int is_jpeg;
} hr_v4l2_format;

/* The formats that we read, best first; the list ends with a fourcc of 0. */
extern const hr_v4l2_format hr_v4l2_formats[];

/* Writes what the device offers, for messages: "YUYV MJPG H264". */
void hr_v4l2_list_formats(int device, char *text, size_t capacity);
/* "640x480 1280x720" for one format. */
void hr_v4l2_list_sizes(int device, uint32_t fourcc, char *text, size_t capacity);
/* The cameras of this machine: "/dev/video0 (vivid)"; "none" if there is none. */
void hr_v4l2_list_cameras(char *text, size_t capacity);

/* Describes the pixels of a captured buffer. HR_BAD_FRAME if they are fewer than the format needs. */
hr_status hr_v4l2_wrap(hr_frame *frame, const struct v4l2_pix_format *format,
                       hr_pixel_format pixel_format, const uint8_t *bytes, size_t byte_count,
                       hr_error *error);

#endif /* HR_IO_V4L2_H */
