/* camera.c - frames from a V4L2 camera through memory that the driver fills.

   A network is slower than most cameras. The driver's queue then holds the oldest frames, so each
   call takes all that are waiting, keeps the newest and hands the others back. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal/picture_parsing.h"
#include "internal/source.h"
#include "internal/v4l2.h"

enum { BUFFERS = 4, NO_BUFFER = -1 };

struct camera {
  hr_source source;
  char *path;
  int device;
  struct v4l2_pix_format format;
  hr_v4l2_format reading;
  uint32_t timeout_ms;
  uint32_t min_width; /* of a decoded JPEG */
  uint32_t min_height;
  uint32_t buffer_count;
  struct {
    uint8_t *bytes;
    size_t byte_count;
  } buffers[BUFFERS];
  int held; /* the buffer whose pixels the caller has, or NO_BUFFER */
  int is_streaming;
  uint32_t last_sequence;
  uint8_t *pixels; /* of a decoded JPEG */
  size_t capacity;
};

static void close_camera(hr_source *source) {
  struct camera *camera = (struct camera *)source;
  if (camera->is_streaming) {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    hr_v4l2_ioctl(camera->device, VIDIOC_STREAMOFF, &type);
  }
  for (uint32_t i = 0; i < camera->buffer_count; i++)
    if (camera->buffers[i].bytes) munmap(camera->buffers[i].bytes, camera->buffers[i].byte_count);
  if (camera->device >= 0) close(camera->device);
  free(camera->pixels);
  free(camera->path);
  free(camera);
}

static hr_status open_device(struct camera *camera, hr_error *error) {
  camera->device = open(camera->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (camera->device < 0) {
    int number = errno;
    if (number == ENOENT || number == ENODEV || number == ENXIO) {
      char cameras[120];
      hr_v4l2_list_cameras(cameras, sizeof cameras);
      return hr_io_fail(error, HR_NOT_FOUND, "there is no camera %s; cameras here: %s", camera->path,
                        cameras);
    }
    if (number == EACCES)
      return hr_io_fail(error, HR_DEVICE_ERROR,
                        "no permission to use %s; add yourself to the group video", camera->path);
    if (number == EBUSY)
      return hr_io_fail(error, HR_DEVICE_ERROR, "%s is in use by another program", camera->path);
    return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot open %s", camera->path);
  }
  struct v4l2_capability capability;
  if (hr_v4l2_ioctl(camera->device, VIDIOC_QUERYCAP, &capability) != 0)
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s is not a V4L2 device", camera->path);
  uint32_t abilities = capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps
                                                                      : capability.capabilities;
  if (!(abilities & V4L2_CAP_VIDEO_CAPTURE) || !(abilities & V4L2_CAP_STREAMING)) {
    char cameras[120];
    hr_v4l2_list_cameras(cameras, sizeof cameras);
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                      "%s (%s) does not capture single-planar video by streaming; cameras here: %s",
                      camera->path, (const char *)capability.card, cameras);
  }
  snprintf(camera->source.description, sizeof camera->source.description, "%s",
           (const char *)capability.card);
  return HR_OK;
}

/* Asks for each of our formats in turn until the driver takes one. */
static hr_status choose_format(struct camera *camera, const hr_source_config *config,
                               hr_error *error) {
  struct v4l2_format current = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  if (hr_v4l2_ioctl(camera->device, VIDIOC_G_FMT, &current) != 0)
    return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "%s tells no format", camera->path);
  for (const hr_v4l2_format *format = hr_v4l2_formats; format->fourcc; format++) {
    if (config->pixel_format && (format->is_jpeg || format->pixel_format != config->pixel_format))
      continue;
    struct v4l2_format wanted = current;
    if (config->width) wanted.fmt.pix.width = config->width;
    if (config->height) wanted.fmt.pix.height = config->height;
    wanted.fmt.pix.pixelformat = format->fourcc;
    wanted.fmt.pix.field = V4L2_FIELD_NONE;
    wanted.fmt.pix.bytesperline = 0;
    wanted.fmt.pix.sizeimage = 0;
    if (hr_v4l2_ioctl(camera->device, VIDIOC_S_FMT, &wanted) != 0) {
      if (errno == EBUSY)
        return hr_io_fail(error, HR_DEVICE_ERROR, "%s is in use by another program", camera->path);
      continue;
    }
    if (wanted.fmt.pix.pixelformat != format->fourcc) continue;
    camera->format = wanted.fmt.pix;
    camera->reading = *format;
    return HR_OK;
  }
  char formats[120];
  hr_v4l2_list_formats(camera->device, formats, sizeof formats);
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s offers no format that is %s; it offers %s",
                    camera->path, config->pixel_format ? "the one wanted" : "known here", formats);
}

static hr_status check_format(struct camera *camera, hr_error *error) {
  if (camera->format.width < 1 || camera->format.height < 1 ||
      camera->format.width > HR_MAX_FRAME_SIDE || camera->format.height > HR_MAX_FRAME_SIDE) {
    char sizes[100];
    hr_v4l2_list_sizes(camera->device, camera->reading.fourcc, sizes, sizeof sizes);
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s delivers %ux%u pixels; it offers %s",
                      camera->path, camera->format.width, camera->format.height, sizes);
  }
  return HR_OK;
}

/* A camera that cannot change its rate goes on as it is. */
static void set_rate(struct camera *camera, uint32_t frames_per_second) {
  struct v4l2_streamparm parameters = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  if (frames_per_second) {
    parameters.parm.capture.timeperframe.numerator = 1;
    parameters.parm.capture.timeperframe.denominator = frames_per_second;
    hr_v4l2_ioctl(camera->device, VIDIOC_S_PARM, &parameters);
  }
  char *end = camera->source.description + strlen(camera->source.description);
  size_t left = sizeof camera->source.description - strlen(camera->source.description);
  int length = snprintf(end, left, " %ux%u %.4s", camera->format.width, camera->format.height,
                        (const char *)&camera->format.pixelformat);
  struct v4l2_fract interval = {0, 0};
  if (hr_v4l2_ioctl(camera->device, VIDIOC_G_PARM, &parameters) == 0)
    interval = parameters.parm.capture.timeperframe;
  if (interval.numerator && length > 0 && (size_t)length < left)
    snprintf(end + length, left - (size_t)length, " %u fps",
             (interval.denominator + interval.numerator / 2) / interval.numerator);
}

static int queue(struct camera *camera, uint32_t index) {
  struct v4l2_buffer buffer = {
      .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = index};
  return hr_v4l2_ioctl(camera->device, VIDIOC_QBUF, &buffer);
}

static hr_status start_streaming(struct camera *camera, hr_error *error) {
  struct v4l2_requestbuffers request = {
      .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
  if (hr_v4l2_ioctl(camera->device, VIDIOC_REQBUFS, &request) != 0) {
    if (errno == EBUSY)
      return hr_io_fail(error, HR_DEVICE_ERROR, "%s is in use by another program", camera->path);
    return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "%s gives no buffers", camera->path);
  }
  if (request.count < 2)
    return hr_io_fail(error, HR_DEVICE_ERROR, "%s gives %u buffers; two are needed", camera->path,
                      request.count);
  camera->buffer_count = request.count < BUFFERS ? request.count : BUFFERS;
  for (uint32_t i = 0; i < camera->buffer_count; i++) {
    struct v4l2_buffer buffer = {
        .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = i};
    if (hr_v4l2_ioctl(camera->device, VIDIOC_QUERYBUF, &buffer) != 0)
      return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "%s hides buffer %u", camera->path, i);
    void *bytes = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, camera->device,
                       buffer.m.offset);
    if (bytes == MAP_FAILED)
      return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot map a buffer of %s",
                              camera->path);
    camera->buffers[i].bytes = bytes;
    camera->buffers[i].byte_count = buffer.length;
    if (queue(camera, i) != 0)
      return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot queue a buffer of %s",
                              camera->path);
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (hr_v4l2_ioctl(camera->device, VIDIOC_STREAMON, &type) != 0)
    return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "%s does not start", camera->path);
  camera->is_streaming = 1;
  return HR_OK;
}

static hr_status lost(struct camera *camera, int number, hr_error *error) {
  if (number == ENODEV || number == ENXIO)
    return hr_io_fail(error, HR_DEVICE_ERROR, "%s was unplugged", camera->path);
  return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "%s stopped delivering", camera->path);
}

/* Takes a finished buffer: 1, 0 if none is waiting, -1 and errno on failure. */
static int dequeue(struct camera *camera, struct v4l2_buffer *buffer) {
  memset(buffer, 0, sizeof *buffer);
  buffer->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer->memory = V4L2_MEMORY_MMAP;
  if (hr_v4l2_ioctl(camera->device, VIDIOC_DQBUF, buffer) != 0) return errno == EAGAIN ? 0 : -1;
  if (buffer->index >= camera->buffer_count) {
    errno = EIO;
    return -1;
  }
  return 1;
}

/* Waits for a frame, then takes the newest that is there. Frames that the driver marks as damaged are
   handed back. */
static hr_status take_newest(struct camera *camera, struct v4l2_buffer *newest, hr_error *error) {
  const uint64_t deadline =
      hr_clock_monotonic(NULL) + (uint64_t)camera->timeout_ms * 1000000u;
  int has_frame = 0;
  for (;;) {
    struct v4l2_buffer buffer;
    int taken = dequeue(camera, &buffer);
    if (taken < 0) return lost(camera, errno, error);
    if (taken == 0 && has_frame) return HR_OK;
    if (taken == 1) {
      if (buffer.flags & V4L2_BUF_FLAG_ERROR) {
        if (queue(camera, buffer.index) != 0) return lost(camera, errno, error);
      } else {
        if (has_frame && queue(camera, newest->index) != 0) return lost(camera, errno, error);
        *newest = buffer;
        has_frame = 1;
      }
      continue;
    }
    uint64_t now = hr_clock_monotonic(NULL);
    if (now >= deadline)
      return hr_io_fail(error, HR_TIMED_OUT, "%s delivered no frame for %u ms", camera->path,
                        camera->timeout_ms);
    struct pollfd wait = {.fd = camera->device, .events = POLLIN};
    int ready = poll(&wait, 1, (int)((deadline - now) / 1000000u + 1));
    if (ready < 0 && errno != EINTR) return lost(camera, errno, error);
    if (ready > 0 && (wait.revents & (POLLERR | POLLHUP | POLLNVAL)) && !(wait.revents & POLLIN))
      return lost(camera, wait.revents & POLLHUP ? ENODEV : EIO, error);
  }
}

static hr_status decode_jpeg(struct camera *camera, const uint8_t *bytes, size_t byte_count,
                             hr_source_frame *out, hr_error *error) {
  hr_jpeg_extent extent = hr_jpeg_find(bytes, byte_count, 0);
  if (extent.kind != HR_JPEG_WHOLE)
    return hr_io_fail(error, HR_BAD_PICTURE, "%s delivered a damaged JPEG", camera->path);
  out->jpeg = bytes + extent.begin;
  out->jpeg_bytes = extent.end - extent.begin;
  hr_jpeg_info info = {.struct_size = sizeof info};
  hr_status status = hr_jpeg_inspect(out->jpeg, out->jpeg_bytes, camera->min_width,
                                     camera->min_height, &info, error);
  if (status != HR_OK) return status;
  if (info.rgb_bytes > camera->capacity) {
    uint8_t *pixels = realloc(camera->pixels, info.rgb_bytes);
    if (!pixels) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to decode a JPEG");
    camera->pixels = pixels;
    camera->capacity = info.rgb_bytes;
  }
  status = hr_jpeg_decode(out->jpeg, out->jpeg_bytes, &info, camera->pixels, info.rgb_bytes, error);
  if (status != HR_OK) return status;
  return hr_frame_wrap(&out->frame, HR_RGB24, info.decoded_width, info.decoded_height,
                       camera->pixels, info.rgb_bytes, error);
}

static hr_status next_of_camera(hr_source *source, hr_source_frame *out, hr_error *error) {
  struct camera *camera = (struct camera *)source;
  out->name = camera->path;
  if (camera->held != NO_BUFFER) {
    if (queue(camera, (uint32_t)camera->held) != 0) return lost(camera, errno, error);
    camera->held = NO_BUFFER;
  }
  struct v4l2_buffer buffer = {0};
  hr_status status = take_newest(camera, &buffer, error);
  if (status != HR_OK) return status;
  camera->held = (int)buffer.index;
  out->width = camera->format.width;
  out->height = camera->format.height;
  if (source->index > 0) out->dropped = buffer.sequence - camera->last_sequence - 1;
  camera->last_sequence = buffer.sequence;
  if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
    out->timestamp_ns = (uint64_t)buffer.timestamp.tv_sec * 1000000000u +
                        (uint64_t)buffer.timestamp.tv_usec * 1000u;
  const uint8_t *bytes = camera->buffers[buffer.index].bytes;
  size_t byte_count = buffer.bytesused < camera->buffers[buffer.index].byte_count
                          ? buffer.bytesused
                          : camera->buffers[buffer.index].byte_count;
  uint64_t start = hr_clock_monotonic(NULL);
  if (camera->reading.is_jpeg) {
    status = decode_jpeg(camera, bytes, byte_count, out, error);
  } else {
    status = hr_v4l2_wrap(&out->frame, &camera->format, camera->reading.pixel_format, bytes,
                          byte_count, error);
    if (status == HR_BAD_FRAME) status = HR_BAD_PICTURE; /* one short frame: the next may be whole */
  }
  out->decode_ns = hr_clock_monotonic(NULL) - start;
  return status;
}

hr_status hr_camera_open(hr_source **out, const char *path, const hr_source_config *config,
                         hr_error *error) {
  struct camera *camera = calloc(1, sizeof *camera);
  if (!camera) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  camera->source.next = next_of_camera;
  camera->source.close = close_camera;
  camera->device = -1;
  camera->held = NO_BUFFER;
  camera->timeout_ms = config->timeout_ms;
  camera->min_width = config->width;
  camera->min_height = config->height;
  camera->path = strdup(path);
  hr_status status = camera->path ? open_device(camera, error)
                                  : hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left");
  if (status == HR_OK) status = choose_format(camera, config, error);
  if (status == HR_OK) status = check_format(camera, error);
  if (status == HR_OK) {
    set_rate(camera, config->frames_per_second);
    status = start_streaming(camera, error);
  }
  if (status != HR_OK) {
    close_camera(&camera->source);
    return status;
  }
  *out = &camera->source;
  return HR_OK;
}
