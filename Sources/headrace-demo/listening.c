/* listening.c - tells locations: JSON lines as ODAS writes them, a compass, or text. */
#include "listening.h"

#include <stdio.h>

#include "compass.h"
#include "text.h"

/* Of the recording, with what was lost of it. */
static uint64_t frames_until(const struct listening *listening, const hr_location *location) {
  return location->sample + listening->state.lost_frames;
}

/* How long ago a card captured the newest sample of a location: it delivered some more with it. */
static uint64_t latency_us(const struct listening *listening, const hr_location *location) {
  const uint64_t since = hr_clock_monotonic(NULL) - listening->state.capture_ns;
  return since / 1000 + (listening->taken - location->sample) * 1000000 / listening->rate;
}

/* One number of each microphone's delay. */
static void write_delays(const char *name, const struct listening *listening, const hr_location *location,
                         int is_agreement) {
  printf("\"%s\": [", name);
  for (uint32_t i = 0; i < listening->microphones; i++) {
    const hr_delay *delay = &location->delays[i];
    printf("%s%.2f", i ? ", " : "", (double)(is_agreement ? delay->agreement : delay->microseconds));
  }
  printf("], ");
}

static void begin_line(const struct listening *listening, const hr_location *location) {
  printf("{\"timeStamp\": %llu, \"time_us\": %llu, ", (unsigned long long)listening->results,
         (unsigned long long)(frames_until(listening, location) * 1000000 / listening->rate));
  if (listening->state.capture_ns)
    printf("\"latency_us\": %llu, ", (unsigned long long)latency_us(listening, location));
  if (listening->state.overruns) printf("\"overruns\": %u, ", listening->state.overruns);
  printf("\"level_db\": %.1f, \"noise_db\": %.1f, \"active\": %s, ", (double)location->level_db,
         (double)location->noise_db, location->is_active ? "true" : "false");
  if (listening->shows_delays) {
    write_delays("delays_us", listening, location, 0);
    write_delays("delay_agreement", listening, location, 1);
  }
  printf("\"src\": [");
}

static void write_json(const struct listening *listening, const hr_location *location) {
  if (listening->shows_potential) {
    begin_line(listening, location);
    for (uint32_t i = 0; i < location->direction_count; i++) {
      const hr_direction *direction = &location->directions[i];
      printf("%s{\"x\": %.3f, \"y\": %.3f, \"z\": %.3f, \"E\": %.3f}", i ? ", " : "", (double)direction->x,
             (double)direction->y, (double)direction->z, (double)direction->energy);
    }
    printf("]}\n");
  }
  if (listening->shows_tracked) {
    begin_line(listening, location);
    for (uint32_t i = 0; i < location->track_count; i++) {
      const hr_track *track = &location->tracks[i];
      printf("%s{\"id\": %u, \"tag\": \"dynamic\", \"x\": %.3f, \"y\": %.3f, \"z\": %.3f, \"activity\": %.3f}",
             i ? ", " : "", track->id, (double)track->direction.x, (double)track->direction.y,
             (double)track->direction.z, (double)track->activity);
    }
    printf("]}\n");
  }
  fflush(stdout);
}

static void write_text(struct listening *listening, const hr_location *location) {
  /* Nothing to hear again is not worth a line. */
  if (location->track_count == 0 && listening->last_count == 0) return;
  listening->last_count = location->track_count;
  printf("%8.2f s ", (double)frames_until(listening, location) / listening->rate);
  for (uint32_t i = 0; i < location->track_count; i++) {
    const hr_track *track = &location->tracks[i];
    printf("  %s%u%s at %3d degrees (%.2f)", bold(stdout), track->id, plain(stdout),
           whole_degrees(track->direction.azimuth), (double)track->activity);
  }
  printf("\n");
  fflush(stdout);
}

void tell_location(void *context, const hr_location *location) {
  struct listening *listening = context;
  if (location->track_count > 0) listening->has_tracks = 1;
  if (listening->writes_json)
    write_json(listening, location);
  else if (listening->is_terminal)
    draw_compass(location, (double)frames_until(listening, location) / listening->rate);
  else
    write_text(listening, location);
  listening->results++;
}
