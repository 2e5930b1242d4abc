/* array_file.h - microphone arrays that are described by a file. */
#ifndef DEMO_ARRAY_FILE_H
#define DEMO_ARRAY_FILE_H

#include "headrace_io.h"

/* Reads a line for each microphone: its channel from 0, and x, y and z in metres; z may be left out. What
   follows a # is a comment. Rate and channel count are the recording's to say. Says what is wrong on standard
   error and returns 0. */
int read_array_file(const char *path, hr_array *out);

#endif /* DEMO_ARRAY_FILE_H */
