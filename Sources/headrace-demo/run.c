/* run.c - one run of a network on arrays or a picture, for comparing it with the network it was. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cpu_option.h"
#include "exchange.h"
#include "network.h"
#include "options.h"
#include "same_file.h"
#include "text.h"
#include "threads.h"

static struct {
  struct text_list inputs;
  const char *output;
  const char *cpu;
  uint32_t threads;
  uint32_t raw;
} settings;

static const struct option options[] = {
    {"--input", OPTION_LIST, &settings.inputs, 0, 0, "FILE",
     "X.npy, or a picture (.jpg, .ppm) for a picture input; once for each input"},
    {"--output", OPTION_TEXT, &settings.output, 0, 0, "Y.npy",
     "where the output goes; further ones into Y.1.npy, Y.2.npy, ..."},
    {"-o", OPTION_TEXT, &settings.output, 0, 0, "Y.npy", "the same as --output"},
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N", "threads (default 1)"},
    CPU_OPTION(&settings.cpu),
    {"--raw", OPTION_FLAG, &settings.raw, 0, 0, NULL,
     "write integer outputs as they are, not as real numbers"},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_run(int count, char **arguments);

const struct command run_command = {
    "run",
    "Runs a network once, on arrays or a picture.",
    "MODEL.hrm --input FILE --output Y.npy",
    "Arrays are NumPy files in the order that the source network used: N x C x H x W where it had\n"
    "channels first. Integer arrays of an input's own type are its elements; others are real numbers.\n"
    "Pictures are taken as they are stored: an orientation that Exif tells is not followed.",
    "headrace-demo run head.hrm --input photo.jpg --output latent.npy",
    run_run};

static int is_array(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && strcasecmp(dot, ".npy") == 0;
}

static void write_shape(FILE *out, const uint64_t *dims, uint32_t rank) {
  if (rank == 0) fprintf(out, "a single number");
  for (uint32_t axis = 0; axis < rank; axis++)
    fprintf(out, "%s%llu", axis ? " x " : "", (unsigned long long)dims[axis]);
}

static int load_array(const hr_tensor *tensor, const char *path) {
  hr_error error = new_error();
  hr_file file;
  struct npy_array array;
  if (hr_file_map(&file, path, &error) != HR_OK) return print_error(path, &error);
  const char *problem = npy_parse(file.bytes, file.byte_count, &array);
  const int is_misshapen = !problem && !has_shape_of(tensor, &array);
  if (!problem) problem = is_misshapen ? "its shape is not the input's" : fill_tensor(tensor, &array);
  hr_file_unmap(&file);
  if (!problem) return 1;
  fputs("headrace-demo: ", stderr);
  write_printable(stderr, path, strlen(path));
  fprintf(stderr, ": %s", problem);
  if (is_misshapen) {
    uint64_t dims[HR_MAX_RANK];
    uint32_t rank = source_shape(tensor, dims);
    fprintf(stderr, ": it is ");
    write_shape(stderr, array.dims, array.rank);
    fprintf(stderr, ", the input \"");
    write_printable(stderr, tensor->name, strlen(tensor->name));
    fprintf(stderr, "\" is ");
    write_shape(stderr, dims, rank);
  }
  fprintf(stderr, "\n");
  return 0;
}

static int load_picture(const struct network *network, uint32_t index, const char *path) {
  hr_error error = new_error();
  hr_source_config config;
  hr_source_config_init(&config);
  if (hr_model_frame_size(&network->model, index, &config.width, &config.height) != HR_OK) {
    return complain("%s: input %u of %s is no picture; pass an .npy file", path,
                    index, network->path);
  }
  hr_source *source;
  if (hr_source_open(&source, path, &config, &error) != HR_OK) return print_error(path, &error);
  hr_source_frame frame = {.struct_size = sizeof frame};
  hr_status status = hr_source_next(source, &frame, &error);
  if (status == HR_OK)
    status = hr_session_set_frame(network->session, index, &frame.frame, &error);
  hr_source_close(source);
  return status == HR_OK ? 1 : print_error(path, &error);
}

/* "Y.npy", then "Y.1.npy", ...; the caller frees it. */
static char *output_path(uint32_t index) {
  char *path = NULL;
  if (index == 0) return strdup(settings.output);
  const char *dot = strrchr(settings.output, '.');
  const char *slash = strrchr(settings.output, '/');
  if (!dot || (slash && dot < slash)) dot = settings.output + strlen(settings.output);
  int length = asprintf(&path, "%.*s.%u%s", (int)(dot - settings.output), settings.output, index, dot);
  return length < 0 ? NULL : path;
}

static int write_outputs(const struct network *network) {
  for (uint32_t i = 0; i < network->requirements.output_count; i++) {
    hr_error error = new_error();
    hr_tensor tensor = {.struct_size = sizeof tensor};
    char *path = output_path(i);
    hr_status status = path ? hr_session_output(network->session, i, &tensor) : HR_OUT_OF_MEMORY;
    if (status == HR_OK) status = write_tensor(&tensor, settings.raw != 0, path, &error);
    if (status == HR_OK) {
      uint64_t dims[HR_MAX_RANK];
      uint32_t rank = source_shape(&tensor, dims);
      write_printable(stdout, path, strlen(path));
      printf(": ");
      write_printable(stdout, tensor.name, strlen(tensor.name));
      printf(", ");
      write_shape(stdout, dims, rank);
      printf("\n");
    } else {
      error.status = status;
      print_error(path ? path : settings.output, &error);
    }
    free(path);
    if (status != HR_OK) return 0;
  }
  return 1;
}

/* Says so and returns 0 if an output would take the place of the model or an input. */
static int spares_inputs(const struct network *network) {
  for (uint32_t i = 0; i < network->requirements.output_count; i++) {
    char *path = output_path(i);
    const char *lost = path && is_same_file(path, network->path) ? network->path : NULL;
    for (uint32_t k = 0; path && k < settings.inputs.count; k++)
      if (is_same_file(path, settings.inputs.values[k])) lost = settings.inputs.values[k];
    if (lost)
      complain("%s would overwrite %s; choose another --output", path, lost);
    free(path);
    if (lost || !path) return 0;
  }
  return 1;
}

static int run_once(const struct network *network) {
  hr_error error = new_error();
  if (!spares_inputs(network)) return 0;
  for (uint32_t i = 0; i < settings.inputs.count; i++) {
    const char *path = settings.inputs.values[i];
    hr_tensor tensor = {.struct_size = sizeof tensor};
    if (hr_session_input(network->session, i, &tensor) != HR_OK) return 0;
    if (!(is_array(path) ? load_array(&tensor, path) : load_picture(network, i, path))) return 0;
  }
  if (hr_session_run(network->session, &error) != HR_OK) return print_error(network->path, &error);
  return write_outputs(network);
}

static int run_run(int count, char **arguments) {
  const char *path = NULL;
  settings.threads = 1;
  int result = read_options(&run_command, options, &path, count, arguments);
  if (result >= 0) return result;
  if (!path) return wrong_usage(&run_command, "which MODEL.hrm?");
  if (settings.inputs.count == 0) return wrong_usage(&run_command, "there is no --input");
  if (!settings.output) return wrong_usage(&run_command, "there is no --output");
  uint32_t features;
  result = read_cpu_option(&run_command, settings.cpu, &features);
  if (result >= 0) return result;

  hr_pool *pool;
  hr_session_config config;
  if (!open_threads(&pool, &settings.threads, features, &config)) return EXIT_BAD_INPUT;
  struct network network;
  int done = 0;
  if (open_network(&network, path, &config)) {
    if (network.requirements.input_count == settings.inputs.count)
      done = run_once(&network);
    else
      complain("%s takes %u of --input FILE, one for each input; %u are given",
               path, network.requirements.input_count, settings.inputs.count);
    close_network(&network);
  }
  hr_pool_destroy(pool);
  return done ? EXIT_OK : EXIT_BAD_INPUT;
}
