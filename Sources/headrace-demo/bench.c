/* bench.c - how long a network takes on this CPU, as a whole and operator by operator, and how near
   that is to what the CPU could do. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_frame.h"
#include "bench_packet.h"
#include "cpu_option.h"
#include "marker.h"
#include "network.h"
#include "options.h"
#include "peak.h"
#include "text.h"
#include "threads.h"

static struct {
  uint32_t threads;
  uint32_t repeat;
  uint32_t json;
  uint32_t markers;
  uint32_t mhz;
  const char *cpu;
} settings;

static const struct option options[] = {
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N", "threads (default 1)"},
    {"--repeat", OPTION_NUMBER, &settings.repeat, 1, 1000000, "N", "timed runs (default 20)"},
    CPU_OPTION(&settings.cpu),
    {"--mhz", OPTION_NUMBER, &settings.mhz, 1, 100000, "N",
     "the CPU's clock, for shares of its peak (default: as the system tells)"},
    {"--json", OPTION_FLAG, &settings.json, 0, 0, NULL, "one JSON object"},
    {"--markers", OPTION_FLAG, &settings.markers, 0, 0, NULL, MARKERS_HELP},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_bench(int count, char **arguments);

const struct command bench_command = {
    "bench",
    "Times a network, as a whole and operator by operator.",
    "MODEL.hrm",
    "Inputs are filled with the same pseudo-random values each time.",
    "headrace-demo bench head.hrm --threads 4 --repeat 50",
    run_bench};

/* Fills the inputs with values from -1 to 1: they may be overwritten in each run. */
static int fill_inputs(const struct network *network, float *values) {
  uint32_t state = 1;
  for (uint32_t i = 0; i < network->requirements.input_count; i++) {
    hr_tensor tensor = {.struct_size = sizeof tensor};
    if (hr_session_input(network->session, i, &tensor) != HR_OK) return 0;
    size_t count = 1;
    for (uint32_t axis = 0; axis < tensor.rank; axis++) count *= tensor.dims[axis];
    for (size_t k = 0; k < count; k++) {
      state = 1664525u * state + 1013904223u; /* Numerical Recipes */
      values[k] = (float)(state >> 16) / 32768.0f - 1.0f;
    }
    if (hr_tensor_write_float(&tensor, values, count) != HR_OK) return 0;
  }
  return 1;
}

static size_t largest_input(const struct network *network) {
  size_t largest = 0;
  for (uint32_t i = 0; i < network->requirements.input_count; i++) {
    hr_tensor tensor = {.struct_size = sizeof tensor};
    if (hr_model_input(&network->model, i, &tensor) != HR_OK) return 0;
    size_t count = 1;
    for (uint32_t axis = 0; axis < tensor.rank; axis++) count *= tensor.dims[axis];
    if (count > largest) largest = count;
  }
  return largest;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

struct result {
  double *runs;      /* milliseconds, sorted in the end */
  double *operators; /* milliseconds, summed over runs of their own */
  hr_type *types;    /* of each operator's output */
  int takes_frames;
  double frames[FRAME_FORMATS]; /* milliseconds of converting one */
  uint32_t rates; /* of a head */
  struct packet_cost packets[HR_MAX_RATES];
};

static void note_type(void *types, uint32_t index, const hr_tensor *output) {
  ((hr_type *)types)[index] = output->type;
}

static hr_operator_profile profile_of(const struct network *network, uint32_t index) {
  hr_operator_profile profile = {.struct_size = sizeof profile};
  if (hr_session_profile(network->session, index, &profile) != HR_OK) {
    profile.operator_name = "";
    profile.output_name = "";
  }
  return profile;
}

/* Runs the network `runs` times in a session of its own, and adds up what operators took. */
static int run_apart(const char *path, const hr_session_config *config, float *values, uint32_t runs,
                     double *operators) {
  hr_error error = new_error();
  struct network network;
  if (!open_network(&network, path, config)) return 0;
  int done = 1;
  for (uint32_t i = 0; done && i < runs; i++) {
    done = fill_inputs(&network, values) && hr_session_run(network.session, &error) == HR_OK;
    for (uint32_t k = 0; done && k < network.requirements.operator_count; k++)
      operators[k] += (double)profile_of(&network, k).nanoseconds / 1e6;
  }
  if (!done) print_error(path, &error);
  close_network(&network);
  return done;
}

/* The operators' types and times, of as many runs again: noting either takes time from whole runs. */
static int profile_operators(const char *path, const hr_session_config *clocked, float *values,
                             struct result *result) {
  hr_session_config noting = *clocked;
  noting.clock = NULL;
  noting.observer = note_type;
  noting.observer_context = result->types;
  return run_apart(path, &noting, values, 1, result->operators) &&
         (settings.markers || run_apart(path, clocked, values, settings.repeat, result->operators));
}

/* The least milliseconds in which the CPU could do the operator's work; 0: not known, or none. */
static double least_milliseconds(const hr_operator_profile *profile, hr_type type) {
  const double cycles_in_ms = settings.mhz * 1e3 * settings.threads;
  const double peak = peak_macs_per_cycle(type) * cycles_in_ms;
  return peak > 0 ? (double)profile->macs / peak : 0;
}

static void write_percent(double least, double taken, const char *format, const char *unknown) {
  if (least > 0 && taken > 0)
    printf(format, 100 * least / taken);
  else
    fputs(unknown, stdout);
}

static int measure(const struct network *network, float *values, struct result *result) {
  hr_error error = new_error();
  const uint32_t warm_up = settings.repeat < 3 ? 1 : 2;
  if (settings.markers) mark_nothing();
  for (uint32_t i = 0; i < warm_up + settings.repeat; i++) {
    if (!fill_inputs(network, values)) return 0;
    const int is_timed = i >= warm_up;
    if (is_timed && settings.markers) mark(MARK_BEGIN);
    uint64_t start = hr_clock_monotonic(NULL);
    hr_status status = hr_session_run(network->session, &error);
    uint64_t end = hr_clock_monotonic(NULL);
    if (is_timed && settings.markers) mark(i - warm_up + 1);
    if (status != HR_OK) return print_error(network->path, &error);
    if (!is_timed) continue;
    result->runs[i - warm_up] = (double)(end - start) / 1e6;
  }
  qsort(result->runs, settings.repeat, sizeof *result->runs, ascending);
  return 1;
}

static const char *name_of(hr_type type) {
  switch (type) {
    case HR_FLOAT32: return "float32";
    case HR_INT8: return "int8";
    case HR_INT16: return "int16";
    case HR_INT32: return "int32";
    case HR_INT64: return "int64";
  }
  return "none";
}

/* The type of the first input: what the model computes in. */
static const char *type_of(const struct network *network) {
  hr_tensor tensor = {.struct_size = sizeof tensor};
  if (hr_model_input(&network->model, 0, &tensor) != HR_OK) return "none";
  return name_of(tensor.type);
}

/* The least time for all operators; 0 if any of them has work whose least time is not known. */
static double least_of_all(const struct network *network, const struct result *result) {
  double sum = 0;
  for (uint32_t i = 0; i < network->requirements.operator_count; i++) {
    hr_operator_profile profile = profile_of(network, i);
    double least = least_milliseconds(&profile, result->types[i]);
    if (profile.macs && least == 0) return 0;
    sum += least;
  }
  return sum;
}

static double median(const double *sorted, uint32_t count) {
  return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

/* Of the bytes of each output of the last run: what fixed point computes is the same on every CPU. */
static void write_checksums(const struct network *network) {
  hr_tensor output = {.struct_size = sizeof output};
  printf(", \"outputs_crc32c\": [");
  for (uint32_t i = 0; hr_session_output(network->session, i, &output) == HR_OK; i++)
    printf("%s\"%08x\"", i ? ", " : "", hr_crc32c(output.data, output.bytes));
  printf("]");
}

static void write_json(const struct network *network, const struct result *result) {
  const hr_requirements *needs = &network->requirements;
  printf("{\"model\": ");
  write_json_string(stdout, network->path, strlen(network->path));
  printf(", \"type\": \"%s\", \"threads\": %u, \"repeat\": %u, \"median_ms\": %.4f, "
         "\"min_ms\": %.4f, \"macs\": %llu, \"arena_bytes\": %llu, \"model_bytes\": %llu, "
         "\"kernels\": \"%s\", \"clock_mhz\": ",
         type_of(network), settings.threads, settings.repeat,
         median(result->runs, settings.repeat), result->runs[0], (unsigned long long)needs->macs,
         (unsigned long long)needs->arena_bytes, (unsigned long long)needs->file_bytes,
         hr_session_kernels(network->session));
  if (settings.mhz)
    printf("%u", settings.mhz);
  else
    printf("null");
  printf(", \"percent_of_peak\": ");
  write_percent(least_of_all(network, result), median(result->runs, settings.repeat), "%.2f", "null");
  write_checksums(network);
  for (int i = 0; result->takes_frames && i < FRAME_FORMATS; i++)
    printf("%s\"%s\": %.4f%s", i ? ", " : ", \"frame_640x480_ms\": {", frame_format_names[i],
           result->frames[i], i + 1 == FRAME_FORMATS ? "}" : "");
  for (uint32_t rate = 0; rate < result->rates; rate++)
    printf("%s{\"rate\": %u, \"bytes\": %zu, \"milliseconds\": %.4f}%s", rate ? ", " : ", \"packets\": [", rate,
           result->packets[rate].bytes, result->packets[rate].milliseconds, rate + 1 == result->rates ? "]" : "");
  printf(", \"operators\": [");
  for (uint32_t i = 0; i < needs->operator_count; i++) {
    hr_operator_profile profile = profile_of(network, i);
    printf("%s{\"index\": %u, \"operator\": \"%s\", \"output\": ", i ? ", " : "", i,
           profile.operator_name);
    write_json_string(stdout, profile.output_name, strlen(profile.output_name));
    printf(", \"type\": \"%s\", \"milliseconds\": %.4f, \"macs\": %llu, \"percent_of_peak\": ",
           name_of(result->types[i]), result->operators[i] / settings.repeat,
           (unsigned long long)profile.macs);
    write_percent(least_milliseconds(&profile, result->types[i]),
                  result->operators[i] / settings.repeat, "%.2f}", "null}");
  }
  printf("]}\n");
}

static void write_text(const struct network *network, const struct result *result) {
  const hr_requirements *needs = &network->requirements;
  fputs(bold(stdout), stdout);
  write_printable(stdout, network->path, strlen(network->path));
  printf("%s  %s, %u thread%s, %s kernels\n", plain(stdout), type_of(network), settings.threads,
         plural(settings.threads), hr_session_kernels(network->session));
  printf("  median %.3f ms, minimum %.3f ms of %u run%s\n", median(result->runs, settings.repeat),
         result->runs[0], settings.repeat, plural(settings.repeat));
  for (int i = 0; result->takes_frames && i < FRAME_FORMATS; i++)
    printf("%s%s %.3f ms%s", i ? ", " : "  a frame of 640 x 480 becomes its input in: ", frame_format_names[i],
           result->frames[i], i + 1 == FRAME_FORMATS ? "\n" : "");
  if (result->rates)
    printf("  its latent becomes a packet of %zu bytes in %.3f ms, at rate 0 of %zu bytes in %.3f ms\n",
           result->packets[result->rates - 1].bytes, result->packets[result->rates - 1].milliseconds,
           result->packets[0].bytes, result->packets[0].milliseconds);
  printf("  %s MACs, %s bytes of arena, %s bytes of model\n\n", grouped(needs->macs),
         grouped(needs->arena_bytes), grouped(needs->file_bytes));
  printf("  %s%5s  %-20s %-8s %10s %6s %14s %7s  %s%s\n", dim(stdout), "index", "operator", "type",
         "ms", "share", "MACs", "of peak", "output", plain(stdout));
  double sum = 0;
  for (uint32_t i = 0; i < needs->operator_count; i++) sum += result->operators[i];
  for (uint32_t i = 0; i < needs->operator_count; i++) {
    hr_operator_profile profile = profile_of(network, i);
    printf("  %5u  %-20s %-8s %10.4f %5.1f%% %14s ", i, profile.operator_name,
           name_of(result->types[i]), result->operators[i] / settings.repeat,
           sum > 0 ? 100 * result->operators[i] / sum : 0, grouped(profile.macs));
    write_percent(least_milliseconds(&profile, result->types[i]),
                  result->operators[i] / settings.repeat, "%6.1f%%  ", "      -  ");
    write_printable(stdout, profile.output_name, strlen(profile.output_name));
    printf("\n");
  }
}

static int bench(const char *path, const hr_session_config *clocked) {
  hr_session_config config = *clocked;
  config.clock = NULL; /* what is timed, or counted, is the network alone */
  struct network network;
  if (!open_network(&network, path, &config)) return 0;
  float *values = malloc((largest_input(&network) + 1) * sizeof *values);
  struct result result = {calloc(settings.repeat, sizeof *result.runs),
                          calloc(network.requirements.operator_count + 1, sizeof(double)),
                          calloc(network.requirements.operator_count + 1, sizeof(hr_type)),
                          0,
                          {0},
                          0,
                          {{0}}};
  int has_memory = values && result.runs && result.operators && result.types;
  if (!has_memory) print_no_memory(path);
  /* Before the network's outputs, whose memory may be the input's. */
  if (has_memory && !settings.markers)
    result.takes_frames = measure_frames(&network, settings.repeat, result.frames);
  int done = has_memory && profile_operators(path, clocked, values, &result) &&
             measure(&network, values, &result);
  if (done && !settings.markers) result.rates = measure_packets(&network, settings.repeat, result.packets);
  if (done && settings.json) write_json(&network, &result);
  if (done && !settings.json) write_text(&network, &result);
  free(result.types);
  free(result.operators);
  free(result.runs);
  free(values);
  close_network(&network);
  return done;
}

static int run_bench(int count, char **arguments) {
  const char *path = NULL;
  settings.threads = 1;
  settings.repeat = 20;
  int result = read_options(&bench_command, options, &path, count, arguments);
  if (result >= 0) return result;
  if (!path) return wrong_usage(&bench_command, "which MODEL.hrm?");
  uint32_t features;
  result = read_cpu_option(&bench_command, settings.cpu, &features);
  if (result >= 0) return result;
  if (settings.mhz == 0) settings.mhz = system_clock_mhz();
  hr_pool *pool;
  hr_session_config config;
  if (!open_threads(&pool, &settings.threads, features, &config)) return EXIT_BAD_INPUT;
  int done = bench(path, &config);
  hr_pool_destroy(pool);
  return done ? EXIT_OK : EXIT_BAD_INPUT;
}
