/* FuzzJpeg.c - libFuzzer's entry for pictures: the MJPEG splitter, the PPM parser, and libjpeg as this
   library drives it, at two scales. Built by run.sh. */
#include <stdlib.h>

#include "headrace_io.h"
#include "internal/picture_parsing.h"

enum { MOST_PIXELS = 1 << 22 }; /* larger ones only take longer */

static void decode(const uint8_t *bytes, size_t byte_count, uint32_t least) {
  hr_error error = {.struct_size = sizeof error};
  hr_jpeg_info info = {.struct_size = sizeof info};
  if (hr_jpeg_inspect(bytes, byte_count, least, least, &info, &error) != HR_OK) return;
  if (info.width == 0 || info.height == 0 || info.width > HR_MAX_FRAME_SIDE ||
      info.height > HR_MAX_FRAME_SIDE ||
      info.rgb_bytes != (size_t)info.decoded_width * info.decoded_height * 3)
    abort();
  if ((uint64_t)info.width * info.height > MOST_PIXELS) return;
  /* Exactly as large as it has to be, so that AddressSanitizer sees a byte too many. */
  uint8_t *rgb = malloc(info.rgb_bytes);
  if (!rgb) return;
  hr_jpeg_decode(bytes, byte_count, &info, rgb, info.rgb_bytes, &error);
  free(rgb);
}

static void split(const uint8_t *bytes, size_t byte_count) {
  size_t from = 0;
  for (;;) {
    hr_jpeg_extent extent = hr_jpeg_find(bytes, byte_count, from);
    if (extent.kind == HR_JPEG_NONE) break;
    if (extent.begin < from || extent.end <= extent.begin || extent.end > byte_count) abort();
    from = extent.end;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
  hr_pnm_info info;
  if (hr_pnm_parse(bytes, byte_count, &info) == HR_PNM_OK &&
      (info.data_offset > byte_count || info.data_bytes > byte_count - info.data_offset))
    abort();
  split(bytes, byte_count);
  decode(bytes, byte_count, 0);
  decode(bytes, byte_count, 1);
  return 0;
}
