/* SoundSeeds.c - sound_seeds FOLDER - writes what the fuzzer of sound starts from: WAV files of every coding that
   is read, and descriptions of arrays with a locator's configuration and samples behind. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headrace.h"
#include "seed_file.h"

enum { FRAMES = 700, CHANNELS = 4 };

static void put(uint8_t *bytes, uint32_t value, int count) {
  for (int i = 0; i < count; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

static void save_wav(const char *name, int code, int bits) {
  static uint8_t wav[44 + FRAMES * CHANNELS * 4];
  const uint32_t block = CHANNELS * (uint32_t)bits / 8, data = FRAMES * block;
  memcpy(wav, "RIFF....WAVEfmt ", 16);
  put(wav + 4, 36 + data, 4);
  put(wav + 16, 16, 4);
  put(wav + 20, (uint32_t)code, 2);
  put(wav + 22, CHANNELS, 2);
  put(wav + 24, 16000, 4);
  put(wav + 28, 16000 * block, 4);
  put(wav + 32, block, 2);
  put(wav + 34, (uint32_t)bits, 2);
  memcpy(wav + 36, "data", 4);
  put(wav + 40, data, 4);
  for (uint32_t i = 0; i < FRAMES * CHANNELS; i++) {
    const float value = 0.3f * sinf((float)(i / CHANNELS) * 0.7f + (float)(i % CHANNELS));
    if (code == 3)
      memcpy(wav + 44 + 4 * i, &value, 4);
    else
      put(wav + 44 + (uint32_t)bits / 8 * i, (uint32_t)(int32_t)(value * 2147483000.0f) >> (32 - bits), bits / 8);
  }
  save(name, wav, 44 + data);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  folder = arguments[1];
  save_wav("16.wav", 1, 16);
  save_wav("24.wav", 1, 24);
  save_wav("32.wav", 1, 32);
  save_wav("float.wav", 3, 32);
  for (uint32_t i = 0; hr_array_name(i); i++) {
    struct {
      hr_array array;
      hr_locator_config config;
      float samples[512];
    } seed;
    memset(&seed, 0, sizeof seed);
    if (hr_array_named(&seed.array, hr_array_name(i), NULL) != HR_OK) return 1;
    hr_locator_config_init(&seed.config);
    seed.config.azimuths = 24;
    seed.config.elevations = 1 + i % 3;
    seed.config.method = i % 2 ? HR_LOCATE_SRP_PHAT : HR_LOCATE_MUSIC;
    for (int k = 0; k < 512; k++) seed.samples[k] = sinf((float)k * 0.9f);
    save(hr_array_name(i), &seed, sizeof seed);
  }
  return 0;
}
