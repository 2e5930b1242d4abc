/* alsa.h - pieces of capturing with ALSA: which card is meant, and what it is asked for. */
#ifndef HR_IO_ALSA_H
#define HR_IO_ALSA_H

#include <alsa/asoundlib.h>

#include "internal/sound.h"

enum { HR_ALSA_CHANNELS = 64 }; /* at most */

/* Keeps libasound's complaints, which go to standard error, for our own message. */
void hr_alsa_hush(void);
/* Ends that; the last complaint, "" if there was none, until the next hush in this thread. */
const char *hr_alsa_complaint(void);

/* Opens what NAME stands for, without waiting where another program has it. path is "alsa:NAME", for
   messages; modes are SND_PCM_NO_AUTO_*. */
hr_status hr_alsa_open_device(snd_pcm_t **out, const char *path, const char *name, int modes,
                              hr_error *error);

/* Sets the device up as is wanted, and tells how it delivers. */
hr_status hr_alsa_negotiate(snd_pcm_t *pcm, const char *path, hr_sound_format *format,
                            snd_pcm_format_t *out_coding, hr_error *error);

#endif /* HR_IO_ALSA_H */
