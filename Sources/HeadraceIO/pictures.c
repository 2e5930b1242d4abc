/* pictures.c - frames from files: one picture, a folder of pictures, or JPEGs one behind the other. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal/picture_parsing.h"
#include "internal/source.h"

struct pictures {
  hr_source source;
  uint32_t min_width;
  uint32_t min_height;
  char **paths; /* in name order */
  size_t path_count;
  size_t next_path;
  hr_file file;     /* the one being read */
  size_t position;  /* in an MJPEG file */
  int is_mjpeg;
  uint8_t *pixels;
  size_t capacity;
};

static int has_extension(const char *path, const char *extension) {
  const char *dot = strrchr(path, '.');
  return dot && strcasecmp(dot + 1, extension) == 0;
}

static int is_mjpeg(const char *path) {
  return has_extension(path, "mjpeg") || has_extension(path, "mjpg");
}

static int is_picture(const char *path) {
  return has_extension(path, "jpg") || has_extension(path, "jpeg") || has_extension(path, "ppm") ||
         has_extension(path, "pgm");
}

static hr_status grow(struct pictures *pictures, size_t bytes, hr_error *error) {
  if (bytes <= pictures->capacity) return HR_OK;
  uint8_t *pixels = realloc(pictures->pixels, bytes);
  if (!pixels) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for %zu bytes of pixels", bytes);
  pictures->pixels = pixels;
  pictures->capacity = bytes;
  return HR_OK;
}

static hr_status decode_jpeg(struct pictures *pictures, const uint8_t *jpeg, size_t jpeg_bytes,
                             hr_source_frame *out, hr_error *error) {
  out->jpeg = jpeg;
  out->jpeg_bytes = jpeg_bytes;
  hr_jpeg_info info = {.struct_size = sizeof info};
  hr_status status = hr_jpeg_inspect(jpeg, jpeg_bytes, pictures->min_width, pictures->min_height,
                                     &info, error);
  if (status != HR_OK) return status;
  out->width = info.width;
  out->height = info.height;
  if ((status = grow(pictures, info.rgb_bytes, error)) != HR_OK) return status;
  status = hr_jpeg_decode(jpeg, jpeg_bytes, &info, pictures->pixels, info.rgb_bytes, error);
  if (status != HR_OK) return status;
  return hr_frame_wrap(&out->frame, HR_RGB24, info.decoded_width, info.decoded_height,
                       pictures->pixels, info.rgb_bytes, error);
}

static const char *pnm_message(hr_pnm_result result) {
  switch (result) {
    case HR_PNM_NOT_BINARY: return "not a JPEG, a binary PPM (P6) or a binary PGM (P5)";
    case HR_PNM_BAD_HEADER: return "a PPM whose width, height or maximum is missing or 0";
    case HR_PNM_TOO_LARGE: return "a PPM with a side above 16,384 pixels";
    case HR_PNM_BAD_MAXIMUM: return "a PPM of two bytes a sample; convert it to a maximum of 255";
    default: return "a PPM that is shorter than its header says";
  }
}

/* Uses the file's own bytes unless its white is another value than 255. */
static hr_status decode_pnm(struct pictures *pictures, hr_source_frame *out, hr_error *error) {
  const uint8_t *bytes = pictures->file.bytes;
  hr_pnm_info info;
  hr_pnm_result result = hr_pnm_parse(bytes, pictures->file.byte_count, &info);
  if (result != HR_PNM_OK)
    return hr_io_fail(error, HR_BAD_PICTURE, "picture cannot be decoded: %s", pnm_message(result));
  out->width = info.width;
  out->height = info.height;
  const uint8_t *samples = bytes + info.data_offset;
  if (info.maximum != 255) {
    hr_status status = grow(pictures, info.data_bytes, error);
    if (status != HR_OK) return status;
    for (size_t i = 0; i < info.data_bytes; i++) {
      uint32_t sample = samples[i] < info.maximum ? samples[i] : info.maximum;
      pictures->pixels[i] = (uint8_t)((sample * 255 + info.maximum / 2) / info.maximum);
    }
    samples = pictures->pixels;
  }
  return hr_frame_wrap(&out->frame, info.channels == 3 ? HR_RGB24 : HR_GRAY8, info.width,
                       info.height, samples, info.data_bytes, error);
}

/* The next JPEG of an MJPEG file. */
static hr_status next_of_mjpeg(struct pictures *pictures, hr_source_frame *out, hr_error *error) {
  const uint8_t *bytes = pictures->file.bytes;
  hr_jpeg_extent extent = hr_jpeg_find(bytes, pictures->file.byte_count, pictures->position);
  if (extent.kind == HR_JPEG_NONE) {
    if (pictures->source.index == 0)
      return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s holds no JPEG", out->name);
    return HR_END_OF_STREAM;
  }
  pictures->position = extent.end;
  if (extent.kind == HR_JPEG_DAMAGED)
    return hr_io_fail(error, HR_BAD_PICTURE, "the JPEG at byte %zu is cut off or damaged",
                      extent.begin);
  return decode_jpeg(pictures, bytes + extent.begin, extent.end - extent.begin, out, error);
}

static hr_status decode_file(struct pictures *pictures, hr_source_frame *out, hr_error *error) {
  const uint8_t *bytes = pictures->file.bytes;
  size_t byte_count = pictures->file.byte_count;
  if (byte_count >= 2 && bytes[0] == 0xff && bytes[1] == 0xd8) {
    /* Not what lies behind it: a phone's second picture, for example. */
    hr_jpeg_extent extent = hr_jpeg_find(bytes, byte_count, 0);
    if (extent.kind == HR_JPEG_WHOLE && extent.begin == 0) byte_count = extent.end;
    return decode_jpeg(pictures, bytes, byte_count, out, error);
  }
  return decode_pnm(pictures, out, error);
}

static hr_status next_picture(hr_source *source, hr_source_frame *out, hr_error *error) {
  struct pictures *pictures = (struct pictures *)source;
  uint64_t start = hr_clock_monotonic(NULL);
  hr_status status;
  if (pictures->is_mjpeg) {
    out->name = pictures->paths[0];
    status = next_of_mjpeg(pictures, out, error);
  } else {
    if (pictures->next_path == pictures->path_count) return HR_END_OF_STREAM;
    out->name = pictures->paths[pictures->next_path++];
    hr_file_unmap(&pictures->file);
    status = hr_file_map(&pictures->file, out->name, error);
    /* In a folder an unreadable file is one bad picture among others. */
    if (status != HR_OK) return pictures->path_count > 1 ? HR_BAD_PICTURE : status;
    status = decode_file(pictures, out, error);
  }
  out->decode_ns = hr_clock_monotonic(NULL) - start;
  return status;
}

static void close_pictures(hr_source *source) {
  struct pictures *pictures = (struct pictures *)source;
  for (size_t i = 0; i < pictures->path_count; i++) free(pictures->paths[i]);
  free(pictures->paths);
  free(pictures->pixels);
  hr_file_unmap(&pictures->file);
  free(pictures);
}

static int add_path(struct pictures *pictures, const char *folder, const char *name) {
  char **paths = realloc(pictures->paths, (pictures->path_count + 1) * sizeof *paths);
  if (!paths) return 0;
  pictures->paths = paths;
  char *path = NULL;
  size_t length = folder ? strlen(folder) : 0;
  const char *separator = length > 0 && folder[length - 1] != '/' ? "/" : "";
  if (asprintf(&path, "%s%s%s", folder ? folder : "", separator, name) < 0) return 0;
  paths[pictures->path_count++] = path;
  return 1;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static hr_status list_folder(struct pictures *pictures, const char *path, hr_error *error) {
  DIR *folder = opendir(path);
  if (!folder) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read folder %s", path);
  struct dirent *entry;
  int added = 1;
  errno = 0;
  while (added && (entry = readdir(folder))) {
    if (entry->d_name[0] != '.' && is_picture(entry->d_name))
      added = add_path(pictures, path, entry->d_name);
    errno = 0;
  }
  int number = added ? errno : 0;
  closedir(folder);
  if (number) return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot read folder %s", path);
  if (!added) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to list %s", path);
  if (pictures->path_count == 0)
    return hr_io_fail(error, HR_NOT_FOUND, "%s holds no .jpg, .jpeg, .ppm or .pgm file", path);
  qsort(pictures->paths, pictures->path_count, sizeof *pictures->paths, by_name);
  return HR_OK;
}

hr_status hr_pictures_open(hr_source **out, const char *path, int is_folder,
                           const hr_source_config *config, hr_error *error) {
  struct pictures *pictures = calloc(1, sizeof *pictures);
  if (!pictures) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  pictures->source.next = next_picture;
  pictures->source.close = close_pictures;
  pictures->min_width = config->width;
  pictures->min_height = config->height;
  hr_status status = HR_OK;
  if (is_folder)
    status = list_folder(pictures, path, error);
  else if (!add_path(pictures, NULL, path))
    status = hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  if (status == HR_OK && !is_folder && is_mjpeg(path)) {
    pictures->is_mjpeg = 1;
    status = hr_file_map(&pictures->file, path, error);
  }
  if (status != HR_OK) {
    close_pictures(&pictures->source);
    return status;
  }
  if (is_folder)
    snprintf(pictures->source.description, sizeof pictures->source.description, "%s (%zu pictures)",
             path, pictures->path_count);
  else
    snprintf(pictures->source.description, sizeof pictures->source.description, "%s", path);
  *out = &pictures->source;
  return HR_OK;
}
