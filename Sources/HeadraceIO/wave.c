/* wave.c - samples from WAV files, and from streams of the same format: what a recorder writes to a pipe. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/sound.h"
#include "internal/sound_parsing.h"

enum { STREAM_BYTES = 65536 }; /* of a stream's buffer, and at most in front of its samples */

struct wave {
  hr_sound sound;
  hr_wav_info info;
  uint64_t position; /* in frames */
};

struct wave_file {
  struct wave wave;
  hr_file file;
};

struct wave_stream {
  struct wave wave;
  int file;
  int owns_file;
  size_t begin, end; /* bytes begin ..< end are still to be delivered */
  uint8_t buffer[STREAM_BYTES];
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

static size_t frame_bytes(const struct wave *wave) {
  return (size_t)wave->info.bytes * wave->info.channel_count;
}

static void describe(const hr_wav_info *info, hr_sound_format *format) {
  format->channel_count = info->channel_count;
  format->sample_rate = info->sample_rate;
  format->format = info->is_float ? HR_F32 : info->bytes == 2 ? HR_S16 : HR_S32;
}

/* Delivers up to `frames` of the `left` ones at bytes; how many. */
static size_t deliver(struct wave *wave, const uint8_t *bytes, uint64_t left, size_t frames, void *out) {
  const size_t count = frames < left ? frames : (size_t)left;
  if (wave->info.bytes == 3)
    hr_sound_widen(bytes, count * wave->info.channel_count, out);
  else
    memcpy(out, bytes, count * frame_bytes(wave));
  wave->position += count;
  return count;
}

static hr_status read_file(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                           hr_error *error) {
  (void)error;
  struct wave_file *self = (struct wave_file *)sound;
  struct wave *wave = &self->wave;
  const uint64_t left = wave->info.frames - wave->position;
  if (left == 0) return HR_END_OF_STREAM;
  const uint8_t *bytes = (const uint8_t *)self->file.bytes + wave->info.data_offset +
                         (size_t)wave->position * frame_bytes(wave);
  *out_frames = deliver(wave, bytes, left, frames, samples);
  return HR_OK;
}

static void close_file(hr_sound *sound) {
  hr_file_unmap(&((struct wave_file *)sound)->file);
  free(sound);
}

hr_status hr_wave_file_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  struct wave_file *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  self->wave.sound.read = read_file;
  self->wave.sound.close = close_file;
  hr_status status = hr_file_map(&self->file, path, error);
  if (status == HR_OK) {
    hr_wav_result result = hr_wav_parse(self->file.bytes, self->file.byte_count, &self->wave.info);
    if (result != HR_WAV_OK)
      status = hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s %s", path, wav_message(result));
  }
  if (status != HR_OK) {
    close_file(&self->wave.sound);
    return status;
  }
  describe(&self->wave.info, format);
  *out = &self->wave.sound;
  return HR_OK;
}

/* Reads more of the stream behind what is in the buffer; 0 at its end, -1 on failure. */
static ssize_t read_more(struct wave_stream *self) {
  for (;;) {
    ssize_t count = read(self->file, self->buffer + self->end, STREAM_BYTES - self->end);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) self->end += (size_t)count;
    return count;
  }
}

/* Waits until a stream has a whole frame; HR_END_OF_STREAM if it ends before. */
static hr_status await_frame(struct wave_stream *self, hr_error *error) {
  while (self->end - self->begin < frame_bytes(&self->wave)) {
    memmove(self->buffer, self->buffer + self->begin, self->end - self->begin);
    self->end -= self->begin;
    self->begin = 0;
    ssize_t count = read_more(self);
    if (count < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read the stream of sound");
    if (count == 0) return HR_END_OF_STREAM;
  }
  return HR_OK;
}

static hr_status read_stream(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                             hr_error *error) {
  struct wave_stream *self = (struct wave_stream *)sound;
  struct wave *wave = &self->wave;
  const uint64_t announced = wave->info.announced - wave->position;
  if (announced == 0) return HR_END_OF_STREAM;
  hr_status status = await_frame(self, error);
  if (status != HR_OK) return status;
  uint64_t left = (self->end - self->begin) / frame_bytes(wave);
  if (left > announced) left = announced;
  *out_frames = deliver(wave, self->buffer + self->begin, left, frames, samples);
  self->begin += *out_frames * frame_bytes(wave);
  return HR_OK;
}

static void close_stream(hr_sound *sound) {
  struct wave_stream *self = (struct wave_stream *)sound;
  if (self->owns_file) close(self->file);
  free(self);
}

/* Opens the stream and reads up to its samples. */
static hr_status begin_stream(struct wave_stream *self, const char *path, hr_error *error) {
  self->file = STDIN_FILENO;
  if (strcmp(path, "-") != 0) {
    self->file = open(path, O_RDONLY | O_CLOEXEC);
    if (self->file < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot open %s", path);
    self->owns_file = 1;
  }
  const char *name = self->owns_file ? path : "standard input";
  hr_wav_result result = HR_WAV_NOT_RIFF;
  while (self->end < STREAM_BYTES) {
    ssize_t count = read_more(self);
    if (count < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read %s", name);
    result = hr_wav_parse(self->buffer, self->end, &self->wave.info);
    if (result == HR_WAV_OK || count == 0) break;
  }
  if (result != HR_WAV_OK)
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s %s", name, wav_message(result));
  self->begin = self->wave.info.data_offset;
  return HR_OK;
}

hr_status hr_wave_stream_open(hr_sound **out, const char *path, hr_sound_format *format,
                              hr_error *error) {
  struct wave_stream *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  self->wave.sound.read = read_stream;
  self->wave.sound.close = close_stream;
  hr_status status = begin_stream(self, path, error);
  if (status != HR_OK) {
    close_stream(&self->wave.sound);
    return status;
  }
  describe(&self->wave.info, format);
  *out = &self->wave.sound;
  return HR_OK;
}
