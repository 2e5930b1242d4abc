/* alsa_cards.c - which sound cards there are, and which one a name means. */
#define _GNU_SOURCE
#include "internal/sound.h"

#ifdef HEADRACE_ALSA
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal/alsa.h"

/* ---- libasound's complaints -------------------------------------------------------------- */

static _Thread_local char complaint[100];

__attribute__((format(printf, 5, 0)))
static void keep_complaint(const char *file, int line, const char *function, int number, const char *format,
                           va_list arguments) {
  (void)file, (void)line, (void)function, (void)number;
  vsnprintf(complaint, sizeof complaint, format, arguments);
}

void hr_alsa_hush(void) {
  complaint[0] = 0;
  snd_lib_error_set_local(keep_complaint);
}

const char *hr_alsa_complaint(void) {
  snd_lib_error_set_local(NULL);
  return complaint;
}

/* ---- Cards ------------------------------------------------------------------------------- */

/* The first device of a card that captures, -1 if none does. */
static int first_device(snd_ctl_t *control) {
  snd_pcm_info_t *info;
  snd_pcm_info_alloca(&info);
  int device = -1;
  while (snd_ctl_pcm_next_device(control, &device) == 0 && device >= 0) {
    snd_pcm_info_set_device(info, (unsigned)device);
    snd_pcm_info_set_subdevice(info, 0);
    snd_pcm_info_set_stream(info, SND_PCM_STREAM_CAPTURE);
    if (snd_ctl_pcm_info(control, info) == 0) return device;
  }
  return -1;
}

/* Whether the card captures, and what it is called. */
static int describe(int number, hr_sound_card *out) {
  char name[24];
  snd_ctl_t *control;
  snprintf(name, sizeof name, "hw:%d", number);
  if (snd_ctl_open(&control, name, SND_CTL_NONBLOCK) < 0) return 0;
  snd_ctl_card_info_t *info;
  snd_ctl_card_info_alloca(&info);
  const int device = first_device(control);
  const int is_there = device >= 0 && snd_ctl_card_info(control, info) == 0;
  if (is_there) {
    out->number = (uint32_t)number;
    out->device = (uint32_t)device;
    snprintf(out->id, sizeof out->id, "%s", snd_ctl_card_info_get_id(info));
    snprintf(out->name, sizeof out->name, "%s", snd_ctl_card_info_get_name(info));
    snprintf(out->long_name, sizeof out->long_name, "%s", snd_ctl_card_info_get_longname(info));
  }
  snd_ctl_close(control);
  return is_there;
}

/* The next card behind *number that captures. */
static int next_card(int *number, hr_sound_card *out) {
  while (snd_card_next(number) == 0 && *number >= 0)
    if (describe(*number, out)) return 1;
  return 0;
}

hr_status hr_sound_card_at(uint32_t index, hr_sound_card *out, hr_error *error) {
  if (!out || out->struct_size < sizeof *out)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "sound: an argument is NULL, or the card's struct_size is not set; set it to "
                      "sizeof(hr_sound_card)");
  hr_alsa_hush();
  int number = -1, is_there;
  do is_there = next_card(&number, out);
  while (is_there && index-- > 0);
  hr_alsa_complaint();
  return is_there ? HR_OK : HR_END_OF_STREAM;
}

/* "1 seeed4micvoicec (seeed-4mic-voicecard), 2 ArrayUAC10 (ReSpeaker 4 Mic Array)" */
static void list_cards(char *text, size_t capacity) {
  hr_sound_card card = {.struct_size = sizeof card};
  size_t end = 0;
  text[0] = 0;
  for (int number = -1; next_card(&number, &card);) {
    int length = snprintf(text + end, capacity - end, "%s%u %s (%s)", end ? ", " : "", card.number, card.id,
                          card.name);
    if (length < 0 || (size_t)length >= capacity - end) {
      memcpy(text + capacity - 4, "...", 4);
      return;
    }
    end += (size_t)length;
  }
  if (end > 0) return;
  /* libasound does not see a card whose control device it may not open. */
  const char *none = "none";
  for (int number = 0; number < 32; number++) {
    char path[40];
    snprintf(path, sizeof path, "/dev/snd/controlC%d", number);
    if (access(path, F_OK) == 0 && access(path, R_OK | W_OK) != 0)
      none = "none that you may use; add yourself to the group audio";
  }
  snprintf(text, capacity, "%s", none);
}

/* ---- Names ------------------------------------------------------------------------------- */

static int is_number(const char *name) { return *name && strspn(name, "0123456789") == strlen(name); }

/* Whether a card is meant: 2 certainly, 1 by a part of its name, 0 not. */
static int matches(const hr_sound_card *card, const char *name) {
  if (is_number(name)) return strtoul(name, NULL, 10) == card->number ? 2 : 0;
  if (strcasecmp(card->id, name) == 0) return 2;
  return strcasestr(card->id, name) || strcasestr(card->name, name) || strcasestr(card->long_name, name);
}

/* How many cards a name may mean, and one of them; one that is certainly meant is the only one. */
static int find_card(const char *name, hr_sound_card *out) {
  hr_sound_card card = {.struct_size = sizeof card};
  int found = 0;
  for (int number = -1; *name && next_card(&number, &card);) {
    const int match = matches(&card, name);
    if (match == 0) continue;
    *out = card;
    if (match == 2) return 1;
    found++;
  }
  return found;
}

/* Why a device did not open. */
static hr_status refuse(const char *path, int number, hr_error *error) {
  switch (number) {
    case EBUSY:
    case EAGAIN:
      return hr_io_fail(error, HR_DEVICE_ERROR,
                        "%s is in use by another program; end that, which 'fuser -v /dev/snd/*' finds, or "
                        "share the card by a dsnoop device",
                        path);
    case EACCES:
    case EPERM:
      return hr_io_fail(error, HR_DEVICE_ERROR,
                        "no permission to use %s; add yourself to the group audio", path);
    default: break;
  }
  const char *said = hr_alsa_complaint();
  return hr_io_fail(error, HR_DEVICE_ERROR, "cannot open %s: %s%s%s", path, said, *said ? ": " : "",
                    snd_strerror(-number));
}

static hr_status list_instead(const char *path, int found, hr_error *error) {
  char cards[120];
  list_cards(cards, sizeof cards);
  if (found > 1)
    return hr_io_fail(error, HR_NOT_FOUND, "%s may be several cards; say which number: %s", path, cards);
  return hr_io_fail(error, HR_NOT_FOUND, "there is no sound card or device %s; cards that capture here: %s",
                    path, cards);
}

static int open_named(snd_pcm_t **out, const char *name, int modes) {
  return snd_pcm_open(out, name, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK | modes);
}

static hr_status open_meant(snd_pcm_t **out, const char *path, const char *name, int modes,
                            hr_error *error) {
  int result = -ENOENT;
  if (*name && !is_number(name)) result = open_named(out, name, modes);
  if (result == -ENOENT || result == -ENODEV || result == -ENXIO) {
    hr_sound_card card = {.struct_size = sizeof card};
    const int found = find_card(name, &card);
    if (found != 1 && result == -ENXIO) return refuse(path, -result, error);
    if (found != 1) return list_instead(path, found, error);
    char device[40];
    snprintf(device, sizeof device, "hw:%u,%u", card.number, card.device);
    result = open_named(out, device, modes);
  }
  return result < 0 ? refuse(path, -result, error) : HR_OK;
}

hr_status hr_alsa_open_device(snd_pcm_t **out, const char *path, const char *name, int modes,
                              hr_error *error) {
  hr_alsa_hush();
  hr_status status = open_meant(out, path, name, modes, error);
  hr_alsa_complaint();
  return status;
}

#endif /* HEADRACE_ALSA */
