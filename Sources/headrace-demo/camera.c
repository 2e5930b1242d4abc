/* camera.c - the main job: a frame goes through the head, its latent becomes a packet, and the tail, here on
   the same machine, tells what it saw from nothing but that. */
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
#include "since.h"
#include "still_life.h"
#include "text.h"
#include "threads.h"

enum { HIGHEST_RATE = INT32_MAX };

static struct {
  const char *head_path;
  const char *tail_path;
  const char *cpu;
  uint32_t rate;
  uint32_t threads;
  uint32_t frames;
  uint32_t json;
} settings = {.rate = HIGHEST_RATE};

static const struct option options[] = {
    {"--head", OPTION_TEXT, &settings.head_path, 0, 0, "HEAD.hrm",
     "the network that runs on the board"},
    {"--tail", OPTION_TEXT, &settings.tail_path, 0, 0, "TAIL.hrm",
     "the network that finishes the job; none with --head alone"},
    {"--rate", OPTION_NUMBER, &settings.rate, 0, HR_MAX_RATES - 1, "N",
     "how much of the latent is sent; 0 is the least (default: all of it)"},
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
    "(/dev/videoN). Without it, the program draws a picture of its own. Pictures are taken as they are\n"
    "stored: an orientation that Exif tells is not followed. Models are looked for in\n"
    "../share/headrace/models beside the program's folder, or in $HEADRACE_MODELS.\n\n"
    "In the JSON, payload_bytes are the packet's, and payload_crc32c is the CRC-32C of what is behind its\n"
    "header of 24 bytes.",
    "headrace-demo camera photo.jpg --json",
    run_camera};

struct job {
  struct network head;
  struct network tail; /* without a session if there is none */
  uint8_t packet[HR_MAX_PACKET_BYTES];
  uint32_t frames;
  int failed;
};

static int run_tail(struct job *job, size_t packet_bytes, struct frame_report *report,
                    uint64_t *clock) {
  hr_error error = new_error();
  hr_status status = hr_split_unpack(job->tail.split, job->packet, packet_bytes, NULL, &error);
  report->milliseconds.code += since(clock);
  if (status == HR_OK) status = hr_session_run(job->tail.session, &error);
  if (status == HR_OK) status = hr_answer_from_session(&report->answer, job->tail.session, TOP, &error);
  if (status != HR_OK) return print_error(job->tail.path, &error);
  report->milliseconds.tail = since(clock);
  return 1;
}

/* What runs; printed with the first frame, so that no source that fails follows it. */
static void print_banner(const struct network *head) {
  fputs(dim(stdout), stdout);
  write_printable(stdout, head->path, strlen(head->path));
  printf("%s, %s bytes, %u thread%s, %s kernels\n", plain(stdout), grouped(head->requirements.file_bytes),
         settings.threads, plural(settings.threads), hr_session_kernels(head->session));
}

static int process(struct job *job, const hr_frame *frame, struct frame_report *report) {
  hr_error error = new_error();
  size_t packet_bytes = 0;
  hr_split_request request = {.struct_size = sizeof request, .rate = settings.rate, .sequence = job->frames};
  uint64_t clock = hr_clock_monotonic(NULL);
  hr_status status = hr_session_set_frame(job->head.session, 0, frame, &error);
  report->milliseconds.prepare = since(&clock);
  if (status == HR_OK) status = hr_session_run(job->head.session, &error);
  report->milliseconds.head = since(&clock);
  if (status == HR_OK)
    status = hr_split_pack(job->head.split, &request, job->packet, sizeof job->packet, &packet_bytes, NULL,
                           &error);
  report->milliseconds.code = since(&clock);
  if (status != HR_OK) return print_error(report->source, &error);
  if (job->tail.session && !run_tail(job, packet_bytes, report, &clock)) return 0;
  report->rate = settings.rate;
  report->payload_bytes = packet_bytes;
  report->payload_crc32c =
      hr_crc32c(job->packet + HR_PACKET_HEADER_BYTES, packet_bytes - HR_PACKET_HEADER_BYTES);
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
  struct frame_report report = {.source = "still life", .answer.struct_size = sizeof report.answer};
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
  const int is_camera = !has_end(path);
  config.width = is_camera ? 640 : width;
  config.height = is_camera ? 480 : height;
  hr_source *source;
  if (hr_source_open(&source, path, &config, &error) != HR_OK) return print_error(path, &error);
  if (is_camera) complain("%s", hr_source_description(source));
  while ((settings.frames == 0 || job->frames < settings.frames) && !ferror(stdout)) {
    if (is_interrupted()) {
      if (!is_camera)
        job->failed = !print_interrupted(path, "%u frame%s", job->frames, plural(job->frames));
      break;
    }
    hr_source_frame frame = {.struct_size = sizeof frame};
    hr_status status = hr_source_next(source, &frame, &error);
    if (status == HR_END_OF_STREAM) break;
    if (status == HR_OK) {
      struct frame_report report = {.source = frame.name,
                                    .width = frame.width,
                                    .height = frame.height,
                                    .jpeg_bytes = frame.jpeg_bytes,
                                    .answer.struct_size = sizeof report.answer};
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
  if (!open_network(&job->head, head_path, config) || !open_head_end(&job->head)) return 0;
  uint32_t rates = hr_split_rates(job->head.split);
  if (settings.rate == HIGHEST_RATE) settings.rate = rates - 1;
  if (settings.rate >= rates) {
    return complain("%s: it has rates 0 to %u; pass one of them to --rate", head_path, rates - 1);
  }
  if (!tail_path) return 1;
  return open_network(&job->tail, tail_path, config) && open_tail_end(&job->tail, &job->head);
}

static int run_job(struct job *job, const char *path) {
  uint32_t width = 0, height = 0;
  if (hr_model_frame_size(&job->head.model, 0, &width, &height) != HR_OK) {
    return complain("%s: its first input is no picture; compile it with the picture's "
                    "mean and standard deviation", job->head.path);
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
  catch_interrupt();

  char *shipped_head = settings.head_path ? NULL : shipped_model("split/head.hrm");
  char *shipped_tail = settings.head_path ? NULL : shipped_model("split/tail.hrm");
  const char *head_path = settings.head_path ? settings.head_path : shipped_head;
  const char *tail_path = settings.head_path ? settings.tail_path : shipped_tail;
  static struct job job; /* a packet is too long for a small board's stack */
  hr_pool *pool = NULL;
  hr_session_config config;
  int done = 0;
  if (!head_path) {
    fprintf(stderr, "headrace-demo: the shipped models were not found; pass --head and --tail\n");
  } else if (open_threads(&pool, &settings.threads, features, &config)) {
    done = open_networks(&job, &config, head_path, tail_path) && run_job(&job, path);
  }
  close_network(&job.tail);
  close_network(&job.head);
  hr_pool_destroy(pool);
  free(shipped_tail);
  free(shipped_head);
  return exit_status(done);
}
