/* enhance.c - makes dark pictures, folders of them, videos and what a camera sees bright. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_option.h"
#include "headrace_io.h"
#include "interrupt.h"
#include "marker.h"
#include "network.h"
#include "options.h"
#include "picture_writer.h"
#include "text.h"

static struct {
  const char *output;
  const char *tier;
  const char *type;
  const char *model;
  const char *clean;
  const char *cpu;
  uint32_t side_by_side;
  uint32_t quality;
  uint32_t rate;
  uint32_t frames;
  uint32_t threads;
  uint32_t json;
  uint32_t markers;
} settings;

static const struct option options[] = {
    {"--output", OPTION_TEXT, &settings.output, 0, 0, "OUT",
     "a .jpg or .ppm for a picture, a folder for a folder, a .mjpeg for an MJPEG file or a camera"},
    {"--tier", OPTION_TEXT, &settings.tier, 0, 0, "TIER", "nano (default), real-time or quality"},
    {"--type", OPTION_TEXT, &settings.type, 0, 0, "TYPE", "arithmetic of the networks: fixed (default) or float32"},
    {"--model", OPTION_TEXT, &settings.model, 0, 0, "MODEL.hrm",
     "the network that tells tones (default: the tier's, which came with the program)"},
    {"--clean", OPTION_TEXT, &settings.clean, 0, 0, "MODEL.hrm",
     "with --model: the network that removes noise (default: none)"},
    {"--side-by-side", OPTION_FLAG, &settings.side_by_side, 0, 0, NULL, "the picture as it was on the left\n"
     "                         (above or below, where a JPEG says that it is turned)"},
    {"--quality", OPTION_NUMBER, &settings.quality, 1, 100, "N", "of JPEG (default 92)"},
    {"--rate", OPTION_NUMBER, &settings.rate, 1, 240, "N", "frames a second of an MJPEG file (default 30)"},
    {"--frames", OPTION_NUMBER, &settings.frames, 1, UINT32_MAX, "N", "stop after N frames"},
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N", "threads (default: all CPUs)"},
    CPU_OPTION(&settings.cpu),
    {"--json", OPTION_FLAG, &settings.json, 0, 0, NULL, "one JSON object a frame"},
    {"--markers", OPTION_FLAG, &settings.markers, 0, 0, NULL, MARKERS_HELP},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_enhance(int count, char **arguments);

const struct command enhance_command = {
    "enhance",
    "Makes dark pictures bright.",
    "SOURCE",
    "SOURCE is a JPEG, a PPM or PGM, a folder of such, an MJPEG file (.mjpeg, .mjpg) or a camera\n"
    "(/dev/videoN). Light frames come back as they were. Of an MJPEG file and a camera, each frame's\n"
    "light follows that of the one before. A JPEG keeps its metadata, with its orientation.",
    "headrace-demo enhance night.jpg --output day.jpg --side-by-side",
    run_enhance};

/* The enhancer, remade where a larger frame comes. */
struct bench {
  hr_enhancer_config config;
  void *memory;
  hr_enhancer *enhancer;
  uint8_t *pixels; /* of the result, with the picture as it was on the left if asked */
  size_t capacity;
};

static int fit(struct bench *bench, const hr_frame *frame) {
  const size_t columns = (size_t)frame->width * (settings.side_by_side ? 2 : 1);
  const size_t bytes = columns * 3 * frame->height;
  if (bytes > bench->capacity) {
    uint8_t *pixels = realloc(bench->pixels, bytes);
    if (!pixels) return print_no_memory("the result");
    bench->pixels = pixels;
    bench->capacity = bytes;
  }
  hr_enhancer_config *config = &bench->config;
  if (bench->enhancer && frame->width <= config->max_width && frame->height <= config->max_height) return 1;
  config->max_width = frame->width > config->max_width ? frame->width : config->max_width;
  config->max_height = frame->height > config->max_height ? frame->height : config->max_height;
  const size_t needed = hr_enhancer_bytes(config);
  free(bench->memory);
  bench->enhancer = NULL;
  bench->memory = needed ? aligned_alloc(64, (needed + 63) & ~(size_t)63) : NULL;
  if (needed && !bench->memory) return print_no_memory("the enhancer");
  hr_error error = new_error();
  return hr_enhancer_init(&bench->enhancer, bench->memory, needed, config, &error) == HR_OK ||
         print_error("the enhancer", &error);
}

static void tell(const hr_source_frame *frame, const hr_enhancement *done, double milliseconds) {
  const char *name = frame->name ? frame->name : "";
  if (settings.json) {
    printf("{\"frame\": %u, \"name\": ", frame->index);
    write_json_string(stdout, name, strlen(name));
    printf(", \"width\": %u, \"height\": %u, \"mean_root\": %.4f, \"gamma\": %.4f, \"strength\": %.3f, "
           "\"milliseconds\": %.3f}\n",
           frame->frame.width, frame->frame.height, (double)done->mean_root, (double)done->gamma,
           (double)done->strength, milliseconds);
  } else {
    write_printable(stdout, name, strlen(name));
    if (done->strength > 0)
      printf(": %s%.0f %%%s of the light, gamma %.2f%s, %.1f ms\n", bold(stdout),
             100 * (double)(done->mean_root * done->mean_root), plain(stdout), (double)done->gamma,
             done->strength < 1 ? ", in part" : "", milliseconds);
    else
      printf(": light enough, left as it is\n");
  }
  fflush(stdout);
}

static int enhance_frame(struct bench *bench, const hr_source_frame *frame, uint64_t elapsed_us,
                         struct picture_writer *writer) {
  hr_error error = new_error();
  if (!fit(bench, &frame->frame)) return 0;
  const size_t stride = (size_t)frame->frame.width * 3 * (settings.side_by_side ? 2 : 1);
  uint8_t *out = bench->pixels + (settings.side_by_side ? stride / 2 : 0);
  hr_enhancement done = {.struct_size = sizeof done};
  const uint64_t start = hr_clock_monotonic(NULL);
  if (settings.markers) mark(MARK_BEGIN);
  if (hr_enhance(bench->enhancer, &frame->frame, elapsed_us, out, stride, &done, &error) != HR_OK)
    return print_error(frame->name, &error);
  if (settings.markers) mark(frame->index % (MARK_CALIBRATION - 1) + 1);
  const double milliseconds = (double)(hr_clock_monotonic(NULL) - start) / 1e6;
  if (settings.side_by_side &&
      hr_frame_to_rgb(&frame->frame, HR_FIT_STRETCH, HR_FILTER_AUTO, bench->pixels, stride, frame->frame.width,
                      frame->frame.height, &error) != HR_OK)
    return print_error(frame->name, &error);
  const struct picture picture = {.rgb = bench->pixels,
                                  .stride = stride,
                                  .width = (uint32_t)(stride / 3),
                                  .height = frame->frame.height,
                                  .name = frame->name,
                                  .jpeg = frame->jpeg,
                                  .jpeg_bytes = frame->jpeg_bytes,
                                  .unchanged = done.strength <= 0 && !settings.side_by_side};
  if (!write_picture(writer, &picture)) return 0;
  tell(frame, &done, milliseconds);
  return 1;
}

/* Every frame of the source; a bad picture of many is told and left out. */
static int enhance_all(hr_source *source, struct bench *bench, struct picture_writer *writer) {
  hr_error error = new_error();
  hr_source_frame frame = {.struct_size = sizeof frame};
  uint64_t last_ns = 0;
  char *last_name = NULL;
  uint32_t count = 0;
  int failures = 0;
  while (!is_interrupted() && (settings.frames == 0 || count < settings.frames)) {
    const hr_status status = hr_source_next(source, &frame, &error);
    if (status == HR_END_OF_STREAM) break;
    if (status == HR_BAD_PICTURE) {
      print_error(frame.name ? frame.name : "a picture", &error);
      failures++;
      continue;
    }
    if (status != HR_OK) {
      free(last_name);
      return print_error(frame.name ? frame.name : "the source", &error);
    }
    /* Pictures of a folder have names of their own; frames of one name are a video. */
    const char *name = frame.name ? frame.name : "";
    uint64_t elapsed_us = 0;
    if (last_name && strcmp(name, last_name) == 0)
      elapsed_us = frame.timestamp_ns && last_ns ? (frame.timestamp_ns - last_ns) / 1000 : 1000000 / settings.rate;
    free(last_name);
    last_name = strdup(name);
    last_ns = frame.timestamp_ns;
    if (!last_name || !enhance_frame(bench, &frame, elapsed_us, writer)) {
      free(last_name);
      return 0;
    }
    count++;
  }
  free(last_name);
  if (count == 0 && failures == 0) fprintf(stderr, "headrace-demo: there was no frame\n");
  return count > 0 && failures == 0;
}

static int check_usage(const char *path) {
  if (!path) return wrong_usage(&enhance_command, "which SOURCE? A picture, a folder, a video or a camera");
  if (!settings.output) return wrong_usage(&enhance_command, "where to? --output OUT");
  if (settings.model && (settings.tier || settings.type))
    return wrong_usage(&enhance_command, "%s chooses a network that came with the program, and --model names one",
                       settings.tier ? "--tier" : "--type");
  if (!settings.tier) settings.tier = "nano";
  if (!settings.type) settings.type = "fixed";
  if (strcmp(settings.tier, "nano") != 0 && strcmp(settings.tier, "real-time") != 0 &&
      strcmp(settings.tier, "quality") != 0)
    return wrong_usage(&enhance_command, "--tier takes nano, real-time or quality, not %s", settings.tier);
  if (settings.clean && !settings.model) return wrong_usage(&enhance_command, "--clean goes with --model");
  if (strcmp(settings.type, "fixed") != 0 && strcmp(settings.type, "float32") != 0)
    return wrong_usage(&enhance_command, "--type takes fixed or float32, not %s", settings.type);
  return -1;
}

/* The path of one of a tier's networks, to be freed; NULL if memory ran out. */
static char *tier_model(const char *part) {
  char name[64];
  const char *type = strcmp(settings.type, "fixed") == 0 ? "" : ".float32";
  snprintf(name, sizeof name, "lowlight/%s-%s%s.hrm", settings.tier, part, type);
  char *path = shipped_model(name);
  return path ? path : strdup(name);
}

/* Opens the networks of the tier, or those that were named; the second only if there is one. */
static int open_networks(struct network *tone, struct network *clean, hr_pool *pool, uint32_t features) {
  hr_session_config config;
  hr_session_config_init(&config);
  config.cpu_features = features;
  const int needs_clean = settings.model ? settings.clean != NULL : strcmp(settings.tier, "nano") != 0;
  char *paths[] = {settings.model ? strdup(settings.model) : tier_model("tone"),
                   !needs_clean     ? NULL
                   : settings.clean ? strdup(settings.clean)
                                    : tier_model("clean")};
  int done = paths[0] && (paths[1] || !needs_clean) ? 1 : print_no_memory("the networks' paths");
  done = done && open_network(tone, paths[0], &config);
  if (done && needs_clean) {
    config.threads = pool ? settings.threads : 1;
    config.parallel = pool ? hr_pool_run : NULL;
    config.parallel_context = pool;
    done = open_network(clean, paths[1], &config);
  }
  free(paths[0]);
  free(paths[1]);
  return done;
}

static int run_enhance(int count, char **arguments) {
  const char *path = NULL;
  settings.quality = 92;
  settings.rate = 30;
  int result = read_options(&enhance_command, options, &path, count, arguments);
  if (result >= 0) return result;
  result = check_usage(path);
  if (result >= 0) return result;
  uint32_t features;
  result = read_cpu_option(&enhance_command, settings.cpu, &features);
  if (result >= 0) return result;
  if (!settings.threads) settings.threads = hr_cpu_count() < 64 ? hr_cpu_count() : 64;

  hr_error error = new_error();
  hr_pool *pool = NULL;
  if (settings.threads > 1 && hr_pool_create(&pool, settings.threads, &error) != HR_OK) {
    print_error("threads", &error);
    return EXIT_BAD_INPUT;
  }
  struct network tone = {0}, clean = {0};
  struct bench bench = {0};
  struct picture_writer writer;
  hr_source *source = NULL;
  catch_interrupt();
  if (settings.markers) mark_nothing();
  int done = open_networks(&tone, &clean, pool, features);
  if (done && hr_source_open(&source, path, NULL, &error) != HR_OK) done = print_error(path, &error);
  if (done && (done = open_writer(&writer, settings.output, path, settings.quality))) {
    hr_enhancer_config_init(&bench.config);
    bench.config.tone = tone.session;
    bench.config.clean = clean.session;
    bench.config.cpu_features = features;
    bench.config.threads = settings.threads;
    bench.config.parallel = pool ? hr_pool_run : NULL;
    bench.config.parallel_context = pool;
    done = enhance_all(source, &bench, &writer);
    done = close_writer(&writer, done) && done;
  }
  free(bench.memory);
  free(bench.pixels);
  hr_source_close(source);
  close_network(&tone);
  close_network(&clean);
  hr_pool_destroy(pool);
  return done ? EXIT_OK : EXIT_BAD_INPUT;
}
