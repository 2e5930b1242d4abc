/* failure.h - how this library fills in an hr_error. */
#ifndef HR_IO_FAILURE_H
#define HR_IO_FAILURE_H

#include "headrace_io.h"

/* Writes the status and the formatted message to error, which may be NULL; returns the status. */
__attribute__((format(printf, 3, 4)))
hr_status hr_io_fail(hr_error *error, hr_status status, const char *format, ...);

/* The same with what the operating system said: "MESSAGE: No such file or directory". */
__attribute__((format(printf, 4, 5)))
hr_status hr_io_fail_errno(hr_error *error, hr_status status, int number, const char *format, ...);

#endif /* HR_IO_FAILURE_H */
