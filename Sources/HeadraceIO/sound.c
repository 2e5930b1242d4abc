/* sound.c - samples from WAV files. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "internal/failure.h"
#include "internal/sound_parsing.h"

struct hr_sound {
  hr_file file;
  hr_wav_info info;
  size_t position; /* in frames */
};

static const char *wav_message(hr_wav_result result) {
  switch (result) {
    case HR_WAV_NOT_RIFF: return "is no WAV file";
    case HR_WAV_NO_FORMAT: return "is a WAV file without its format";
    case HR_WAV_UNSUPPORTED: return "is a WAV file of a coding that is not read; convert it to 16-bit PCM";
    case HR_WAV_BAD_FORMAT: return "is a WAV file whose channels, rate or block size make no sense";
    default: return "is a WAV file without samples";
  }
}

hr_status hr_sound_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  if (!out || !path || !format || format->struct_size < sizeof *format)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "sound: a NULL, or the format's struct_size is not set");
  *out = NULL;
  hr_sound *sound = calloc(1, sizeof *sound);
  if (!sound) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  hr_status status = hr_file_map(&sound->file, path, error);
  if (status == HR_OK) {
    hr_wav_result result = hr_wav_parse(sound->file.bytes, sound->file.byte_count, &sound->info);
    if (result != HR_WAV_OK)
      status = hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s %s", path, wav_message(result));
  }
  if (status != HR_OK) {
    hr_sound_close(sound);
    return status;
  }
  format->channel_count = sound->info.channel_count;
  format->sample_rate = sound->info.sample_rate;
  format->format = sound->info.is_float ? HR_F32 : sound->info.bytes == 2 ? HR_S16 : HR_S32;
  *out = sound;
  return HR_OK;
}

/* Samples of 24 bits become the upper ones of 32. */
static void widen(const uint8_t *bytes, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i++) {
    out[4 * i] = 0;
    memcpy(out + 4 * i + 1, bytes + 3 * i, 3);
  }
}

hr_status hr_sound_read(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                        hr_error *error) {
  if (!sound || !samples || !out_frames)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "sound: a NULL");
  *out_frames = 0;
  const size_t left = sound->info.frames - sound->position;
  if (left == 0) return HR_END_OF_STREAM;
  const size_t count = frames < left ? frames : left;
  const size_t frame_bytes = (size_t)sound->info.bytes * sound->info.channel_count;
  const uint8_t *bytes =
      (const uint8_t *)sound->file.bytes + sound->info.data_offset + sound->position * frame_bytes;
  if (sound->info.bytes == 3)
    widen(bytes, count * sound->info.channel_count, samples);
  else
    memcpy(samples, bytes, count * frame_bytes);
  sound->position += count;
  *out_frames = count;
  return HR_OK;
}

void hr_sound_close(hr_sound *sound) {
  if (!sound) return;
  hr_file_unmap(&sound->file);
  free(sound);
}
