/* camera.c - the main job: a frame goes through the head, its latent is packed, and the tail, here on
   the same machine, tells what it saw from nothing but the payload. */
#define _GNU_SOURCE
#include "camera.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu_option.h"
#include "interrupt.h"
#include "network.h"
#include "options.h"
#include "still_life.h"
#include "text.h"

static struct {
  const char *head_path;
  const char *tail_path;
  const char *cpu;
  uint32_t rate;
  uint32_t threads;
  uint32_t frames;
  uint32_t json;
} settings;

static const struct option options[] = {
    {"--head", OPTION_TEXT, &settings.head_path, 0, 0, "HEAD.hrm",
     "the network that runs on the board"},
    {"--tail", OPTION_TEXT, &settings.tail_path, 0, 0, "TAIL.hrm",
     "the network that finishes the job; none with --head alone"},
    {"--rate", OPTION_NUMBER, &settings.rate, 0, HR_MAX_RATE, "N",
     "drop the latent's N lowest bits, 0 ... 6 (default 0)"},
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N",
     "threads that run the networks (default: all CPUs)"},
    {"--frames", OPTION_NUMBER, &settings.frames, 1, UINT32_MAX, "N", "stop after N frames"},
    CPU_OPTION(&settings.cpu),
    {"--json", OPTION_FLAG, &settings.json, 0, 0, NULL, "one JSON object a frame"},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_camera(int count, char **arguments);

const struct command camera_command = {
    "camera",
    "Sends a frame through a compressed head and tells what it shows.",
    "[SOURCE]",
    "SOURCE is a JPEG, a PPM or PGM, a folder of such, an MJPEG file (.mjpeg, .mjpg) or a camera\n"
    "(/dev/videoN). Without it, the program draws a picture of its own. Models are looked for in\n"
    "../share/headrace/models beside the program's folder, or in $HEADRACE_MODELS.\n\n"
    "In the JSON, payload_crc32c is the payload's own CRC-32C: of all its bytes but the last four,\n"
    "which hold it.",
    "headrace-demo camera photo.jpg --json",
    run_camera};

struct job {
  struct network head;
  struct network tail; /* without a session if there is none */
  uint8_t *payload;
  size_t payload_capacity;
  float *probabilities;
  size_t class_count;
  uint32_t frames;
  int failed;
};

static double since(uint64_t *start) {
  uint64_t now = hr_clock_monotonic(NULL);
  double milliseconds = (double)(now - *start) / 1e6;
  *start = now;
  return milliseconds;
}

/* The classes that are likeliest, best first. The tail's output is one probability a class. */
static uint32_t rank(const float *probabilities, size_t count, struct answer *answers) {
  uint32_t found = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t place = found < TOP ? found : TOP;
    while (place > 0 && answers[place - 1].probability < probabilities[i]) {
      if (place < TOP) answers[place] = answers[place - 1];
      place--;
    }
    if (place < TOP) {
      answers[place] = (struct answer){(uint32_t)i, probabilities[i]};
      if (found < TOP) found++;
    }
  }
  return found;
}

static int run_tail(struct job *job, size_t payload_bytes, struct frame_report *report,
                    uint64_t *clock) {
  hr_error error = new_error();
  hr_status status =
      hr_payload_unpack(job->tail.session, 0, job->payload, payload_bytes, &error);
  report->milliseconds.code += since(clock);
  if (status == HR_OK) status = hr_session_run(job->tail.session, &error);
  if (status != HR_OK) return print_error(job->tail.path, &error);
  hr_tensor output = {.struct_size = sizeof output};
  if (hr_session_output(job->tail.session, 0, &output) != HR_OK ||
      hr_tensor_read_float(&output, job->probabilities, job->class_count) != HR_OK) {
    fprintf(stderr, "headrace-demo: %s: its output cannot be read\n", job->tail.path);
    return 0;
  }
  report->answer_count = rank(job->probabilities, job->class_count, report->answers);
  report->milliseconds.tail = since(clock);
  return 1;
}

/* What runs; printed with the first frame, so that no source that fails follows it. */
static void print_banner(const struct network *head) {
  printf("%s%s%s, %s bytes, %s threads, %s kernels\n", dim(stdout), head->path, plain(stdout),
         grouped(head->requirements.file_bytes), grouped(settings.threads),
         hr_session_kernels(head->session));
}

static int process(struct job *job, const hr_frame *frame, struct frame_report *report) {
  hr_error error = new_error();
  size_t payload_bytes = 0;
  uint64_t clock = hr_clock_monotonic(NULL);
  hr_status status = hr_session_set_frame(job->head.session, 0, frame, &error);
  report->milliseconds.prepare = since(&clock);
  if (status == HR_OK) status = hr_session_run(job->head.session, &error);
  report->milliseconds.head = since(&clock);
  if (status == HR_OK)
    status = hr_payload_pack(job->head.session, 0, settings.rate, job->payload,
                             job->payload_capacity, &payload_bytes, &error);
  report->milliseconds.code = since(&clock);
  if (status != HR_OK) return print_error(report->source, &error);
  if (job->tail.session && !run_tail(job, payload_bytes, report, &clock)) return 0;
  report->rate = settings.rate;
  report->payload_bytes = payload_bytes;
  /* Without the CRC that the payload ends with: over both, every payload's CRC is the same number. */
  report->payload_crc32c = hr_crc32c(job->payload, payload_bytes - sizeof(uint32_t));
  const hr_model *tail = job->tail.session ? &job->tail.model : NULL;
  if (settings.json) {
    write_report_as_json(report, tail);
  } else {
    if (job->frames == 0) print_banner(&job->head);
    printf("\n");
    write_report_as_text(report, tail);
  }
  job->frames++;
  return 1;
}

/* Draws a picture, encodes it, and takes it as any other JPEG. */
static int process_still_life(struct job *job, uint32_t width, uint32_t height) {
  hr_error error = new_error();
  struct frame_report report = {.source = "still life"};
  uint8_t *jpeg = NULL;
  uint8_t *rgb = malloc(STILL_LIFE_WIDTH * STILL_LIFE_HEIGHT * 3);
  hr_jpeg_info info = {.struct_size = sizeof info};
  hr_frame frame;
  hr_status status = HR_OUT_OF_MEMORY;
  if (rgb) {
    draw_still_life(rgb);
    status = hr_jpeg_encode(rgb, STILL_LIFE_WIDTH * 3, STILL_LIFE_WIDTH, STILL_LIFE_HEIGHT, 85, &jpeg,
                            &report.jpeg_bytes, &error);
  }
  uint64_t clock = hr_clock_monotonic(NULL);
  if (status == HR_OK)
    status = hr_jpeg_inspect(jpeg, report.jpeg_bytes, width, height, &info, &error);
  if (status == HR_OK)
    status = hr_jpeg_decode(jpeg, report.jpeg_bytes, &info, rgb,
                            STILL_LIFE_WIDTH * STILL_LIFE_HEIGHT * 3, &error);
  if (status == HR_OK)
    status = hr_frame_wrap(&frame, HR_RGB24, info.decoded_width, info.decoded_height, rgb,
                           info.rgb_bytes, &error);
  report.milliseconds.decode = since(&clock);
  report.width = info.width;
  report.height = info.height;
  int done = status == HR_OK ? process(job, &frame, &report) : print_error(report.source, &error);
  hr_jpeg_free(jpeg);
  free(rgb);
  return done;
}

static int process_source(struct job *job, const char *path, uint32_t width, uint32_t height) {
  hr_error error = new_error();
  hr_source_config config;
  hr_source_config_init(&config);
  /* A file may be decoded as small as the head needs; a camera gets its usual size, so that the aspect
     is its own. */
  int is_camera = strncmp(path, "/dev/", 5) == 0;
  config.width = is_camera ? 640 : width;
  config.height = is_camera ? 480 : height;
  hr_source *source;
  if (hr_source_open(&source, path, &config, &error) != HR_OK) return print_error(path, &error);
  if (is_camera) fprintf(stderr, "headrace-demo: %s\n", hr_source_description(source));
  while (!is_interrupted() && (settings.frames == 0 || job->frames < settings.frames)) {
    hr_source_frame frame = {.struct_size = sizeof frame};
    hr_status status = hr_source_next(source, &frame, &error);
    if (status == HR_END_OF_STREAM) break;
    if (status == HR_OK) {
      struct frame_report report = {.source = frame.name,
                                    .width = frame.width,
                                    .height = frame.height,
                                    .jpeg_bytes = frame.jpeg_bytes};
      report.milliseconds.decode = (double)frame.decode_ns / 1e6;
      if (!process(job, &frame.frame, &report)) job->failed = 1;
    } else {
      print_error(frame.name ? frame.name : path, &error);
      job->failed = 1;
      if (status != HR_BAD_PICTURE) break;
    }
  }
  hr_source_close(source);
  return !job->failed;
}

static int open_networks(struct job *job, const hr_session_config *config, const char *head_path,
                         const char *tail_path) {
  if (!open_network(&job->head, head_path, config)) return 0;
  job->payload_capacity = hr_payload_bound(job->head.session, 0);
  if (job->payload_capacity == 0) {
    fprintf(stderr, "headrace-demo: %s: its first output is no int8 or int16 latent; compile it with "
            "--type int8 or int16x8\n", head_path);
    return 0;
  }
  if (!(job->payload = malloc(job->payload_capacity))) return print_no_memory(head_path);
  if (!tail_path) return 1;
  if (!open_network(&job->tail, tail_path, config)) return 0;
  hr_tensor output = {.struct_size = sizeof output};
  if (hr_model_output(&job->tail.model, 0, &output) != HR_OK) return 0;
  job->class_count = 1;
  for (uint32_t axis = 0; axis < output.rank; axis++) job->class_count *= output.dims[axis];
  job->probabilities = calloc(job->class_count, sizeof *job->probabilities);
  return job->probabilities ? 1 : print_no_memory(tail_path);
}

static int run_job(struct job *job, const char *path) {
  uint32_t width = 0, height = 0;
  if (hr_model_frame_size(&job->head.model, 0, &width, &height) != HR_OK) {
    fprintf(stderr, "headrace-demo: %s: its first input is no picture; compile it with the picture's "
            "mean and standard deviation\n", job->head.path);
    return 0;
  }
  return path ? process_source(job, path, width, height) : process_still_life(job, width, height);
}

static int run_camera(int count, char **arguments) {
  const char *path = NULL;
  int result = read_options(&camera_command, options, &path, count, arguments);
  if (result >= 0) return result;
  uint32_t features;
  result = read_cpu_option(&camera_command, settings.cpu, &features);
  if (result >= 0) return result;
  if (settings.tail_path && !settings.head_path)
    return wrong_usage(&camera_command, "--tail needs the --head that it belongs to");
  if (!settings.threads) settings.threads = hr_cpu_count() < 64 ? hr_cpu_count() : 64;
  catch_interrupt();

  char *shipped_head = settings.head_path ? NULL : shipped_model("bottlefit/head.hrm");
  char *shipped_tail = settings.head_path ? NULL : shipped_model("bottlefit/tail.hrm");
  const char *head_path = settings.head_path ? settings.head_path : shipped_head;
  const char *tail_path = settings.head_path ? settings.tail_path : shipped_tail;
  struct job job = {0};
  hr_pool *pool = NULL;
  hr_error error = new_error();
  int done = 0;
  if (!head_path) {
    fprintf(stderr, "headrace-demo: the shipped models were not found; pass --head and --tail\n");
  } else if (hr_pool_create(&pool, settings.threads, &error) != HR_OK) {
    print_error("threads", &error);
  } else {
    hr_session_config config;
    hr_session_config_init(&config);
    hr_pool_configure(pool, &config);
    config.cpu_features = features;
    done = open_networks(&job, &config, head_path, tail_path) && run_job(&job, path);
  }
  free(job.probabilities);
  free(job.payload);
  close_network(&job.tail);
  close_network(&job.head);
  hr_pool_destroy(pool);
  free(shipped_tail);
  free(shipped_head);
  return done ? EXIT_OK : EXIT_BAD_INPUT;
}
