/* enhance.c - makes dark pictures, folders of them, videos and what a camera sees bright. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_option.h"
#include "each_frame.h"
#include "headrace_io.h"
#include "interrupt.h"
#include "marker.h"
#include "network.h"
#include "options.h"
#include "output_options.h"
#include "picture_writer.h"
#include "text.h"
#include "threads.h"

static struct {
  const char *output;
  const char *tier;
  const char *type;
  const char *model;
  const char *clean;
  const char *cpu;
  uint32_t side_by_side;
  uint32_t quality;
  uint32_t overwrites;
  uint32_t rate;
  uint32_t frames;
  uint32_t threads;
  uint32_t json;
  uint32_t markers;
} settings;

static const struct option options[] = {
    {"--output", OPTION_TEXT, &settings.output, 0, 0, "OUT",
     "a .jpg or .ppm for a picture, a folder for a folder, a .mjpeg for an MJPEG file or a camera"},
    {"-o", OPTION_TEXT, &settings.output, 0, 0, "OUT", "the same as --output"},
    {"--tier", OPTION_TEXT, &settings.tier, 0, 0, "TIER", "nano (default), real-time or quality"},
    {"--type", OPTION_TEXT, &settings.type, 0, 0, "TYPE", "arithmetic of the networks: fixed (default) or float32"},
    {"--model", OPTION_TEXT, &settings.model, 0, 0, "MODEL.hrm",
     "the network that tells tones (default: the tier's, which came with the program)"},
    {"--clean", OPTION_TEXT, &settings.clean, 0, 0, "MODEL.hrm",
     "with --model: the network that removes noise (default: none)"},
    {"--side-by-side", OPTION_FLAG, &settings.side_by_side, 0, 0, NULL, "the picture as it was on the left"},
    QUALITY_OPTION(&settings.quality),
    OVERWRITE_OPTION(&settings.overwrites),
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
    "light follows that of the one before. A JPEG keeps its metadata, with its orientation, by which it is\n"
    "turned where it becomes a PPM. In a folder pictures keep their names, two of one name with a number\n"
    "behind it, and none that is there already is overwritten without --overwrite.",
    "headrace-demo enhance night.jpg --output day.jpg --side-by-side",
    run_enhance};

/* The enhancer, remade where a larger frame comes, and where results go. */
struct bench {
  hr_enhancer_config config;
  void *memory;
  hr_enhancer *enhancer;
  uint8_t *pixels; /* of the result, beside the picture as it was if asked */
  size_t capacity;
  struct picture_writer writer;
  char *last_name; /* of the frame before, and its time */
  uint64_t last_ns;
};

/* Where the two pictures of one lie that shows them side by side, so that the one as it was is seen on the left. */
struct layout {
  uint32_t width, height; /* of both together */
  size_t stride, before, after;
};

static struct layout lay_out(const hr_source_frame *frame) {
  struct layout layout = {frame->frame.width, frame->frame.height, (size_t)frame->frame.width * 3, 0, 0};
  if (!settings.side_by_side) return layout;
  const uint32_t turned = frame->jpeg ? hr_jpeg_orientation(frame->jpeg, frame->jpeg_bytes) : 1;
  size_t second = layout.stride;
  if (turned < 5) { /* rows stay rows */
    layout.width *= 2;
    layout.stride *= 2;
  } else {
    second *= layout.height;
    layout.height *= 2;
  }
  /* What is seen on the left lies on the right where a picture is mirrored or upside down, and below where it is
     turned to the right. */
  const int is_reversed = turned == 2 || turned == 3 || turned == 6 || turned == 7;
  layout.before = is_reversed ? second : 0;
  layout.after = is_reversed ? 0 : second;
  return layout;
}

/* Makes room for a frame. Prints what is wrong and returns 0 on failure, and then is ready for a smaller one. */
static int fit(struct bench *bench, const hr_frame *frame, const struct layout *layout) {
  const size_t bytes = layout->stride * layout->height;
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
  hr_error error = new_error();
  if (needed && !bench->memory)
    print_no_memory("the enhancer");
  else if (hr_enhancer_init(&bench->enhancer, bench->memory, needed, config, &error) != HR_OK)
    print_error("the enhancer", &error);
  if (!bench->enhancer) config->max_width = config->max_height = 0;
  return bench->enhancer != NULL;
}

/* Microseconds since the frame before, if it is of the same video: pictures of a folder have names of their own. */
static int tell_elapsed(struct bench *bench, const hr_source_frame *frame, uint64_t *elapsed_us) {
  const char *name = frame->name ? frame->name : "";
  *elapsed_us = 0;
  if (bench->last_name && strcmp(name, bench->last_name) == 0)
    *elapsed_us = frame->timestamp_ns > bench->last_ns && bench->last_ns
                      ? (frame->timestamp_ns - bench->last_ns + 999) / 1000
                      : 1000000 / settings.rate;
  free(bench->last_name);
  bench->last_name = strdup(name);
  bench->last_ns = frame->timestamp_ns;
  return bench->last_name || print_no_memory("a name");
}

static double in_ms(uint64_t nanoseconds) { return (double)nanoseconds / 1e6; }

static void tell(const hr_source_frame *frame, const hr_enhancement *done, const struct picture_writer *writer) {
  const char *name = frame->name ? frame->name : "";
  if (settings.json) {
    printf("{\"frame\": %u, \"name\": ", frame->index);
    write_json_string(stdout, name, strlen(name));
    printf(", \"width\": %u, \"height\": %u, \"mean_root\": %.4f, \"gamma\": %.4f, \"strength\": %.3f, "
           "\"milliseconds\": {\"decode\": %.3f, \"prepare\": %.3f, \"network\": %.3f, \"finish\": %.3f}, \"output\": ",
           frame->frame.width, frame->frame.height, (double)done->mean_root, (double)done->gamma,
           (double)done->strength, in_ms(frame->decode_ns), in_ms(done->prepare_ns), in_ms(done->network_ns),
           in_ms(done->finish_ns));
    write_json_string(stdout, writer->path, strlen(writer->path));
    printf("}\n");
  } else {
    write_printable(stdout, name, strlen(name));
    if (done->strength > 0)
      printf(": %s%.0f %%%s of the light, gamma %.2f%s, %.1f ms", bold(stdout),
             100 * (double)(done->mean_root * done->mean_root), plain(stdout), (double)done->gamma,
             done->strength < 1 ? ", in part" : "",
             in_ms(done->prepare_ns + done->network_ns + done->finish_ns));
    else
      printf(": light enough, left as it is");
    write_place(writer);
  }
  fflush(stdout);
}

static enum frame_result enhance_frame(void *context, const hr_source_frame *frame) {
  struct bench *bench = context;
  hr_error error = new_error();
  uint64_t elapsed_us;
  if (!tell_elapsed(bench, frame, &elapsed_us)) return FRAME_FAILED;
  const struct layout layout = lay_out(frame);
  if (layout.width > HR_MAX_FRAME_SIDE || layout.height > HR_MAX_FRAME_SIDE) {
    fputs("headrace-demo: ", stderr);
    write_printable(stderr, frame->name, strlen(frame->name));
    fprintf(stderr, ": two of it side by side are wider than %u pixels; leave out --side-by-side\n", HR_MAX_FRAME_SIDE);
    return FRAME_LEFT_OUT;
  }
  if (!fit(bench, &frame->frame, &layout)) return FRAME_LEFT_OUT;
  hr_enhancement done = {.struct_size = sizeof done};
  if (settings.markers) mark(MARK_BEGIN);
  if (hr_enhance(bench->enhancer, &frame->frame, elapsed_us, bench->pixels + layout.after, layout.stride, &done,
                 &error) != HR_OK) {
    print_error(frame->name, &error);
    return FRAME_FAILED;
  }
  if (settings.markers) mark(frame->index % (MARK_CALIBRATION - 1) + 1);
  if (settings.side_by_side &&
      hr_frame_to_rgb(&frame->frame, HR_FIT_STRETCH, HR_FILTER_AUTO, bench->pixels + layout.before, layout.stride,
                      frame->frame.width, frame->frame.height, &error) != HR_OK) {
    print_error(frame->name, &error);
    return FRAME_FAILED;
  }
  const struct picture picture = {.rgb = bench->pixels,
                                  .stride = layout.stride,
                                  .width = layout.width,
                                  .height = layout.height,
                                  .name = frame->name,
                                  .jpeg = frame->jpeg,
                                  .jpeg_bytes = frame->jpeg_bytes,
                                  .unchanged = done.strength <= 0 && !settings.side_by_side};
  if (!write_picture(&bench->writer, &picture)) return FRAME_FAILED;
  tell(frame, &done, &bench->writer);
  return FRAME_DONE;
}

static int check_usage(const char *path) {
  if (!path) return wrong_usage(&enhance_command, "which SOURCE? A picture, a folder, a video or a camera");
  if (!settings.output) return wrong_usage(&enhance_command, "where to? -o OUT");
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
  if (settings.rate && !is_video(path))
    return wrong_usage(&enhance_command, "--rate is of an MJPEG file (.mjpeg, .mjpg), and %s is none; leave it out",
                       path);
  if (!settings.rate) settings.rate = 30;
  return read_output_options(&enhance_command, settings.output, &settings.quality, settings.overwrites);
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
static int open_networks(struct network *tone, struct network *clean, const hr_session_config *threaded) {
  hr_session_config alone; /* for a network that is too small to be shared out */
  hr_session_config_init(&alone);
  alone.cpu_features = threaded->cpu_features;
  const int needs_clean = settings.model ? settings.clean != NULL : strcmp(settings.tier, "nano") != 0;
  char *paths[] = {settings.model ? strdup(settings.model) : tier_model("tone"),
                   !needs_clean     ? NULL
                   : settings.clean ? strdup(settings.clean)
                                    : tier_model("clean")};
  int done = paths[0] && (paths[1] || !needs_clean) ? 1 : print_no_memory("the networks' paths");
  done = done && open_network(tone, paths[0], &alone) && (!needs_clean || open_network(clean, paths[1], threaded));
  free(paths[0]);
  free(paths[1]);
  return done;
}

static int run_enhance(int count, char **arguments) {
  const char *path = NULL;
  int result = read_options(&enhance_command, options, &path, count, arguments);
  if (result >= 0) return result;
  result = check_usage(path);
  if (result >= 0) return result;
  uint32_t features;
  result = read_cpu_option(&enhance_command, settings.cpu, &features);
  if (result >= 0) return result;

  hr_error error = new_error();
  hr_pool *pool;
  hr_session_config config;
  if (!open_threads(&pool, &settings.threads, features, &config)) return EXIT_BAD_INPUT;
  struct network tone = {0}, clean = {0};
  struct bench bench = {0};
  hr_source *source = NULL;
  catch_interrupt();
  if (settings.markers) mark_nothing();
  int done = open_networks(&tone, &clean, &config);
  if (done && hr_source_open(&source, path, NULL, &error) != HR_OK) done = print_error(path, &error);
  if (done && (done = open_writer(&bench.writer, settings.output, path, settings.quality, settings.overwrites))) {
    hr_enhancer_config_init(&bench.config);
    bench.config.tone = tone.session;
    bench.config.clean = clean.session;
    bench.config.cpu_features = features;
    bench.config.threads = config.threads;
    bench.config.parallel = config.parallel;
    bench.config.parallel_context = config.parallel_context;
    bench.config.clock = hr_clock_monotonic;
    done = each_frame(source, path, settings.frames, &bench.writer, enhance_frame, &bench);
  }
  free(bench.memory);
  free(bench.pixels);
  free(bench.last_name);
  hr_source_close(source);
  close_network(&tone);
  close_network(&clean);
  hr_pool_destroy(pool);
  return exit_status(done);
}
