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
  int length = vsnprintf(error->message, sizeof error->message, format, arguments);
  if (cause && length >= 0 && (size_t)length < sizeof error->message)
    snprintf(error->message + length, sizeof error->message - (size_t)length, ": %s", cause);
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
