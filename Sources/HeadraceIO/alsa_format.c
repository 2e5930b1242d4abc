/* alsa_format.c - what a sound card is asked for, and what it offers if it refuses. */
#define _GNU_SOURCE
#include "internal/sound.h"

#ifdef HEADRACE_ALSA
#include <stdio.h>
#include <string.h>

#include "internal/alsa.h"

/* A short period tells of sound soon; a long buffer forgives a reader that is late. */
enum { PERIOD_US = 16000, BUFFER_US = 1000000, USUAL_RATE = 16000 };

static const struct {
  snd_pcm_format_t coding;
  hr_sample_format format;
} codings[] = {
    {SND_PCM_FORMAT_S32_LE, HR_S32},   {SND_PCM_FORMAT_S16_LE, HR_S16},   {SND_PCM_FORMAT_S24_LE, HR_S32},
    {SND_PCM_FORMAT_S24_3LE, HR_S32}, {SND_PCM_FORMAT_FLOAT_LE, HR_F32},
};
enum { CODINGS = sizeof codings / sizeof codings[0] };

/* Appends to a text of a list's; 0 if it is full. */
static int append(char *text, size_t capacity, const char *word) {
  const size_t end = strlen(text);
  const int length = snprintf(text + end, capacity - end, "%s%s", end ? " " : "", word);
  if (length >= 0 && (size_t)length < capacity - end) return 1;
  snprintf(text + end, capacity - end, "%s", capacity - end > 4 ? " ..." : "");
  return 0;
}

static void write_range(char *text, size_t capacity, unsigned least, unsigned most) {
  if (least == most)
    snprintf(text, capacity, "%u", least);
  else
    snprintf(text, capacity, "%u-%u", least, most);
}

/* "S16_LE S32_LE, 4 channels, 8000-48000 Hz" */
static void write_offer(snd_pcm_t *pcm, char *text, size_t capacity) {
  snd_pcm_hw_params_t *params;
  snd_pcm_hw_params_alloca(&params);
  char formats[40] = "", channels[24] = "no", rates[24] = "no";
  unsigned least, most;
  snprintf(text, capacity, "nothing");
  if (snd_pcm_hw_params_any(pcm, params) < 0) return;
  for (int i = 0; i <= SND_PCM_FORMAT_LAST; i++)
    if (snd_pcm_hw_params_test_format(pcm, params, (snd_pcm_format_t)i) == 0 &&
        !append(formats, sizeof formats, snd_pcm_format_name((snd_pcm_format_t)i)))
      break;
  if (snd_pcm_hw_params_get_channels_min(params, &least) == 0 &&
      snd_pcm_hw_params_get_channels_max(params, &most) == 0)
    write_range(channels, sizeof channels, least, most);
  if (snd_pcm_hw_params_get_rate_min(params, &least, NULL) == 0 &&
      snd_pcm_hw_params_get_rate_max(params, &most, NULL) == 0)
    write_range(rates, sizeof rates, least, most);
  snprintf(text, capacity, "%s, %s channel%s, %s Hz", formats, channels, strcmp(channels, "1") ? "s" : "",
           rates);
}

/* Cards themselves can be reached through a device that converts. */
static void write_remedy(snd_pcm_t *pcm, char *text, size_t capacity) {
  snd_pcm_info_t *info;
  snd_pcm_info_alloca(&info);
  if (snd_pcm_type(pcm) == SND_PCM_TYPE_HW && snd_pcm_info(pcm, info) == 0)
    snprintf(text, capacity, "alsa:plughw:%d,%u converts", snd_pcm_info_get_card(info),
             snd_pcm_info_get_device(info));
  else
    snprintf(text, capacity, "ask for that, or name a plug device, which converts");
}

static hr_status refuse(snd_pcm_t *pcm, const char *path, const hr_sound_format *format, hr_error *error) {
  char offer[100], remedy[60], wanted[60] = "";
  write_offer(pcm, offer, sizeof offer);
  write_remedy(pcm, remedy, sizeof remedy);
  if (format->channel_count)
    snprintf(wanted, sizeof wanted, " %u channel%s", format->channel_count,
             format->channel_count == 1 ? "" : "s");
  if (format->sample_rate)
    snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s %u Hz", *wanted ? " at" : "",
             format->sample_rate);
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "%s does not capture%s; it offers %s; %s", path,
                    *wanted ? wanted : " in a format known here", offer, remedy);
}

/* Fewest and most say what there is; a device that makes up any number has no most of its own. */
static int choose_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned *count) {
  if (*count == 0) {
    const int result = snd_pcm_hw_params_get_channels_max(params, count);
    if (result < 0) return result;
    if (*count > HR_ALSA_CHANNELS) return -EINVAL;
  }
  return snd_pcm_hw_params_set_channels(pcm, params, *count);
}

/* A wanted rate is met within 0.1 %: clocks of some cards divide into no round number. */
static int choose_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned *rate) {
  const unsigned wanted = *rate;
  *rate = wanted ? wanted : USUAL_RATE;
  const int result = snd_pcm_hw_params_set_rate_near(pcm, params, rate, NULL);
  const unsigned off = *rate > wanted ? *rate - wanted : wanted - *rate;
  if (result == 0 && wanted && off > wanted / 1000) return -EINVAL;
  return result;
}

static int choose(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_format_t coding, unsigned *channels,
                  unsigned *rate) {
  int result = snd_pcm_hw_params_any(pcm, params);
  if (result >= 0) result = snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
  if (result >= 0) result = snd_pcm_hw_params_set_format(pcm, params, coding);
  if (result >= 0) result = choose_channels(pcm, params, channels);
  if (result >= 0) result = choose_rate(pcm, params, rate);
  return result;
}

static int set_hardware(snd_pcm_t *pcm, snd_pcm_hw_params_t *params) {
  unsigned period = PERIOD_US, buffer = BUFFER_US;
  int result = snd_pcm_hw_params_set_period_time_near(pcm, params, &period, NULL);
  if (result >= 0) result = snd_pcm_hw_params_set_buffer_time_near(pcm, params, &buffer, NULL);
  if (result >= 0) result = snd_pcm_hw_params(pcm, params);
  return result;
}

/* Wakes for every period, and has the driver note when it delivered. */
static int set_software(snd_pcm_t *pcm, snd_pcm_hw_params_t *hardware) {
  snd_pcm_sw_params_t *params;
  snd_pcm_sw_params_alloca(&params);
  snd_pcm_uframes_t period;
  int result = snd_pcm_hw_params_get_period_size(hardware, &period, NULL);
  if (result >= 0) result = snd_pcm_sw_params_current(pcm, params);
  if (result >= 0) result = snd_pcm_sw_params_set_avail_min(pcm, params, period);
  if (result >= 0) result = snd_pcm_sw_params_set_tstamp_mode(pcm, params, SND_PCM_TSTAMP_ENABLE);
  if (result >= 0) result = snd_pcm_sw_params_set_tstamp_type(pcm, params, SND_PCM_TSTAMP_TYPE_MONOTONIC);
  if (result >= 0) result = snd_pcm_sw_params(pcm, params);
  return result;
}

static hr_status negotiate(snd_pcm_t *pcm, const char *path, hr_sound_format *format,
                           snd_pcm_format_t *out_coding, hr_error *error) {
  snd_pcm_hw_params_t *params;
  snd_pcm_hw_params_alloca(&params);
  unsigned channels = 0, rate = 0;
  int i = 0, result;
  do {
    channels = format->channel_count;
    rate = format->sample_rate;
    result = choose(pcm, params, codings[i].coding, &channels, &rate);
  } while (result < 0 && result != -ENODEV && ++i < CODINGS);
  if (result == -ENODEV) return hr_io_fail(error, HR_DEVICE_ERROR, "%s was unplugged", path);
  if (result < 0) return refuse(pcm, path, format, error);
  result = set_hardware(pcm, params);
  if (result == -EBUSY)
    return hr_io_fail(error, HR_DEVICE_ERROR,
                      "%s is in use by another program; end that, or share the card by a dsnoop device", path);
  if (result >= 0) result = set_software(pcm, params);
  if (result < 0)
    return hr_io_fail(error, HR_DEVICE_ERROR, "%s does not capture %u channels at %u Hz: %s", path, channels,
                      rate, snd_strerror(result));
  format->channel_count = channels;
  format->sample_rate = rate;
  format->format = codings[i].format;
  *out_coding = codings[i].coding;
  return HR_OK;
}

hr_status hr_alsa_negotiate(snd_pcm_t *pcm, const char *path, hr_sound_format *format,
                            snd_pcm_format_t *out_coding, hr_error *error) {
  hr_alsa_hush();
  hr_status status = negotiate(pcm, path, format, out_coding, error);
  hr_alsa_complaint();
  return status;
}

#endif /* HEADRACE_ALSA */
