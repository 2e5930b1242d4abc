/* wave.c - samples from WAV files, and from streams of the same format: what a recorder writes to a pipe. Both are
   read and not mapped, so that a file that is cut off meanwhile is a shorter one and no signal. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/sound.h"
#include "internal/sound_parsing.h"

enum {
  BUFFER_BYTES = 65536, /* in front of samples, without chunks that are skipped, at most */
  HEADER_BYTES = 12,    /* of a RIFF file */
  CHUNK_BYTES = 8       /* in front of each chunk */
};

struct wave {
  hr_sound sound;
  hr_wav_info info;
  uint64_t position; /* in frames */
  int file;
  int owns_file;
  size_t begin, end; /* bytes begin ..< end are still to be delivered */
  uint8_t buffer[BUFFER_BYTES];
};

static const char *wav_message(hr_wav_result result) {
  switch (result) {
    case HR_WAV_NOT_RIFF: return "is no WAV file; convert it to one of 16-bit PCM";
    case HR_WAV_NO_FORMAT: return "is a WAV file without its format; it may be damaged, record it anew";
    case HR_WAV_UNSUPPORTED: return "is a WAV file of a coding that is not read; convert it to 16-bit PCM";
    case HR_WAV_BAD_FORMAT: return "is a WAV file whose channels, rate or block size make no sense; convert it anew";
    default: return "is a WAV file without samples; record it anew";
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

/* Reads more of the stream behind what is in the buffer; 0 at its end, -1 on failure. */
static ssize_t read_more(struct wave *self) {
  for (;;) {
    ssize_t count = read(self->file, self->buffer + self->end, BUFFER_BYTES - self->end);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) self->end += (size_t)count;
    return count;
  }
}

/* Waits until a stream has a whole frame; HR_END_OF_STREAM if it ends before. */
static hr_status await_frame(struct wave *self, hr_error *error) {
  while (self->end - self->begin < frame_bytes(self)) {
    memmove(self->buffer, self->buffer + self->begin, self->end - self->begin);
    self->end -= self->begin;
    self->begin = 0;
    ssize_t count = read_more(self);
    if (count < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read the stream of sound");
    if (count == 0) return HR_END_OF_STREAM;
  }
  return HR_OK;
}

/* The end of what holds the sound. */
static hr_status end(const struct wave *self, hr_error *error) {
  if (self->info.announced == UINT64_MAX) return HR_END_OF_STREAM;
  const double rate = self->info.sample_rate;
  return hr_io_fail(error, HR_END_OF_STREAM, "the sound ends after %.2f s and was to last %.2f s: the rest is cut off",
                    (double)self->position / rate, (double)self->info.announced / rate);
}

static hr_status read_wave(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                           hr_error *error) {
  struct wave *self = (struct wave *)sound;
  const uint64_t announced = self->info.announced - self->position;
  if (announced == 0) return HR_END_OF_STREAM;
  hr_status status = await_frame(self, error);
  if (status != HR_OK) return status == HR_END_OF_STREAM ? end(self, error) : status;
  uint64_t left = (self->end - self->begin) / frame_bytes(self);
  if (left > announced) left = announced;
  *out_frames = deliver(self, self->buffer + self->begin, left, frames, samples);
  self->begin += *out_frames * frame_bytes(self);
  return HR_OK;
}

static void close_wave(hr_sound *sound) {
  struct wave *self = (struct wave *)sound;
  if (self->owns_file) close(self->file);
  free(self);
}

static int has_tag(const struct wave *self, size_t place, const char *tag) {
  return memcmp(self->buffer + place, tag, 4) == 0;
}

/* Reads until the buffer has so many bytes; 1 if it does then, 0 if it cannot, -1 on failure. */
static int await_bytes(struct wave *self, size_t count) {
  if (count > BUFFER_BYTES) return 0;
  while (self->end < count) {
    ssize_t more = read_more(self);
    if (more <= 0) return (int)more;
  }
  return 1;
}

/* Takes `count` bytes at a place out of what is read, and those behind them that have not come yet. */
static int drop(struct wave *self, size_t place, uint64_t count) {
  for (;;) {
    const size_t here = self->end - place;
    const size_t taken = count < here ? (size_t)count : here;
    memmove(self->buffer + place, self->buffer + place + taken, here - taken);
    self->end -= taken;
    count -= taken;
    if (count == 0) return 1;
    ssize_t more = read_more(self);
    if (more <= 0) return (int)more;
  }
}

/* Reads up to the first samples, without chunks that hold neither those nor the format, however long they are. -1 on
   failure. */
static int read_head(struct wave *self) {
  size_t place = HEADER_BYTES;
  int got;
  while ((got = await_bytes(self, place + CHUNK_BYTES)) > 0) {
    if (!has_tag(self, 0, "RIFF") || !has_tag(self, 8, "WAVE")) return 0;
    const uint8_t *size = self->buffer + place + 4;
    uint64_t bytes = (uint64_t)size[0] | (uint64_t)size[1] << 8 | (uint64_t)size[2] << 16 | (uint64_t)size[3] << 24;
    if (has_tag(self, place, "data")) {
      while (hr_wav_parse(self->buffer, self->end, &self->info) != HR_WAV_OK)
        if ((got = await_bytes(self, self->end + 1)) <= 0) return got;
      return 1;
    }
    bytes += CHUNK_BYTES + bytes % 2;
    if (!has_tag(self, place, "fmt "))
      got = drop(self, place, bytes);
    else if ((got = bytes > BUFFER_BYTES ? 0 : await_bytes(self, place + (size_t)bytes)) > 0)
      place += (size_t)bytes;
    if (got <= 0) return got;
  }
  return got;
}

/* Opens what holds the sound and reads up to its samples. */
static hr_status begin(struct wave *self, const char *path, hr_error *error) {
  self->file = STDIN_FILENO;
  if (strcmp(path, "-") != 0) {
    self->file = open(path, O_RDONLY | O_CLOEXEC);
    if (self->file < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot open %s", path);
    self->owns_file = 1;
  }
  const char *name = self->owns_file ? path : "standard input";
  if (read_head(self) < 0) return hr_io_fail_errno(error, HR_DEVICE_ERROR, errno, "cannot read %s", name);
  const hr_wav_result result = hr_wav_parse(self->buffer, self->end, &self->info);
  if (result != HR_WAV_OK)
    return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s %s", name, wav_message(result));
  self->begin = self->info.data_offset;
  return HR_OK;
}

hr_status hr_wave_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  struct wave *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  self->sound.read = read_wave;
  self->sound.close = close_wave;
  hr_status status = begin(self, path, error);
  if (status != HR_OK) {
    close_wave(&self->sound);
    return status;
  }
  describe(&self->info, format);
  *out = &self->sound;
  return HR_OK;
}
