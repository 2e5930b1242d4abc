#define _POSIX_C_SOURCE 200809L
#include "internal/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_failure(hr_error *error, hr_status status, const char *cause, const char *format,
                          va_list arguments) {
  if (!error || error->struct_size < sizeof *error) return;
  error->status = status;
  error->operator_index = HR_NONE;
  error->tensor_index = HR_NONE;
  error->byte_offset = 0;
  error->needed = 0;
  error->available = 0;
  const size_t capacity = sizeof error->message;
  int length = vsnprintf(error->message, capacity, format, arguments);
  if (!cause || length < 0) return;
  /* A long path must not push out what is wrong with it. */
  size_t end = (size_t)length;
  const size_t most = capacity - sizeof ": " - strnlen(cause, capacity / 2);
  if (end > most) {
    end = most;
    memset(error->message + end - 3, '.', 3);
  }
  snprintf(error->message + end, capacity - end, ": %s", cause);
}

hr_status hr_io_fail(hr_error *error, hr_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_failure(error, status, NULL, format, arguments);
  va_end(arguments);
  return status;
}

hr_status hr_io_fail_errno(hr_error *error, hr_status status, int number, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_failure(error, status, strerror(number), format, arguments);
  va_end(arguments);
  return status;
}
