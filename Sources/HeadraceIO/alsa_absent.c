/* alsa_absent.c - what stands for capturing where this library is built without ALSA. */
#include "internal/sound.h"

#ifndef HEADRACE_ALSA

hr_status hr_alsa_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  (void)out, (void)format;
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "%s: this program was built without ALSA; let its recorder write into a pipe: "
                    "arecord -D NAME -f S16_LE -r RATE -c CHANNELS -t wav, and read that from -",
                    path);
}

hr_status hr_sound_card_at(uint32_t index, hr_sound_card *out, hr_error *error) {
  (void)index, (void)out;
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "this program was built without ALSA; arecord -l lists sound cards");
}

#endif /* HEADRACE_ALSA */
