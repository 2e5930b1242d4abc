/* listening.h - what is being listened to, and how what is found is told. */
#ifndef LISTENING_H
#define LISTENING_H

#include "headrace_io.h"
#include "levels.h"

struct listening {
  uint32_t rate;
  uint32_t microphones;
  hr_sound_state state; /* of a card, as of the newest samples */
  uint64_t taken;       /* frames delivered */
  struct levels levels; /* of the newest second or less */
  uint32_t named_microphones; /* a bit for each that was said to hear nothing of its own */
  uint32_t noted;       /* overruns that were told, and when */
  uint64_t noted_ns;
  uint64_t results;
  int has_tracks; /* there was a track */
  int is_cut_short; /* interrupted, and what is listened to has an end */
  uint32_t last_count;
  int is_terminal;
  int writes_json, shows_delays;
  int shows_potential, shows_tracked;
};

/* Tells a location as the settings say: as JSON, as a compass or as a line of text. An hr_location_handler. */
void tell_location(void *listening, const hr_location *location);

#endif
