/* check_array.h - whether an array's description fits what its microphones hear. */
#ifndef DEMO_CHECK_ARRAY_H
#define DEMO_CHECK_ARRAY_H

#include "headrace_io.h"

/* Listens to the end, or until Ctrl-C; prints each channel's level and what was found. 1 if the array fits. */
int check_array(hr_sound *sound, const hr_sound_format *format, const hr_array *array, const char *path,
                const char *name);

#endif /* DEMO_CHECK_ARRAY_H */
