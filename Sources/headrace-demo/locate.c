/* locate.c - tells where the sounds of a recording or before a sound card's microphones come from. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array_file.h"
#include "check_array.h"
#include "compass.h"
#include "headrace_io.h"
#include "interrupt.h"
#include "listening.h"
#include "locating.h"
#include "options.h"
#include "text.h"

static struct {
  const char *array;
  const char *method;
  const char *type;
  const char *model;
  const char *show;
  uint32_t window;
  uint32_t period;
  uint32_t sources;
  uint32_t elevations;
  uint32_t json;
  uint32_t delays;
  uint32_t cards;
  uint32_t check;
} settings;

static const struct option options[] = {
    {"--array", OPTION_TEXT, &settings.array, 0, 0, "NAME",
     "the microphones: respeaker-4 (default), respeaker-usb, respeaker-6, matrix-voice, matrix-creator, uma-8,"
     " or a file with a line for each: channel x y z, in metres"},
    {"--method", OPTION_TEXT, &settings.method, 0, 0, "NAME",
     "network (default where its model is found, --elevations is 1, and the array is 4 to 20 cm wide and in no line),"
     " samples (nearer, for arrays like respeaker-4 and uma-8), music, wideband-music or srp-phat"},
    {"--type", OPTION_TEXT, &settings.type, 0, 0, "TYPE",
     "arithmetic: float32 (default), or fixed for the same results on every CPU"},
    {"--model", OPTION_TEXT, &settings.model, 0, 0, "MODEL.hrm",
     "the network of --method network, or of samples, with NAME.judge.hrm beside NAME.hrm (default: those that came"
     " with the program)"},
    {"--window", OPTION_NUMBER, &settings.window, 16, 60000, "MS", "how long sound counts (default 250)"},
    {"--period", OPTION_NUMBER, &settings.period, 8, 10000, "MS", "from one result to the next (default 64)"},
    {"--sources", OPTION_NUMBER, &settings.sources, 1, HR_MAX_DIRECTIONS, "N",
     "directions to look for at once (default 2)"},
    {"--elevations", OPTION_NUMBER, &settings.elevations, 1, 18, "N",
     "rows of elevations from 0 to 90 degrees (default 1)"},
    {"--show", OPTION_TEXT, &settings.show, 0, 0, "WHAT",
     "in the JSON of --json: tracked (default) or potential sources, or both"},
    {"--json", OPTION_FLAG, &settings.json, 0, 0, NULL, "JSON lines as ODAS writes them"},
    {"--delays", OPTION_FLAG, &settings.delays, 0, 0, NULL,
     "in the JSON of --json: by how many microseconds each microphone hears later than the first, by GCC-PHAT"},
    {"--check-array", OPTION_FLAG, &settings.check, 0, 0, NULL,
     "tell whether channels and geometry of --array fit what is heard, until the end or Ctrl-C"},
    {"--cards", OPTION_FLAG, &settings.cards, 0, 0, NULL, "list the sound cards that capture"},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_locate(int count, char **arguments);

const struct command locate_command = {
    "locate",
    "Tells where sounds come from.",
    "SOUND",
    "A WAV file with the array's channels in the device's order; or - for one on standard input, as a recorder\n"
    "writes it; or a sound card: alsa:NAME, where NAME is its number, its id or a part of its name (--cards\n"
    "lists them), or any device of ALSA's: hw:1, plughw:1, default.\n"
    "Azimuth is the angle from x towards y of the array's coordinates. In the JSON, timeStamp counts results\n"
    "and time_us is the recording's time. Of a card, that includes what an overrun lost; latency_us is the age\n"
    "of the newest sample in a result, and overruns counts them once there are any.",
    "headrace-demo locate talk.wav --array respeaker-usb --json",
    run_locate};

enum { BLOCK = 1024 }; /* frames, at most, that are taken at once */

static const double HEARD = 1e-3; /* -60 dB of full scale: sound, not a microphone's noise */

/* By its name, or from a file: a path has a dot or a slash. */
static int find_array(hr_array *array) {
  if (strpbrk(settings.array, "./")) return read_array_file(settings.array, array);
  hr_error error = new_error();
  if (hr_array_named(array, settings.array, &error) == HR_OK) return 1;
  if (access(settings.array, R_OK) != 0) return print_error(settings.array, &error);
  return complain("no array is called %s; for the file of this name, say --array ./%s", settings.array,
                  settings.array);
}

/* Says what is wrong with the array by itself. */
static int is_array_valid(const hr_array *array) {
  hr_locator_config config;
  hr_locator_config_init(&config);
  if (hr_locator_bytes(array, &config)) return 1;
  hr_error error = new_error();
  hr_locator *none;
  hr_locator_init(&none, NULL, 0, array, &config, &error);
  return print_error(settings.array, &error);
}

/* Gives the array the recording's rate and channels; 0 if the recording cannot be its. A recording of as many
   channels as there are microphones holds the microphones alone. */
static int fit_array(hr_array *array, const hr_sound_format *format, const char *path) {
  uint32_t needed = 0;
  const int is_named = array->channel_count != 0;
  for (uint32_t i = 0; i < array->microphone_count; i++) {
    if (is_named && format->channel_count == array->microphone_count) array->channels[i] = i;
    if (array->channels[i] >= needed) needed = array->channels[i] + 1;
  }
  if (is_named && format->channel_count >= needed && format->channel_count != array->channel_count &&
      format->channel_count != array->microphone_count)
    complain("%s has %u channel%s, %s delivers %u: is it a recording of that --array?", path,
             format->channel_count, plural(format->channel_count), settings.array, array->channel_count);
  array->channel_count = format->channel_count;
  array->sample_rate = format->sample_rate;
  if (format->channel_count >= needed) return is_array_valid(array);
  char alone[48] = "";
  if (is_named && needed > array->microphone_count)
    snprintf(alone, sizeof alone, "%u, its microphones alone, or ", array->microphone_count);
  return complain("%s has %u channel%s, the array %s needs %s%u; choose another --array", path, format->channel_count,
                  plural(format->channel_count), settings.array, alone, needed);
}

/* Overruns since the last time, at most once a second. */
static void note_overruns(struct listening *listening, uint64_t least_ns) {
  const hr_sound_state *state = &listening->state;
  const uint64_t time = hr_clock_monotonic(NULL);
  if (state->overruns == listening->noted || time - listening->noted_ns < least_ns) return;
  listening->noted = state->overruns;
  listening->noted_ns = time;
  end_compass();
  fflush(stdout);
  complain("sound came faster than it was taken: %u overrun%s so far, %.3f s lost",
           state->overruns, plural(state->overruns), (double)state->lost_frames / listening->rate);
}

/* Says, whenever so many frames of sound were heard, which microphone hears nothing of its own: directions are wrong
   then, and nothing else tells that. No microphone is named twice, and of several that go together only one. */
static void note_microphones(struct listening *listening, const hr_array *array, uint64_t frames) {
  struct levels *levels = &listening->levels;
  if (levels->count == 0 || levels->count < frames) return;
  const int is_heard = loudest_level(levels, array) > HEARD;
  int is_told = 0;
  for (uint32_t m = 0; is_heard && m < array->microphone_count; m++) {
    const uint32_t other = copied_by(levels, m);
    const int dead = is_dead(levels, array, m);
    if ((!dead && other == m) || listening->named_microphones >> m & 1) continue;
    listening->named_microphones |= UINT32_C(1) << m;
    if (is_told) continue;
    is_told = 1;
    end_compass();
    fflush(stdout);
    fprintf(stderr, "headrace-demo: microphone %u, channel %u, hears ", m + 1, array->channels[m]);
    if (dead)
      fprintf(stderr, is_silent(levels, m) ? "nothing, where others do" : "far less than others do");
    else
      fprintf(stderr, "the same as microphone %u", other + 1);
    fprintf(stderr, ": directions are wrong; see --check-array\n");
  }
  *levels = (struct levels){.count = 0};
}

/* Reads to the end, until Ctrl-C, or until nobody can be told. */
static hr_status take_all(hr_sound *sound, const char *path, hr_locator *locator, void *samples, const hr_array *array,
                          hr_sample_format format, struct listening *listening, hr_error *error) {
  hr_status status = HR_OK;
  size_t frames;
  while (!is_interrupted() && !ferror(stdout) &&
         (status = hr_sound_read(sound, samples, BLOCK, &frames, error)) == HR_OK) {
    if (frames == 0) continue;
    hr_sound_status(sound, &listening->state);
    listening->taken += frames;
    if ((status = hr_locator_process(locator, samples, format, frames, error)) != HR_OK) break;
    measure_levels(&listening->levels, array, samples, format, frames);
    note_microphones(listening, array, listening->rate);
    note_overruns(listening, 1000000000);
  }
  listening->is_cut_short = status == HR_OK && is_interrupted() && has_end(path);
  note_microphones(listening, array, listening->rate / 8);
  hr_sound_status(sound, &listening->state);
  note_overruns(listening, 0);
  return status == HR_END_OF_STREAM ? HR_OK : status;
}

/* What is wrong with samples, and where: in the block that ends at so many seconds. */
static void print_sample_error(const char *path, double seconds, const hr_error *error) {
  char *place = NULL;
  if (asprintf(&place, "%s, shortly before %.2f s", path, seconds) < 0) place = NULL;
  print_error(place ? place : path, error);
  free(place);
}

/* What is wrong with a model is told of the model, NULL where none is used. */
static int listen(hr_sound *sound, const hr_sound_format *format, hr_array *array,
                  const hr_locator_config *config, const char *path, const char *model) {
  hr_error error = new_error();
  /* The array is valid by now. */
  const char *subject = model ? model : path;
  const size_t bytes = hr_locator_bytes(array, config);
  void *memory = bytes ? aligned_alloc(64, bytes) : NULL;
  void *samples = malloc((size_t)BLOCK * 4 * format->channel_count);
  hr_locator *locator = NULL;
  hr_status status = HR_OK;
  if (!samples || (bytes && !memory)) {
    print_no_memory(path);
    status = HR_OUT_OF_MEMORY;
  } else if ((status = hr_locator_init(&locator, memory, bytes, array, config, &error)) == HR_OK) {
    status = take_all(sound, path, locator, samples, array, format->format, config->handler_context, &error);
  }
  const struct listening *listening = config->handler_context;
  if (status == HR_INVALID_ARGUMENT && locator)
    print_sample_error(path, (double)listening->taken / listening->rate, &error);
  else if (status != HR_OK && status != HR_OUT_OF_MEMORY)
    print_error(locator ? path : subject, &error);
  else if (listening->is_cut_short)
    print_interrupted(path, "%.3f s", (double)listening->taken / listening->rate);
  else if (status == HR_OK && error.message[0])
    print_error(path, &error); /* of a file that was cut off */
  else if (listening->results == 0 && !is_interrupted())
    complain("%s ended after %.3f s, before a first result: they come every %u ms, see --period", path,
             (double)listening->taken / listening->rate, config->period_ms);
  else if (!listening->has_tracks && !listening->writes_json && !is_interrupted())
    complain("%s: nothing stood out in %.1f s; --check-array tells whether the array is the right one", path,
             (double)listening->taken / listening->rate);
  free(samples);
  free(memory);
  return status == HR_OK && !listening->is_cut_short;
}

static int list_cards(void) {
  hr_error error = new_error();
  hr_sound_card card = {.struct_size = sizeof card};
  hr_status status;
  uint32_t count = 0;
  for (; (status = hr_sound_card_at(count, &card, &error)) == HR_OK; count++) {
    say("alsa:%u  alsa:%s  %s", card.number, card.id, card.name);
    putchar('\n');
  }
  if (status != HR_END_OF_STREAM) {
    print_error("--cards", &error);
    return EXIT_BAD_INPUT;
  }
  if (count == 0) fprintf(stderr, "headrace-demo: no sound card captures here\n");
  return count ? EXIT_OK : EXIT_BAD_INPUT;
}

static int is_one_of(const char *text, const char *a, const char *b, const char *c) {
  return strcmp(text, a) == 0 || strcmp(text, b) == 0 || (c && strcmp(text, c) == 0);
}

static const struct {
  const char *name;
  hr_locate_method method;
} methods[] = {
    {"network", HR_LOCATE_NETWORK},
    {"samples", HR_LOCATE_SAMPLES},
    {"music", HR_LOCATE_MUSIC},
    {"wideband-music", HR_LOCATE_WIDEBAND_MUSIC},
    {"srp-phat", HR_LOCATE_SRP_PHAT},
};

/* 0 if there is none. */
static hr_locate_method method_named(const char *name) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i].name, name) == 0) return methods[i].method;
  return (hr_locate_method)0;
}

/* The one that was asked for, or the network if there is one and it can tell what was asked. */
static hr_locate_method choose_method(const struct locating *locating, const hr_array *array) {
  if (settings.method) return method_named(settings.method);
  if (settings.model) return HR_LOCATE_NETWORK;
  return settings.elevations <= 1 && suits_evidence(locating, array) ? HR_LOCATE_NETWORK : HR_LOCATE_MUSIC;
}

/* What was asked for that --check-array has no use for, NULL if nothing was. */
static const char *idle_for_check(void) {
  return settings.method       ? "--method"
         : settings.type       ? "--type"
         : settings.model      ? "--model"
         : settings.window     ? "--window"
         : settings.period     ? "--period"
         : settings.sources    ? "--sources"
         : settings.elevations ? "--elevations"
                               : NULL;
}

/* A program's result where settings do not go together, or -1. */
static int check_usage(void) {
  if (settings.check && idle_for_check())
    return wrong_usage(&locate_command, "--check-array has a method of its own; leave out %s", idle_for_check());
  if (!settings.type) settings.type = "float32";
  if (settings.method && !method_named(settings.method))
    return wrong_usage(&locate_command, "--method takes network, samples, music, wideband-music or srp-phat, not %s",
                       settings.method);
  if (!is_one_of(settings.type, "float32", "fixed", NULL))
    return wrong_usage(&locate_command, "--type takes float32 or fixed, not %s", settings.type);
  const hr_locate_method method = settings.method ? method_named(settings.method) : HR_LOCATE_NETWORK;
  const int is_network = method == HR_LOCATE_NETWORK || method == HR_LOCATE_SAMPLES;
  if (settings.model && !is_network)
    return wrong_usage(&locate_command, "--model is for --method network and --method samples");
  if (settings.elevations > 1 && is_network && (settings.method || settings.model))
    return wrong_usage(&locate_command, "a network tells no elevation; use --method music with --elevations");
  if (!settings.json && (settings.show || settings.delays))
    return wrong_usage(&locate_command, "%s is for --json", settings.show ? "--show" : "--delays");
  if (settings.json && settings.check) return wrong_usage(&locate_command, "--check-array tells nothing in JSON");
  if (!settings.show) settings.show = "tracked";
  if (!is_one_of(settings.show, "tracked", "potential", "both"))
    return wrong_usage(&locate_command, "--show takes tracked, potential or both, not %s", settings.show);
  return -1;
}

static int run_locate(int count, char **arguments) {
  const char *path = NULL;
  settings.array = "respeaker-4";
  int result = read_options(&locate_command, options, &path, count, arguments);
  if (result >= 0) return result;
  if (settings.cards && settings.json) return wrong_usage(&locate_command, "--cards lists nothing in JSON");
  if (settings.cards && path) return wrong_usage(&locate_command, "--cards lists cards and hears no SOUND");
  if (settings.cards) return list_cards();
  if (!path) return wrong_usage(&locate_command, "which SOUND? RECORDING.wav, - or alsa:NAME");
  result = check_usage();
  if (result >= 0) return result;
  hr_locator_config config;
  hr_locator_config_init(&config);
  if (settings.window) config.window_ms = settings.window;
  if (settings.period) config.period_ms = settings.period;
  if (settings.sources) config.max_directions = settings.sources;
  if (settings.elevations) config.elevations = settings.elevations;

  hr_error error = new_error();
  hr_array array;
  if (!find_array(&array)) return EXIT_BAD_INPUT;
  hr_sound *sound;
  hr_sound_format format = {.struct_size = sizeof format,
                            .channel_count = array.channel_count,
                            .sample_rate = array.sample_rate};
  if (hr_sound_open(&sound, path, &format, &error) != HR_OK) {
    print_error(path, &error);
    return EXIT_BAD_INPUT;
  }
  struct listening listening = {.rate = format.sample_rate,
                                .microphones = array.microphone_count,
                                .state.struct_size = sizeof listening.state};
  listening.is_terminal = isatty(STDOUT_FILENO);
  listening.writes_json = (int)settings.json;
  listening.shows_delays = (int)settings.delays;
  listening.shows_potential = strcmp(settings.show, "tracked") != 0;
  listening.shows_tracked = strcmp(settings.show, "potential") != 0;
  struct locating locating = {0};
  find_locating(&locating, settings.method ? method_named(settings.method) : HR_LOCATE_NETWORK, settings.model, &array);
  config.method = choose_method(&locating, &array);
  config.arithmetic = strcmp(settings.type, "fixed") == 0 ? HR_ARITHMETIC_FIXED : HR_ARITHMETIC_FLOAT;
  config.delays = settings.delays;
  config.handler = tell_location;
  config.handler_context = &listening;
  catch_interrupt();
  int done = fit_array(&array, &format, path);
  if (done && settings.check)
    done = check_array(sound, &format, &array, path, settings.array);
  else if (done)
    done = open_locating(&locating, &config) &&
           listen(sound, &format, &array, &config, path, locating_path(&locating, config.method));
  end_compass();
  close_locating(&locating);
  hr_sound_close(sound);
  return exit_status(done);
}
