/* send_source.c - frames of any source, or of the still life, which is a JPEG like any other. */
#include "send_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "still_life.h"
#include "text.h"

int open_frames(struct frames *frames, const char *path, uint32_t width, uint32_t height) {
  hr_error error = new_error();
  *frames = (struct frames){.least_width = width, .least_height = height};
  if (!path) {
    frames->rgb = malloc(STILL_LIFE_WIDTH * STILL_LIFE_HEIGHT * 3);
    if (!frames->rgb) return print_no_memory("still life");
    draw_still_life(frames->rgb);
    if (hr_jpeg_encode(frames->rgb, STILL_LIFE_WIDTH * 3, STILL_LIFE_WIDTH, STILL_LIFE_HEIGHT, 85, &frames->jpeg,
                       &frames->jpeg_bytes, &error) != HR_OK)
      return print_error("still life", &error);
    return 1;
  }
  hr_source_config config;
  hr_source_config_init(&config);
  /* A file may be decoded as small as the head needs; a camera gets its usual size, so that the aspect is its own. */
  frames->is_camera = strncmp(path, "/dev/", 5) == 0;
  config.width = frames->is_camera ? 640 : width;
  config.height = frames->is_camera ? 480 : height;
  if (hr_source_open(&frames->source, path, &config, &error) != HR_OK) return print_error(path, &error);
  if (frames->is_camera) complain("%s", hr_source_description(frames->source));
  return 1;
}

static hr_status next_still_life(struct frames *frames, hr_source_frame *out, hr_error *error) {
  hr_jpeg_info info = {.struct_size = sizeof info};
  const uint64_t start = hr_clock_monotonic(NULL);
  hr_status status = hr_jpeg_inspect(frames->jpeg, frames->jpeg_bytes, frames->least_width, frames->least_height,
                                     &info, error);
  if (status == HR_OK)
    status = hr_jpeg_decode(frames->jpeg, frames->jpeg_bytes, &info, frames->rgb,
                            STILL_LIFE_WIDTH * STILL_LIFE_HEIGHT * 3, error);
  if (status == HR_OK)
    status = hr_frame_wrap(&out->frame, HR_RGB24, info.decoded_width, info.decoded_height, frames->rgb,
                           info.rgb_bytes, error);
  out->name = "still life";
  out->width = info.width;
  out->height = info.height;
  out->jpeg = frames->jpeg;
  out->jpeg_bytes = frames->jpeg_bytes;
  out->decode_ns = hr_clock_monotonic(NULL) - start;
  return status;
}

hr_status next_frame(struct frames *frames, hr_source_frame *out, hr_error *error) {
  return frames->source ? hr_source_next(frames->source, out, error) : next_still_life(frames, out, error);
}

void close_frames(struct frames *frames) {
  hr_source_close(frames->source);
  hr_jpeg_free(frames->jpeg);
  free(frames->rgb);
}
