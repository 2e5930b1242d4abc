/* check_array.c - hears the same sound with an array as it is described, and with two of its channels swapped.

   A direct sound is explained best by where microphones really are: with a swapped description, bins of different
   frequencies point to different directions, and less of what dominates agrees on one. What only turns or
   mirrors the array cannot be told so, and is not tried. */
#include "check_array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "levels.h"
#include "network.h"
#include "text.h"

enum { BLOCK = 1024, MOST_ORDERS = 1 + HR_MAX_MICROPHONES * (HR_MAX_MICROPHONES - 1) / 2 };

/* How much must agree for anything to be told. At another rate than the header says up to 0.25 of real recordings did,
   of which some seemed to fit. */
static const double LEAST_FIT = 0.26;
static const double MARGIN = 1.05;    /* by how much one order must explain more than another */

struct order {
  uint32_t first, second; /* swapped microphones; the same for the array as described */
  void *memory;
  hr_locator *locator;
  double energy;
  uint64_t results;
};

static void note(void *context, const hr_location *location) {
  struct order *order = context;
  if (location->direction_count) order->energy += (double)location->directions[0].energy;
  order->results++;
}

static double fit(const struct order *order) {
  return order->results ? order->energy / (double)order->results : 0;
}

static double distance(const hr_array *array, uint32_t a, uint32_t b) {
  double sum = 0;
  for (int axis = 0; axis < 3; axis++) {
    const double difference = (double)array->positions[a][axis] - (double)array->positions[b][axis];
    sum += difference * difference;
  }
  return sqrt(sum);
}

/* Whether all distances between microphones stay as they are with two of them swapped: a mirror image. */
static int is_mirror_image(const hr_array *array, uint32_t first, uint32_t second) {
  for (uint32_t m = 0; m < array->microphone_count; m++)
    if (m != first && m != second) {
      const double before = distance(array, first, m), after = distance(array, second, m);
      if (fabs(before - after) > 0.1 * fmax(before, after)) return 0;
    }
  return 1;
}

static int open_order(struct order *order, const hr_array *array, const char *path) {
  hr_error error = new_error();
  hr_array swapped = *array;
  swapped.channels[order->first] = array->channels[order->second];
  swapped.channels[order->second] = array->channels[order->first];
  hr_locator_config config;
  hr_locator_config_init(&config);
  config.method = HR_LOCATE_WIDEBAND_MUSIC; /* how sharp it is counts: others make each greatest value alike */
  config.azimuths = 90;
  config.max_directions = 1;
  config.handler = note;
  config.handler_context = order;
  const size_t bytes = hr_locator_bytes(&swapped, &config);
  order->memory = bytes ? aligned_alloc(64, bytes) : NULL;
  if (bytes && !order->memory) return print_no_memory(path);
  return hr_locator_init(&order->locator, order->memory, bytes, &swapped, &config, &error) == HR_OK ||
         print_error(path, &error);
}

/* Prints levels; 0 if a microphone is dead or two are one. */
static int tell_levels(const struct levels *levels, const hr_array *array) {
  int is_good = 1;
  for (uint32_t m = 0; m < array->microphone_count; m++) {
    printf("microphone %u, channel %u: %.1f dB", m + 1, array->channels[m], 20 * log10(level_of(levels, m) + 1e-10));
    if (is_silent(levels, m)) {
      printf(", dead: check its connection");
      is_good = 0;
    } else if (is_dead(levels, array, m)) {
      printf(", far below the loudest: check its connection, and the gain of both");
      is_good = 0;
    } else if (copied_by(levels, m) < m) {
      printf(", the same as channel %u: the device copies it", array->channels[copied_by(levels, m)]);
      is_good = 0;
    }
    printf("\n");
  }
  return is_good;
}

static int tell_fit(const struct order *orders, uint32_t count, const hr_array *array, const char *name) {
  const double own = fit(&orders[0]);
  const struct order *other = NULL; /* the best of those with two channels swapped */
  for (uint32_t i = 1; i < count; i++)
    if (!other || fit(&orders[i]) > fit(other)) other = &orders[i];
  if (own < LEAST_FIT && (!other || fit(other) < LEAST_FIT)) {
    say("cannot tell whether %s fits: directions agree to %.2f at most; speak a metre away from it, where it is quiet,"
        " and see that the sampling rate is right", name, fmax(own, other ? fit(other) : 0));
    putchar('\n');
    return 0;
  }
  if (!other) {
    say("%s agrees to %.2f; its channels cannot be told apart from one another", name, own);
    putchar('\n');
    return 1;
  }
  const uint32_t a = array->channels[other->first], b = array->channels[other->second];
  if (fit(other) > MARGIN * own) {
    say("%s does not fit: directions agree to %.2f as it is, and to %.2f with channels", name, own, fit(other));
    const char *before = " ";
    for (uint32_t i = 1; i < count; i++)
      if (fit(&orders[i]) * MARGIN > fit(other)) {
        printf("%s%u and %u", before, array->channels[orders[i].first], array->channels[orders[i].second]);
        before = " swapped, or ";
      }
    printf(" swapped; a channel with its polarity reversed looks alike. Of several, find the right one by a sound"
           " from a known direction\n");
    return 0;
  }
  if (own < MARGIN * fit(other)) {
    say("cannot tell whether channels %u and %u of %s are swapped: both agree to %.2f; speak from other"
        " directions too", a, b, name, own);
    putchar('\n');
    return 0;
  }
  say("%s fits, or its mirror image does: directions agree to %.2f, with two channels swapped to %.2f at most",
      name, own, fit(other));
  putchar('\n');
  return 1;
}

/* HR_END_OF_STREAM: all was heard; HR_OK: what came before the interrupt. */
static hr_status hear(hr_sound *sound, const hr_sound_format *format, const hr_array *array, struct order *orders,
                      uint32_t count, struct levels *levels, void *samples, hr_error *error) {
  hr_status status = HR_OK;
  size_t frames;
  while (!is_interrupted() && (status = hr_sound_read(sound, samples, BLOCK, &frames, error)) == HR_OK) {
    measure_levels(levels, array, samples, format->format, frames);
    for (uint32_t i = 0; i < count && status == HR_OK; i++)
      status = hr_locator_process(orders[i].locator, samples, format->format, frames, error);
    if (status != HR_OK) break;
  }
  return status;
}

int check_array(hr_sound *sound, const hr_sound_format *format, const hr_array *array, const char *path,
                const char *name) {
  hr_error error = new_error();
  struct order *orders = calloc(MOST_ORDERS, sizeof *orders);
  void *samples = malloc((size_t)BLOCK * 4 * format->channel_count);
  struct levels levels = {.count = 0};
  uint32_t count = 0;
  int is_good = orders && samples ? 1 : print_no_memory(path);
  if (is_good) is_good = open_order(&orders[count++], array, path);
  for (uint32_t a = 0; is_good && a < array->microphone_count; a++)
    for (uint32_t b = a + 1; is_good && b < array->microphone_count; b++) {
      if (is_mirror_image(array, a, b)) continue;
      orders[count].first = a;
      orders[count].second = b;
      is_good = open_order(&orders[count++], array, path);
    }
  if (is_good) {
    hr_status status = hear(sound, format, array, orders, count, &levels, samples, &error);
    if (status == HR_OK && (has_end(path) || levels.count == 0))
      is_good = print_interrupted(path, "%.3f s", (double)levels.count / format->sample_rate);
    else if (status != HR_OK && status != HR_END_OF_STREAM) is_good = print_error(path, &error);
    else if (error.message[0]) print_error(path, &error); /* of a file that was cut off */
  }
  if (is_good && levels.count == 0) {
    complain("%s: there was nothing to hear", path);
    is_good = 0;
  }
  if (is_good) {
    is_good = tell_levels(&levels, array);
    if (is_good) {
      is_good = tell_fit(orders, count, array, name);
    } else {
      say("whether %s fits is to be heard once its microphones are in order", name);
      putchar('\n');
    }
  }
  for (uint32_t i = 0; i < count; i++) free(orders[i].memory);
  free(orders);
  free(samples);
  return is_good;
}
