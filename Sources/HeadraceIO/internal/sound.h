/* sound.h - what every kind of sound provides. */
#ifndef HR_IO_SOUND_H
#define HR_IO_SOUND_H

#include "internal/failure.h"

/* The first member of each kind's own struct. */
struct hr_sound {
  hr_status (*read)(hr_sound *sound, void *samples, size_t frames, size_t *out_frames, hr_error *error);
  void (*tell)(const hr_sound *sound, hr_sound_state *out); /* NULL where nothing is captured */
  void (*close)(hr_sound *sound);
};

/* path is a file's, or "-" for standard input. */
hr_status hr_wave_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error);
/* path is "alsa:NAME". */
hr_status hr_alsa_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error);

/* Packed samples of 24 bits become the upper ones of 32. They may lie in the same memory, at its end. */
void hr_sound_widen(const uint8_t *packed, size_t count, uint8_t *out);

#endif /* HR_IO_SOUND_H */
