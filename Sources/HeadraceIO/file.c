/* file.c - files as a whole: mapped for reading, replaced when written. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal/failure.h"

static hr_status empty_path(hr_error *error) {
  return hr_io_fail(error, HR_INVALID_ARGUMENT, "the name of a file is empty");
}

static hr_status status_of(int number) {
  return number == ENOENT || number == ENOTDIR ? HR_NOT_FOUND : HR_DEVICE_ERROR;
}

hr_status hr_file_map(hr_file *out, const char *path, hr_error *error) {
  if (!out || !path)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "file: out or path is NULL; pass a place for the file and a path");
  *out = (hr_file){0};
  if (!*path) return empty_path(error);
  /* Not to wait for a FIFO's writer before it can be refused. */
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return hr_io_fail_errno(error, status_of(errno), errno, "cannot open %s", path);
  struct stat status;
  if (fstat(file, &status) != 0) {
    int number = errno;
    close(file);
    return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot read %s", path);
  }
  if (!S_ISREG(status.st_mode)) {
    close(file);
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s is not a regular file", path);
  }
  if (status.st_size == 0) {
    close(file);
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s is empty", path);
  }
  if ((uint64_t)status.st_size > SIZE_MAX / 2) {
    close(file);
    return hr_io_fail(error, HR_OUT_OF_MEMORY, "%s is too large to be mapped", path);
  }
  void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  int number = errno;
  close(file);
  if (bytes == MAP_FAILED)
    return hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot map %s", path);
  out->bytes = bytes;
  out->byte_count = (size_t)status.st_size;
  return HR_OK;
}

void hr_file_unmap(hr_file *file) {
  if (!file || !file->bytes) return;
  munmap((void *)(uintptr_t)file->bytes, file->byte_count);
  *file = (hr_file){0};
}

static int write_all(int file, const uint8_t *bytes, size_t byte_count) {
  while (byte_count > 0) {
    ssize_t written = write(file, bytes, byte_count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    bytes += written;
    byte_count -= (size_t)written;
  }
  return 0;
}

/* Replaces the file at path, which is no symbolic link, or makes it. */
static hr_status replace(const char *path, const void *bytes, size_t byte_count, hr_error *error) {
  /* Not path with a suffix, which may be longer than a name is allowed to be. */
  static const char name[] = ".headrace-XXXXXX";
  const char *slash = strrchr(path, '/');
  size_t folder_length = slash ? (size_t)(slash - path) + 1 : 0;
  char *beside = malloc(folder_length + sizeof name);
  if (!beside) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to write %s", path);
  memcpy(beside, path, folder_length);
  memcpy(beside + folder_length, name, sizeof name);
  int file = mkstemp(beside);
  if (file < 0) {
    int number = errno;
    free(beside);
    return hr_io_fail_errno(error, status_of(number), number, "cannot write %s", path);
  }
  /* mkstemp makes a private file; a written one has the permissions that open would give it. */
  mode_t mask = umask(0);
  umask(mask);
  int failed = fchmod(file, 0666 & ~mask) != 0 || write_all(file, bytes, byte_count) != 0;
  int number = errno;
  if (close(file) != 0 && !failed) {
    failed = 1;
    number = errno;
  }
  if (!failed && rename(beside, path) != 0) {
    failed = 1;
    number = errno;
  }
  if (failed) unlink(beside);
  free(beside);
  return failed ? hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot write %s", path) : HR_OK;
}

hr_status hr_file_write(const char *path, const void *bytes, size_t byte_count, hr_error *error) {
  if (!path || (!bytes && byte_count))
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "file: path or bytes is NULL; pass a path, and bytes unless byte_count is 0");
  if (!*path) return empty_path(error);
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
    return hr_io_fail(error, HR_DEVICE_ERROR, "%s exists and is not a regular file", path);
  if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode))
    return replace(path, bytes, byte_count, error);
  /* The link stays and the file that it names is replaced, as writing into it would. */
  char *target = realpath(path, NULL);
  if (!target)
    return hr_io_fail_errno(error, status_of(errno), errno, "cannot follow the symbolic link %s", path);
  hr_status result = replace(target, bytes, byte_count, error);
  free(target);
  return result;
}
