/* FuzzSound.c - libFuzzer's entry for sound: WAV files as hr_sound delivers them, heard by a locator of as many
   microphones as there are channels, and descriptions of arrays and locators made of the bytes themselves.
   What a locator answers is either a status with a message or directions that are finite. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "headrace_io.h"
#include "internal/sound_parsing.h"

enum { MOST_FRAMES = 2048, BLOCK = 100, MOST_MEMORY = 1 << 24 };

static void require(int holds) {
  if (!holds) abort();
}

static void hear(void *context, const hr_location *location) {
  (void)context;
  require(location->direction_count <= HR_MAX_DIRECTIONS && location->track_count <= HR_MAX_TRACKS);
  for (uint32_t i = 0; i < location->direction_count; i++) {
    const hr_direction *direction = &location->directions[i];
    require(direction->azimuth >= 0 && direction->azimuth <= 360 && direction->energy >= 0 &&
            direction->energy <= 1);
    require(isfinite(direction->x) && isfinite(direction->y) && isfinite(direction->z));
  }
}

/* A locator in memory exactly as large as it says, so that AddressSanitizer sees a byte too many; NULL if
   what it is to hear with makes no sense. The caller frees *memory. */
static hr_locator *listener(const hr_array *array, hr_locator_config *config, void **memory) {
  hr_error error = {.struct_size = sizeof error};
  hr_locator *locator = NULL;
  config->handler = hear;
  const size_t bytes = hr_locator_bytes(array, config);
  if (bytes > MOST_MEMORY) return NULL;
  require(posix_memalign(memory, 64, bytes ? bytes : 1) == 0);
  hr_status status = hr_locator_init(&locator, *memory, bytes, array, config, &error);
  require(status == HR_OK ? bytes > 0 : locator == NULL && error.message[0]);
  return locator;
}

static void deliver(const char *path) {
  hr_error error = {.struct_size = sizeof error};
  hr_sound *sound;
  hr_sound_format format = {.struct_size = sizeof format};
  hr_status status = hr_sound_open(&sound, path, &format, &error);
  if (status != HR_OK) {
    require(error.message[0]);
    return;
  }
  hr_array array = {.struct_size = sizeof array, .microphone_count = 4};
  for (uint32_t i = 0; i < 4; i++) {
    array.positions[i][i % 2] = i < 2 ? 0.04f : -0.04f;
    array.channels[i] = i;
  }
  array.channel_count = format.channel_count;
  array.sample_rate = format.sample_rate;
  hr_locator_config config;
  hr_locator_config_init(&config);
  config.azimuths = 24;
  config.period_ms = 8;
  void *memory = NULL;
  hr_locator *locator = listener(&array, &config, &memory);
  void *samples = malloc((size_t)BLOCK * 4 * format.channel_count);
  size_t frames, total = 0;
  while (total < MOST_FRAMES && hr_sound_read(sound, samples, BLOCK, &frames, &error) == HR_OK) {
    require(frames > 0 && frames <= BLOCK);
    if (locator && hr_locator_process(locator, samples, format.format, frames, &error) != HR_OK)
      require(error.message[0]);
    total += frames;
  }
  free(samples);
  free(memory);
  hr_sound_close(sound);
}

/* The bytes as an array and a configuration, and the rest as samples. */
static void describe(const uint8_t *bytes, size_t byte_count) {
  hr_array array;
  hr_locator_config config;
  if (byte_count < sizeof array + sizeof config) return;
  memcpy(&array, bytes, sizeof array);
  memcpy(&config, bytes + sizeof array, sizeof config);
  array.struct_size = sizeof array;
  config.struct_size = sizeof config;
  config.handler_context = NULL;
  void *memory = NULL;
  hr_locator *locator = listener(&array, &config, &memory);
  const uint8_t *rest = bytes + sizeof array + sizeof config;
  size_t frames = locator ? (byte_count - (size_t)(rest - bytes)) / (4 * (size_t)array.channel_count) : 0;
  float *samples = malloc(frames * 4 * (locator ? array.channel_count : 1) + 4);
  if (locator && frames) memcpy(samples, rest, frames * 4 * array.channel_count);
  /* The same over and over: frames are longer than inputs. */
  for (size_t total = 0; frames && total < MOST_FRAMES; total += frames)
    if (hr_locator_process(locator, samples, HR_F32, frames, NULL) != HR_OK) break;
  free(samples);
  free(memory);
}

static char path[64];
static int file;

static void remove_file(void) { unlink(path); }

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  snprintf(path, sizeof path, "build/fuzz/sound/%d.wav", (int)getpid());
  remove_file();
  atexit(remove_file);
  file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  require(file >= 0);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
  hr_wav_info info;
  if (hr_wav_parse(bytes, byte_count, &info) == HR_WAV_OK)
    require(info.data_offset <= byte_count && info.frames > 0 &&
            info.frames * info.bytes * info.channel_count <= byte_count - info.data_offset);
  require(ftruncate(file, 0) == 0 && pwrite(file, bytes, byte_count, 0) == (ssize_t)byte_count);
  if (byte_count) deliver(path);
  describe(bytes, byte_count);
  return 0;
}
