/* sound.c - samples from WAV files, and from streams of the same format: what a recorder writes to a pipe. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal/failure.h"
#include "internal/sound_parsing.h"

enum { STREAM_BYTES = 65536 }; /* of a stream's buffer, and at most in front of its samples */

struct hr_sound {
  hr_file file; /* empty for a stream */
  hr_wav_info info;
  uint64_t position; /* in frames */
  int stream;        /* -1 for a file */
  int owns_stream;
  uint8_t *buffer; /* of a stream: bytes begin ..< end are still to be delivered */
  size_t begin, end;
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

static size_t frame_bytes(const hr_sound *sound) {
  return (size_t)sound->info.bytes * sound->info.channel_count;
}

static hr_status open_file(hr_sound *sound, const char *path, hr_error *error) {
  hr_status status = hr_file_map(&sound->file, path, error);
  if (status != HR_OK) return status;
  hr_wav_result result = hr_wav_parse(sound->file.bytes, sound->file.byte_count, &sound->info);
  if (result != HR_WAV_OK)
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s %s", path, wav_message(result));
  return HR_OK;
}

/* Reads more of the stream behind what is in the buffer; 0 at its end, -1 on failure. */
static ssize_t read_more(hr_sound *sound) {
  for (;;) {
    ssize_t count = read(sound->stream, sound->buffer + sound->end, STREAM_BYTES - sound->end);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) sound->end += (size_t)count;
    return count;
  }
}

static hr_status open_stream(hr_sound *sound, const char *path, hr_error *error) {
  sound->stream = STDIN_FILENO;
  if (strcmp(path, "-") != 0) {
    sound->stream = open(path, O_RDONLY | O_CLOEXEC);
    if (sound->stream < 0)
      return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot open %s", path);
    sound->owns_stream = 1;
  }
  sound->buffer = malloc(STREAM_BYTES);
  if (!sound->buffer) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  const char *name = sound->owns_stream ? path : "standard input";
  hr_wav_result result = HR_WAV_NOT_RIFF;
  while (sound->end < STREAM_BYTES) {
    ssize_t count = read_more(sound);
    if (count < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read %s", name);
    result = hr_wav_parse(sound->buffer, sound->end, &sound->info);
    if (result == HR_WAV_OK || count == 0) break;
  }
  if (result != HR_WAV_OK)
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s %s", name, wav_message(result));
  sound->begin = sound->info.data_offset;
  return HR_OK;
}

static int is_stream(const char *path) {
  struct stat status;
  return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && S_ISFIFO(status.st_mode));
}

hr_status hr_sound_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  if (!out || !path || !format || format->struct_size < sizeof *format)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "sound: a NULL, or the format's struct_size is not set");
  *out = NULL;
  hr_sound *sound = calloc(1, sizeof *sound);
  if (!sound) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  sound->stream = -1;
  hr_status status = is_stream(path) ? open_stream(sound, path, error) : open_file(sound, path, error);
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
static void deliver(const hr_sound *sound, const uint8_t *bytes, size_t frames, uint8_t *out) {
  const size_t count = frames * sound->info.channel_count;
  if (sound->info.bytes != 3) {
    memcpy(out, bytes, count * sound->info.bytes);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    out[4 * i] = 0;
    memcpy(out + 4 * i + 1, bytes + 3 * i, 3);
  }
}

/* Waits until a stream has a whole frame; HR_END_OF_STREAM if it ends before. */
static hr_status await_frame(hr_sound *sound, hr_error *error) {
  while (sound->end - sound->begin < frame_bytes(sound)) {
    memmove(sound->buffer, sound->buffer + sound->begin, sound->end - sound->begin);
    sound->end -= sound->begin;
    sound->begin = 0;
    ssize_t count = read_more(sound);
    if (count < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read the stream of sound");
    if (count == 0) return HR_END_OF_STREAM;
  }
  return HR_OK;
}

hr_status hr_sound_read(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                        hr_error *error) {
  if (!sound || !samples || !out_frames)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "sound: a NULL");
  *out_frames = 0;
  const uint8_t *bytes;
  uint64_t left;
  if (sound->stream < 0) {
    bytes = (const uint8_t *)sound->file.bytes + sound->info.data_offset +
            (size_t)sound->position * frame_bytes(sound);
    left = sound->info.frames - sound->position;
  } else {
    if (sound->position == sound->info.announced) return HR_END_OF_STREAM;
    hr_status status = await_frame(sound, error);
    if (status != HR_OK) return status;
    bytes = sound->buffer + sound->begin;
    left = (sound->end - sound->begin) / frame_bytes(sound);
    if (left > sound->info.announced - sound->position) left = sound->info.announced - sound->position;
  }
  if (left == 0) return HR_END_OF_STREAM;
  const size_t count = frames < left ? frames : (size_t)left;
  deliver(sound, bytes, count, samples);
  sound->position += count;
  sound->begin += count * frame_bytes(sound);
  *out_frames = count;
  return HR_OK;
}

void hr_sound_close(hr_sound *sound) {
  if (!sound) return;
  if (sound->owns_stream) close(sound->stream);
  hr_file_unmap(&sound->file);
  free(sound->buffer);
  free(sound);
}
