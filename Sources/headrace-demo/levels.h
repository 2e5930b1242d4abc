/* levels.h - how loud an array's microphones are, and which of them hears nothing of its own. */
#ifndef LEVELS_H
#define LEVELS_H

#include "headrace.h"

struct levels {
  double sum[HR_MAX_MICROPHONES];
  double squares[HR_MAX_MICROPHONES];
  double apart_squares[HR_MAX_MICROPHONES][HR_MAX_MICROPHONES]; /* of differences from each microphone before */
  uint64_t count;
};

void measure_levels(struct levels *levels, const hr_array *array, const void *samples, hr_sample_format format,
                    size_t frames);

/* The level of what changes, of full scale: what a microphone adds to every sample is not heard. */
double level_of(const struct levels *levels, uint32_t microphone);
double loudest_level(const struct levels *levels, const hr_array *array);

int is_silent(const struct levels *levels, uint32_t microphone);
/* Microphones of one array are as good as equally loud: one that is silent, or far below the loudest, is dead. */
int is_dead(const struct levels *levels, const hr_array *array, uint32_t microphone);
/* The first microphone before it that hears the same, however loud or inverted; itself where none does. */
uint32_t copied_by(const struct levels *levels, uint32_t microphone);

#endif
