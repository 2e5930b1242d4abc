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

/* Not the path with a suffix, which may be longer than a name is allowed to be. */
#define NAME_BESIDE ".headrace-%08x"
enum { NAME_BYTES = sizeof ".headrace-01234567", MOST_NAMES = 100, PERMISSIONS = 0777 };

/* Opens a new file in a folder, whose path has room for NAME_BYTES behind it, which become a name that is not taken; -1
   and errno if that fails. Unlike mkstemp it leaves to the system what the mask of the process, which other threads
   share, takes away from `mode`. */
static int open_new(char *path, mode_t mode) {
  char *name = path + strlen(path);
  int file = -1;
  for (int i = 0; i < MOST_NAMES; i++) {
    snprintf(name, NAME_BYTES, NAME_BESIDE, (unsigned)hr_clock_monotonic(NULL));
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file >= 0 || errno != EEXIST) break;
  }
  return file;
}

/* Has the file hold the bytes, with the permissions of the one that it replaces, should the power fail too; closes it.
   Returns 0 or an errno. */
static int fill(int file, const void *bytes, size_t byte_count, const struct stat *replaced) {
  int number = 0;
  if (write_all(file, bytes, byte_count) != 0 || (replaced && fchmod(file, replaced->st_mode & PERMISSIONS) != 0) ||
      fsync(file) != 0)
    number = errno;
  if (close(file) != 0 && number == 0) number = errno;
  return number;
}

/* Replaces the file at path, which is no symbolic link, or makes it. */
static hr_status replace(const char *path, const void *bytes, size_t byte_count, hr_error *error) {
  const char *slash = strrchr(path, '/');
  const size_t folder_length = slash ? (size_t)(slash - path) + 1 : 0;
  char *beside = malloc(folder_length + NAME_BYTES);
  if (!beside) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to write %s", path);
  memcpy(beside, path, folder_length);
  beside[folder_length] = 0;
  struct stat replaced;
  const int replaces = stat(path, &replaced) == 0;
  /* Nobody reads what is to be private before it is. */
  const int file = open_new(beside, replaces ? 0600 : 0666);
  if (file < 0) {
    const int number = errno;
    free(beside);
    return hr_io_fail_errno(error, status_of(number), number, "cannot write %s", path);
  }
  int number = fill(file, bytes, byte_count, replaces ? &replaced : NULL);
  if (number == 0 && rename(beside, path) != 0) number = errno;
  if (number) unlink(beside);
  free(beside);
  return number ? hr_io_fail_errno(error, HR_DEVICE_ERROR, number, "cannot write %s", path) : HR_OK;
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
