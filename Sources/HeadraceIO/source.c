/* source.c - finds out what a path is, and hands it to the code for that kind. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include "internal/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void hr_source_config_init(hr_source_config *config) {
  if (!config) return;
  memset(config, 0, sizeof *config);
  config->struct_size = sizeof *config;
  config->timeout_ms = 5000;
}

hr_status hr_source_open(hr_source **out, const char *path, const hr_source_config *config,
                         hr_error *error) {
  if (!out || !path)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "source: out or path is NULL; pass a pointer to a handle and a path");
  *out = NULL;
  hr_source_config settings;
  hr_source_config_init(&settings);
  if (config) {
    if (config->struct_size < sizeof *config)
      return hr_io_fail(error, HR_INVALID_ARGUMENT,
                        "source: the configuration's struct_size is not set; call "
                        "hr_source_config_init");
    settings = *config;
  }
  struct stat status;
  if (stat(path, &status) != 0) {
    int number = errno;
    if (strncmp(path, "/dev/", 5) == 0) return hr_camera_open(out, path, &settings, error);
    return hr_io_fail_errno(error, number == ENOENT || number == ENOTDIR ? HR_NOT_FOUND : HR_DEVICE_ERROR,
                            number, "cannot open %s", path);
  }
  if (S_ISCHR(status.st_mode)) return hr_camera_open(out, path, &settings, error);
  if (S_ISDIR(status.st_mode)) return hr_pictures_open(out, path, 1, &settings, error);
  if (S_ISREG(status.st_mode)) return hr_pictures_open(out, path, 0, &settings, error);
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "%s is neither a file, a folder nor a camera (/dev/videoN)", path);
}

hr_status hr_source_next(hr_source *source, hr_source_frame *out, hr_error *error) {
  if (!source || !out || out->struct_size < sizeof *out)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "source: an argument is NULL, or the frame's struct_size is not set; set it to "
                      "sizeof(hr_source_frame)");
  memset(out, 0, sizeof *out);
  out->struct_size = sizeof *out;
  hr_frame_init(&out->frame);
  out->index = source->index;
  hr_status status = source->next(source, out, error);
  if (status == HR_OK || status == HR_BAD_PICTURE) source->index++;
  return status;
}

const char *hr_source_description(const hr_source *source) {
  return source ? source->description : "";
}

void hr_source_close(hr_source *source) {
  if (source) source->close(source);
}
