/* deblur.c - takes a known blur out of pictures. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_option.h"
#include "each_frame.h"
#include "headrace_io.h"
#include "interrupt.h"
#include "network.h"
#include "options.h"
#include "output_options.h"
#include "picture_writer.h"
#include "text.h"
#include "threads.h"

static struct {
  const char *output;
  const char *kernel;
  const char *type;
  const char *cpu;
  uint32_t plain;
  uint32_t quality;
  uint32_t overwrites;
  uint32_t threads;
} settings;

static const struct option options[] = {
    {"--kernel", OPTION_TEXT, &settings.kernel, 0, 0, "KERNEL",
     "a gray picture (.pgm, .ppm, .jpg) with odd sides up to 63: where the light of its middle went\n"
     "                         (in pictures as they are stored, where a JPEG says that it is turned)"},
    {"--output", OPTION_TEXT, &settings.output, 0, 0, "OUT", "a .jpg or .ppm for a picture, a folder for a folder"},
    {"-o", OPTION_TEXT, &settings.output, 0, 0, "OUT", "the same as --output"},
    {"--plain", OPTION_FLAG, &settings.plain, 0, 0, NULL, "Wiener deconvolution alone, without networks"},
    {"--type", OPTION_TEXT, &settings.type, 0, 0, "TYPE",
     "arithmetic of the network that cleans: fixed (default) or float32"},
    QUALITY_OPTION(&settings.quality),
    OVERWRITE_OPTION(&settings.overwrites),
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N", "threads of the network (default: all CPUs)"},
    CPU_OPTION(&settings.cpu),
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_deblur(int count, char **arguments);

const struct command deblur_command = {
    "deblur",
    "Takes a known blur out of pictures.",
    "SOURCE",
    "SOURCE is a JPEG, a PPM or PGM, or a folder of such. The blur is the same everywhere, as of a hand that\n"
    "shook; the kernel's weights need not add up to one. In a folder pictures keep their names, two of one\n"
    "name with a number behind it, and none that is there already is overwritten without --overwrite.",
    "headrace-demo deblur shaken.jpg --kernel shake.pgm --output sharp.jpg",
    run_deblur};

struct bench {
  hr_deblur_config config;
  float *kernel;
  struct network features, clean;
  void *memory;
  hr_deblur *deblur;
  uint8_t *pixels;
  struct picture_writer writer;
};

static int read_kernel(struct bench *bench) {
  hr_error error = new_error();
  hr_source *source = NULL;
  hr_source_frame frame = {.struct_size = sizeof frame};
  uint8_t *rgb = NULL;
  int done = hr_source_open(&source, settings.kernel, NULL, &error) == HR_OK &&
             hr_source_next(source, &frame, &error) == HR_OK;
  if (!done) print_error(settings.kernel, &error);
  const uint32_t width = frame.frame.width, height = frame.frame.height;
  if (done && (width > 63 || height > 63)) {
    complain("%s: a blur kernel has at most 63 x 63 pixels, and this has %u x %u",
             settings.kernel, width, height);
    done = 0;
  }
  if (done) {
    rgb = malloc((size_t)3 * width * height);
    bench->kernel = malloc(sizeof(float) * width * height);
    done = (rgb && bench->kernel) || print_no_memory("the kernel");
  }
  if (done && hr_frame_to_rgb(&frame.frame, HR_FIT_STRETCH, HR_FILTER_AUTO, rgb, (size_t)3 * width, width, height,
                              &error) != HR_OK)
    done = print_error(settings.kernel, &error);
  for (size_t i = 0; done && i < (size_t)width * height; i++) bench->kernel[i] = rgb[3 * i + 1];
  bench->config.kernel = bench->kernel;
  bench->config.kernel_width = width;
  bench->config.kernel_height = height;
  free(rgb);
  hr_source_close(source);
  return done;
}

static int open_networks(struct bench *bench, const hr_session_config *config) {
  if (settings.plain) return 1;
  const int fixed = strcmp(settings.type, "fixed") == 0;
  char *features = shipped_model("deblur/features.hrm");
  char *clean = shipped_model(fixed ? "deblur/clean.hrm" : "deblur/clean.float32.hrm");
  const int done = open_network(&bench->features, features ? features : "features.hrm", config) &&
                   open_network(&bench->clean, clean ? clean : "clean.hrm", config);
  bench->config.features = bench->features.session;
  bench->config.clean = bench->clean.session;
  free(features);
  free(clean);
  return done;
}

/* Makes room for frames of this size. Prints what is wrong and returns 0 on failure, and then is ready for smaller
   ones. */
static int fit(struct bench *bench, const char *subject, uint32_t width, uint32_t height) {
  hr_deblur_config *config = &bench->config;
  if (bench->deblur && width <= config->max_width && height <= config->max_height) return 1;
  if (width > config->max_width) config->max_width = width;
  if (height > config->max_height) config->max_height = height;
  const size_t needed = hr_deblur_bytes(config);
  free(bench->memory);
  free(bench->pixels);
  bench->deblur = NULL;
  bench->memory = aligned_alloc(64, (needed + 64) & ~(size_t)63);
  bench->pixels = malloc((size_t)3 * config->max_width * config->max_height);
  hr_error error = new_error();
  if (!bench->memory || !bench->pixels)
    print_no_memory(subject);
  else if (hr_deblur_init(&bench->deblur, bench->memory, needed, config, &error) != HR_OK)
    print_error(subject, &error);
  if (!bench->deblur) config->max_width = config->max_height = 0;
  return bench->deblur != NULL;
}

static enum frame_result deblur_frame(void *context, const hr_source_frame *frame) {
  struct bench *bench = context;
  hr_error error = new_error();
  const uint32_t width = frame->frame.width, height = frame->frame.height;
  float noise;
  if (!fit(bench, frame->name, width, height)) return FRAME_LEFT_OUT;
  const uint64_t start = hr_clock_monotonic(NULL);
  if (hr_deblur_run(bench->deblur, &frame->frame, bench->pixels, (size_t)3 * width, &noise, &error) != HR_OK) {
    print_error(frame->name, &error);
    return FRAME_FAILED;
  }
  const double milliseconds = (double)(hr_clock_monotonic(NULL) - start) / 1e6;
  const struct picture picture = {.rgb = bench->pixels,
                                  .stride = (size_t)3 * width,
                                  .width = width,
                                  .height = height,
                                  .name = frame->name,
                                  .jpeg = frame->jpeg,
                                  .jpeg_bytes = frame->jpeg_bytes};
  if (!write_picture(&bench->writer, &picture)) return FRAME_FAILED;
  write_printable(stdout, frame->name, strlen(frame->name));
  printf(": noise is %.2f %% of what changes, %.0f ms", 100 * (double)noise, milliseconds);
  write_place(&bench->writer);
  fflush(stdout);
  return FRAME_DONE;
}

static int run_deblur(int count, char **arguments) {
  const char *path = NULL;
  int result = read_options(&deblur_command, options, &path, count, arguments);
  if (result >= 0) return result;
  if (!path) return wrong_usage(&deblur_command, "which SOURCE? A picture or a folder");
  if (!settings.output) return wrong_usage(&deblur_command, "where to? --output OUT");
  if (!settings.kernel) return wrong_usage(&deblur_command, "which blur? --kernel KERNEL");
  if (settings.plain && settings.type)
    return wrong_usage(&deblur_command, "--type is of the network that cleans, and --plain does without");
  if (!settings.type) settings.type = "fixed";
  if (strcmp(settings.type, "fixed") != 0 && strcmp(settings.type, "float32") != 0)
    return wrong_usage(&deblur_command, "--type takes fixed or float32, not %s", settings.type);
  result = read_output_options(&deblur_command, settings.output, &settings.quality, settings.overwrites);
  if (result >= 0) return result;
  struct bench bench = {0};
  hr_deblur_config_init(&bench.config);
  result = read_cpu_option(&deblur_command, settings.cpu, &bench.config.cpu_features);
  if (result >= 0) return result;

  hr_error error = new_error();
  hr_pool *pool;
  hr_session_config config;
  if (!open_threads(&pool, &settings.threads, bench.config.cpu_features, &config)) return EXIT_BAD_INPUT;
  hr_source *source = NULL;
  catch_interrupt();
  int done = read_kernel(&bench) && open_networks(&bench, &config) && fit(&bench, settings.kernel, 1, 1);
  if (done && hr_source_open(&source, path, NULL, &error) != HR_OK) done = print_error(path, &error);
  if (done && (done = open_writer(&bench.writer, settings.output, path, settings.quality, settings.overwrites))) {
    bench.writer.also_read = settings.kernel;
    done = each_frame(source, path, 0, &bench.writer, deblur_frame, &bench);
  }
  free(bench.memory);
  free(bench.pixels);
  free(bench.kernel);
  hr_source_close(source);
  close_network(&bench.features);
  close_network(&bench.clean);
  hr_pool_destroy(pool);
  return exit_status(done);
}
