/* alsa.c - captures from a sound card by ALSA, and goes on over whatever can be gone on over.

   The device is never waited for inside libasound: a wait there repeats itself when a signal interrupts it.
   What an overrun lost is told by the clock, from the time that the last frame before it was captured to that
   of the first one behind it. */
#define _GNU_SOURCE
#include "internal/sound.h"

#ifdef HEADRACE_ALSA
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal/alsa.h"

enum {
  TIMEOUT_MS = 5000,
  WAITS = 16,          /* file descriptors of a device */
  MOST_RESTARTS = 200, /* without a frame between them */
  FUTILE = 10,         /* as many count for one that ends before the device's buffer can be full */
  RESUME_MS = 50       /* between a card's waking and the next try */
};
static const uint64_t second = 1000000000, millisecond = 1000000;

struct capture {
  hr_sound sound;
  snd_pcm_t *pcm;
  char *path; /* "alsa:NAME" */
  snd_pcm_format_t coding;
  uint32_t channel_count, rate;
  uint64_t buffer_ns;   /* how much sound the device holds */
  uint64_t heard_ns;    /* when a read last got frames, or capturing began */
  uint64_t captured_ns; /* see capture_ns of hr_sound_state; before the first frame, when capturing began */
  uint64_t lost_frames;
  uint32_t overruns;
  uint32_t restarts;    /* since the last frame; see FUTILE */
  int is_behind_gap;
};

static uint64_t now(void) { return hr_clock_monotonic(NULL); }

static uint64_t duration(const struct capture *self, uint64_t frames) { return frames * second / self->rate; }

/* ---- Time -------------------------------------------------------------------------------- */

/* When the newest delivered frame was captured; 0 if the device does not tell. What waits in its buffer is
   younger: the driver's time stamp is that of the newest frame there, and where there is no time stamp, that
   frame is taken to have come just now. */
static uint64_t capture_time(struct capture *self) {
  uint64_t newest;
  snd_pcm_uframes_t waiting;
  snd_htimestamp_t stamp;
  if (snd_pcm_htimestamp(self->pcm, &waiting, &stamp) == 0 && (stamp.tv_sec || stamp.tv_nsec)) {
    newest = (uint64_t)stamp.tv_sec * second + (uint64_t)stamp.tv_nsec;
    const uint64_t time = now();
    /* Of another clock, or of what was captured long ago. */
    if (newest > time || time - newest > TIMEOUT_MS * millisecond) return 0;
  } else {
    snd_pcm_sframes_t available = snd_pcm_avail(self->pcm);
    if (available < 0) return 0;
    waiting = (snd_pcm_uframes_t)available;
    newest = now();
  }
  const uint64_t age = duration(self, waiting);
  return newest > age ? newest - age : 0;
}

/* Notes that frames were delivered. Time never goes back, whatever drivers say. */
static void note_frames(struct capture *self, uint64_t frames) {
  const uint64_t expected = self->captured_ns + duration(self, frames);
  uint64_t time = capture_time(self);
  if (time == 0) time = self->is_behind_gap ? now() : expected;
  if (self->is_behind_gap) {
    self->overruns++;
    if (time > expected) self->lost_frames += ((time - expected) / 1000 * self->rate + 500000) / 1000000;
  }
  if (time > self->captured_ns) self->captured_ns = time;
  self->is_behind_gap = 0;
  self->restarts = 0;
  self->heard_ns = now();
}

static void tell(const hr_sound *sound, hr_sound_state *out) {
  const struct capture *self = (const struct capture *)sound;
  out->overruns = self->overruns;
  out->lost_frames = self->lost_frames;
  out->capture_ns = self->captured_ns;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static hr_status fail(const struct capture *self, int number, hr_error *error) {
  if (number == -ENODEV || snd_pcm_state(self->pcm) == SND_PCM_STATE_DISCONNECTED)
    return hr_io_fail(error, HR_DEVICE_ERROR,
                      "%s is gone: it was unplugged, or its driver ended; connect it and start again",
                      self->path);
  if (number == -EPIPE)
    return hr_io_fail(error, HR_DEVICE_ERROR,
                      "%s delivers nothing any more, however often it is restarted: it was unplugged, or its "
                      "driver ended; connect it and start again",
                      self->path);
  return hr_io_fail(error, HR_DEVICE_ERROR, "%s stopped delivering: %s; the kernel's log (dmesg) may say why",
                    self->path, snd_strerror(number));
}

static int begin(struct capture *self) {
  int result = snd_pcm_prepare(self->pcm);
  if (result >= 0) result = snd_pcm_start(self->pcm);
  self->heard_ns = now();
  return result;
}

/* Captures anew after an overrun or a suspend: negative if that cannot be. A reader may be late time and again, but
   an overrun before the buffer can be full again is the device's own doing. */
static int restart(struct capture *self, int number) {
  self->is_behind_gap = 1;
  self->restarts += now() - self->heard_ns < self->buffer_ns ? FUTILE : 1;
  if (self->restarts > MOST_RESTARTS) return number;
  if (number == -ESTRPIPE)
    for (int tries = TIMEOUT_MS / RESUME_MS; tries > 0 && snd_pcm_resume(self->pcm) == -EAGAIN; tries--)
      if (poll(NULL, 0, RESUME_MS) < 0) break; /* a signal */
  snd_pcm_drop(self->pcm);
  int result = begin(self);
  /* A new overrun already: the next read restarts again. */
  return result == -EPIPE || result == -ESTRPIPE ? 0 : result;
}

/* Waits until the device has something to tell or time is over; negative on failure. */
static int await_event(struct capture *self, int most_ms) {
  struct pollfd waits[WAITS];
  unsigned short events = 0;
  const int count = snd_pcm_poll_descriptors(self->pcm, waits, WAITS);
  if (count < 0) return count;
  const int ready = poll(waits, (nfds_t)count, most_ms);
  if (ready < 0) return -errno;
  if (ready == 0) return 0;
  /* The device of a plug-in takes note of its event here. */
  const int result = snd_pcm_poll_descriptors_revents(self->pcm, waits, (unsigned)count, &events);
  if (result < 0) return result;
  if (events & (POLLERR | POLLHUP | POLLNVAL)) {
    if (snd_pcm_state(self->pcm) == SND_PCM_STATE_DISCONNECTED) return -ENODEV;
    poll(NULL, 0, 1); /* an error that no read tells of must not keep the CPU busy */
  }
  return 0;
}

/* Takes what there is; negative on failure. */
static snd_pcm_sframes_t take(struct capture *self, uint8_t *samples, size_t frames) {
  const size_t count = frames * self->channel_count;
  const int is_packed = self->coding == SND_PCM_FORMAT_S24_3LE;
  uint8_t *place = is_packed ? samples + count : samples;
  const snd_pcm_sframes_t taken = snd_pcm_readi(self->pcm, place, frames);
  if (taken <= 0) return taken;
  if (is_packed) hr_sound_widen(place, (size_t)taken * self->channel_count, samples);
  if (self->coding == SND_PCM_FORMAT_S24_LE)
    for (size_t i = 0; i < (size_t)taken * self->channel_count; i++) {
      uint32_t sample;
      memcpy(&sample, samples + 4 * i, 4);
      sample <<= 8; /* the upper byte means nothing */
      memcpy(samples + 4 * i, &sample, 4);
    }
  return taken;
}

static hr_status read_card(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                           hr_error *error) {
  struct capture *self = (struct capture *)sound;
  if (frames == 0) return HR_OK;
  for (;;) {
    const snd_pcm_sframes_t taken = take(self, samples, frames);
    if (taken > 0) {
      note_frames(self, (uint64_t)taken);
      *out_frames = (size_t)taken;
      return HR_OK;
    }
    int result = (int)taken;
    if (result == 0 || result == -EAGAIN) {
      const uint64_t silent_ms = (now() - self->heard_ns) / millisecond;
      if (silent_ms >= TIMEOUT_MS)
        return hr_io_fail(error, HR_TIMED_OUT,
                          "%s delivered nothing for %d s; is it muted or switched off? replug it or choose "
                          "another card",
                          self->path, TIMEOUT_MS / 1000);
      result = await_event(self, (int)(TIMEOUT_MS - silent_ms));
      if (result == 0) continue;
    }
    if (result == -EINTR) return HR_OK;
    if (result == -ENODEV || snd_pcm_state(self->pcm) == SND_PCM_STATE_DISCONNECTED)
      return fail(self, -ENODEV, error);
    result = restart(self, result);
    return result < 0 ? fail(self, result, error) : HR_OK;
  }
}

/* ---- Opening ----------------------------------------------------------------------------- */

static void close_card(hr_sound *sound) {
  struct capture *self = (struct capture *)sound;
  if (self->pcm) {
    snd_pcm_drop(self->pcm);
    snd_pcm_close(self->pcm);
  }
  free(self->path);
  free(self);
}

static hr_status open_card(struct capture *self, hr_sound_format *format, hr_error *error) {
  const int modes = (format->channel_count ? 0 : SND_PCM_NO_AUTO_CHANNELS) |
                    (format->sample_rate ? 0 : SND_PCM_NO_AUTO_RESAMPLE);
  const char *name = strchr(self->path, ':') + 1;
  hr_status status = hr_alsa_open_device(&self->pcm, self->path, name, modes, error);
  if (status != HR_OK) return status;
  status = hr_alsa_negotiate(self->pcm, self->path, format, &self->coding, error);
  if (status != HR_OK) return status;
  self->channel_count = format->channel_count;
  self->rate = format->sample_rate;
  if (snd_pcm_poll_descriptors_count(self->pcm) > WAITS)
    return hr_io_fail(error, HR_DEVICE_ERROR, "%s joins too many devices; name one of them", self->path);
  snd_pcm_uframes_t buffer, period;
  int result = snd_pcm_get_params(self->pcm, &buffer, &period);
  if (result < 0) return fail(self, result, error);
  self->buffer_ns = duration(self, buffer);
  self->captured_ns = now();
  result = begin(self);
  return result < 0 ? fail(self, result, error) : HR_OK;
}

hr_status hr_alsa_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error) {
  if (format->channel_count > HR_ALSA_CHANNELS)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "%s: at most %d channels are read, not %u", path,
                      HR_ALSA_CHANNELS, format->channel_count);
  struct capture *self = calloc(1, sizeof *self);
  char *copy = strdup(path);
  if (!self || !copy) {
    free(self);
    free(copy);
    return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left to open %s", path);
  }
  self->sound.read = read_card;
  self->sound.tell = tell;
  self->sound.close = close_card;
  self->path = copy;
  hr_status status = open_card(self, format, error);
  if (status != HR_OK) {
    close_card(&self->sound);
    return status;
  }
  *out = &self->sound;
  return HR_OK;
}

#endif /* HEADRACE_ALSA */
