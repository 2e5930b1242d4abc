/* levels.c - how loud an array's microphones are, and which of them hears nothing of its own. */
#include "levels.h"

#include <math.h>

static const double QUIET = 1e-4; /* -80 dB of full scale: nothing is connected */
static const double FAINT = 0.1;  /* -20 dB of the loudest: what is left is the hiss of what is broken */
static const double ALIKE = 1e-5; /* channels that differ by less of their power, however loud each is, are one */

static double sample_at(const void *samples, hr_sample_format format, size_t index) {
  if (format == HR_S16) return ((const int16_t *)samples)[index] / 32768.0;
  if (format == HR_S32) return ((const int32_t *)samples)[index] / 2147483648.0;
  return (double)((const float *)samples)[index];
}

void measure_levels(struct levels *levels, const hr_array *array, const void *samples, hr_sample_format format,
                    size_t frames) {
  for (size_t frame = 0; frame < frames; frame++) {
    double values[HR_MAX_MICROPHONES];
    for (uint32_t m = 0; m < array->microphone_count; m++) {
      const double value = sample_at(samples, format, frame * array->channel_count + array->channels[m]);
      levels->sum[m] += value;
      levels->squares[m] += value * value;
      values[m] = value;
      for (uint32_t other = 0; other < m; other++) {
        const double apart = value - values[other];
        levels->apart_squares[m][other] += apart * apart;
      }
    }
  }
  levels->count += frames;
}

/* The standard deviation of so many values. */
static double deviation(double sum, double squares, uint64_t count) {
  const double mean = sum / (double)count;
  return sqrt(fmax(squares / (double)count - mean * mean, 0));
}

double level_of(const struct levels *levels, uint32_t microphone) {
  return deviation(levels->sum[microphone], levels->squares[microphone], levels->count);
}

double loudest_level(const struct levels *levels, const hr_array *array) {
  double loudest = 0;
  for (uint32_t m = 0; m < array->microphone_count; m++) loudest = fmax(loudest, level_of(levels, m));
  return loudest;
}

int is_silent(const struct levels *levels, uint32_t microphone) { return !(level_of(levels, microphone) >= QUIET); }

int is_dead(const struct levels *levels, const hr_array *array, uint32_t microphone) {
  return is_silent(levels, microphone) || level_of(levels, microphone) < FAINT * loudest_level(levels, array);
}

uint32_t copied_by(const struct levels *levels, uint32_t microphone) {
  const double level = level_of(levels, microphone);
  for (uint32_t other = 0; other < microphone; other++) {
    const double sum = levels->sum[microphone] - levels->sum[other], another = level_of(levels, other);
    const double apart = deviation(sum, levels->apart_squares[microphone][other], levels->count);
    /* The correlation, by the law of cosines: 1, or -1, of a copy. */
    const double alike = (level * level + another * another - apart * apart) / (2 * level * another);
    if (alike * alike > 1 - ALIKE) return other;
  }
  return microphone;
}
