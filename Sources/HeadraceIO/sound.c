/* sound.c - finds out what a path is, and hands it to the code for that kind. */
#include "internal/sound.h"

#include <string.h>

hr_status hr_sound_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  if (!out || !path || !format || format->struct_size < sizeof *format)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "sound: an argument is NULL, or the format's struct_size is not set; set it to "
                      "sizeof(hr_sound_format)");
  *out = NULL;
  if (strncmp(path, "alsa:", 5) == 0) return hr_alsa_open(out, path, format, error);
  return hr_wave_open(out, path, format, error);
}

hr_status hr_sound_read(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                        hr_error *error) {
  if (!sound || !samples || !out_frames)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "sound: an argument is NULL; pass the handle of hr_sound_open, and places for samples and "
                      "their number");
  *out_frames = 0;
  return sound->read(sound, samples, frames, out_frames, error);
}

hr_status hr_sound_status(const hr_sound *sound, hr_sound_state *out) {
  if (!sound || !out || out->struct_size < sizeof *out) return HR_INVALID_ARGUMENT;
  memset(out, 0, sizeof *out);
  out->struct_size = sizeof *out;
  if (sound->tell) sound->tell(sound, out);
  return HR_OK;
}

void hr_sound_close(hr_sound *sound) {
  if (sound) sound->close(sound);
}

void hr_sound_widen(const uint8_t *packed, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i++) {
    const uint8_t low = packed[3 * i], middle = packed[3 * i + 1], high = packed[3 * i + 2];
    out[4 * i] = 0;
    out[4 * i + 1] = low;
    out[4 * i + 2] = middle;
    out[4 * i + 3] = high;
  }
}
