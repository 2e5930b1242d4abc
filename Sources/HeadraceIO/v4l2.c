/* v4l2.c - which formats we read from a camera, and in words what it offers. */
#define _GNU_SOURCE
#include "internal/v4l2.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Uncompressed ones first: they cost no decoding and lose nothing. */
const hr_v4l2_format hr_v4l2_formats[] = {
    {V4L2_PIX_FMT_YUYV, HR_YUYV, 0},   {V4L2_PIX_FMT_NV12, HR_NV12, 0},
    {V4L2_PIX_FMT_NV21, HR_NV21, 0},   {V4L2_PIX_FMT_YUV420, HR_I420, 0},
    {V4L2_PIX_FMT_RGB24, HR_RGB24, 0}, {V4L2_PIX_FMT_BGR24, HR_BGR24, 0},
    {V4L2_PIX_FMT_MJPEG, HR_RGB24, 1}, {V4L2_PIX_FMT_JPEG, HR_RGB24, 1},
    {V4L2_PIX_FMT_GREY, HR_GRAY8, 0},  {0, HR_GRAY8, 0}};

int hr_v4l2_ioctl(int device, unsigned long request, void *argument) {
  int result;
  do result = ioctl(device, request, argument);
  while (result == -1 && errno == EINTR);
  return result;
}

__attribute__((format(printf, 3, 4)))
static void append(char *text, size_t capacity, const char *format, ...) {
  size_t used = strlen(text);
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  vsnprintf(text + used, capacity - used, format, arguments);
  __builtin_va_end(arguments);
}

void hr_v4l2_list_formats(int device, char *text, size_t capacity) {
  struct v4l2_fmtdesc format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  text[0] = 0;
  for (; hr_v4l2_ioctl(device, VIDIOC_ENUM_FMT, &format) == 0; format.index++)
    append(text, capacity, "%s%.4s", format.index ? " " : "", (const char *)&format.pixelformat);
  if (!text[0]) append(text, capacity, "nothing");
}

void hr_v4l2_list_sizes(int device, uint32_t fourcc, char *text, size_t capacity) {
  struct v4l2_frmsizeenum size = {.pixel_format = fourcc};
  text[0] = 0;
  for (; hr_v4l2_ioctl(device, VIDIOC_ENUM_FRAMESIZES, &size) == 0; size.index++) {
    const char *separator = size.index ? " " : "";
    if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      append(text, capacity, "%s%ux%u", separator, size.discrete.width, size.discrete.height);
    } else {
      append(text, capacity, "%s%ux%u to %ux%u", separator, size.stepwise.min_width,
             size.stepwise.min_height, size.stepwise.max_width, size.stepwise.max_height);
      break; /* one entry says it all */
    }
  }
  if (!text[0]) append(text, capacity, "unknown");
}

void hr_v4l2_list_cameras(char *text, size_t capacity) {
  text[0] = 0;
  for (int number = 0; number < 64; number++) {
    char path[32];
    snprintf(path, sizeof path, "/dev/video%d", number);
    int device = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) continue;
    struct v4l2_capability capability;
    if (hr_v4l2_ioctl(device, VIDIOC_QUERYCAP, &capability) == 0 &&
        (capability.device_caps & V4L2_CAP_VIDEO_CAPTURE))
      append(text, capacity, "%s%s (%s)", text[0] ? ", " : "", path, (const char *)capability.card);
    close(device);
  }
  if (!text[0]) append(text, capacity, "none");
}

/* What the driver leaves open follows from the colour space, as videodev2.h maps it. */
static uint32_t is_full_range(const struct v4l2_pix_format *format) {
  uint32_t quantization = format->quantization;
  if (quantization == V4L2_QUANTIZATION_DEFAULT)
    return format->colorspace == V4L2_COLORSPACE_JPEG;
  return quantization == V4L2_QUANTIZATION_FULL_RANGE;
}

hr_status hr_v4l2_wrap(hr_frame *frame, const struct v4l2_pix_format *format,
                       hr_pixel_format pixel_format, const uint8_t *bytes, size_t byte_count,
                       hr_error *error) {
  const size_t stride = format->bytesperline;
  const size_t luma = stride * format->height;
  const size_t chroma_rows = (format->height + 1) / 2;
  hr_frame_init(frame);
  frame->format = pixel_format;
  frame->width = format->width;
  frame->height = format->height;
  frame->full_range = is_full_range(format);
  size_t sizes[3] = {luma, 0, 0};
  if (pixel_format == HR_NV12 || pixel_format == HR_NV21) {
    frame->strides[1] = stride;
    sizes[1] = stride * chroma_rows;
  } else if (pixel_format == HR_I420) {
    frame->strides[1] = frame->strides[2] = stride / 2;
    sizes[1] = sizes[2] = stride / 2 * chroma_rows;
  }
  frame->strides[0] = stride;
  if (sizes[0] + sizes[1] + sizes[2] > byte_count)
    return hr_io_fail(error, HR_BAD_FRAME, "the camera delivered %zu bytes of a frame of %zu",
                      byte_count, sizes[0] + sizes[1] + sizes[2]);
  for (int plane = 0; plane < 3 && sizes[plane]; plane++) {
    frame->planes[plane] = bytes;
    frame->plane_bytes[plane] = sizes[plane];
    bytes += sizes[plane];
  }
  return HR_OK;
}
