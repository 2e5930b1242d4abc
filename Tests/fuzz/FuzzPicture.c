/* FuzzPicture.c - libFuzzer's entry for pictures: the MJPEG splitter, the PPM parser, metadata, libjpeg as this
   library drives it, at two scales, and frames from a file as hr_source delivers them, scaled. Pictures
   above MOST_PIXELS are parsed but not decoded, and at most MOST_FRAMES of a file are: more takes longer
   and shows nothing new. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "headrace_io.h"
#include "internal/picture_parsing.h"

enum { MOST_PIXELS = 1 << 18, MOST_FRAMES = 4 };

static void require(int holds) {
  if (!holds) abort();
}

/* Inspects and decodes; the number of pixels that there were or would have been. */
static uint64_t decode(const uint8_t *bytes, size_t byte_count, uint32_t least) {
  hr_error error = {.struct_size = sizeof error};
  hr_jpeg_info info = {.struct_size = sizeof info};
  hr_status status = hr_jpeg_inspect(bytes, byte_count, least, least, &info, &error);
  if (status != HR_OK) {
    require(status == HR_BAD_PICTURE && error.message[0]);
    return 0;
  }
  require(info.width > 0 && info.height > 0 && info.width <= HR_MAX_FRAME_SIDE &&
          info.height <= HR_MAX_FRAME_SIDE &&
          info.rgb_bytes == (size_t)info.decoded_width * info.decoded_height * 3);
  uint64_t pixels = (uint64_t)info.width * info.height;
  if (pixels > MOST_PIXELS) return pixels;
  /* Exactly as large as it has to be, so that AddressSanitizer sees a byte too many. */
  uint8_t *rgb = malloc(info.rgb_bytes);
  require(rgb != NULL);
  status = hr_jpeg_decode(bytes, byte_count, &info, rgb, info.rgb_bytes, &error);
  require(status == HR_OK || (status == HR_BAD_PICTURE && error.message[0]));
  free(rgb);
  return pixels;
}

/* Gives its metadata to another picture, which stays one; Exif is read from bytes that end where the file does. */
static void keep_metadata(const uint8_t *bytes, size_t byte_count) {
  static const uint8_t small[3];
  hr_jpeg_info info = {.struct_size = sizeof info};
  uint8_t *jpeg;
  size_t jpeg_bytes;
  uint32_t orientation = hr_jpeg_orientation(bytes, byte_count);
  require(orientation >= 1 && orientation <= 8);
  require(hr_jpeg_encode(small, 3, 1, 1, 50, &jpeg, &jpeg_bytes, NULL) == HR_OK);
  if (byte_count > 0) require(hr_jpeg_keep_metadata(bytes, byte_count, &jpeg, &jpeg_bytes, NULL) == HR_OK);
  require(hr_jpeg_find(jpeg, jpeg_bytes, 0).kind == HR_JPEG_WHOLE &&
          hr_jpeg_inspect(jpeg, jpeg_bytes, 0, 0, &info, NULL) == HR_OK && info.width == 1);
  hr_jpeg_free(jpeg);
}

/* The most pixels that a picture of an MJPEG file has. */
static uint64_t split(const uint8_t *bytes, size_t byte_count) {
  uint64_t most = 0;
  size_t from = 0;
  for (int frames = 0;; frames++) {
    hr_jpeg_extent extent = hr_jpeg_find(bytes, byte_count, from);
    if (extent.kind == HR_JPEG_NONE) return most;
    require(extent.begin >= from && extent.end > extent.begin && extent.end <= byte_count);
    from = extent.end;
    if (frames >= MOST_FRAMES || extent.kind == HR_JPEG_DAMAGED) continue;
    uint64_t pixels = decode(bytes + extent.begin, extent.end - extent.begin, 40);
    if (pixels > most) most = pixels;
  }
}

/* Reads the file as a program does, and scales each frame. */
static void deliver(const char *path) {
  static uint8_t small[9 * 7 * 3];
  hr_error error = {.struct_size = sizeof error};
  hr_source *source;
  if (hr_source_open(&source, path, NULL, &error) != HR_OK) return;
  for (int i = 0; i < MOST_FRAMES; i++) {
    hr_source_frame out = {.struct_size = sizeof out};
    hr_status status = hr_source_next(source, &out, &error);
    if (status == HR_END_OF_STREAM) break;
    if (status == HR_OK)
      require(hr_frame_to_rgb(&out.frame, HR_FIT_CROP, HR_FILTER_AUTO, small, 27, 9, 7, &error) ==
              HR_OK);
    else
      require(error.message[0]);
    if (status != HR_OK && status != HR_BAD_PICTURE) break;
  }
  hr_source_close(source);
}

/* One file under two names; run.sh starts the fuzzer in the repository's root. */
static char picture[64], film[64];
static int file;

static void remove_files(void) {
  unlink(picture);
  unlink(film);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  snprintf(picture, sizeof picture, "build/fuzz/picture/%d.ppm", (int)getpid());
  snprintf(film, sizeof film, "build/fuzz/picture/%d.mjpeg", (int)getpid());
  remove_files();
  atexit(remove_files);
  file = open(picture, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  require(file >= 0 && link(picture, film) == 0);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
  hr_pnm_info info;
  if (hr_pnm_parse(bytes, byte_count, &info) == HR_PNM_OK)
    require(info.data_offset <= byte_count && info.data_bytes <= byte_count - info.data_offset);
  uint64_t pixels = decode(bytes, byte_count, 0);
  decode(bytes, byte_count, 1);
  uint64_t most = split(bytes, byte_count);
  keep_metadata(bytes, byte_count);

  if (byte_count == 0 || pixels > MOST_PIXELS || most > MOST_PIXELS) return 0;
  require(pwrite(file, bytes, byte_count, 0) == (ssize_t)byte_count &&
          ftruncate(file, (off_t)byte_count) == 0);
  deliver(picture);
  deliver(film);
  return 0;
}
