/* send.c - the split in earnest: a frame goes through the head, the exit on the board answers it where it is sure, and
   else the tail does, by way of a link. Whatever becomes of the link, each frame is answered within its time: when that
   is over, or the link is down, by the exit. */
#define _GNU_SOURCE
#include "send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_option.h"
#include "interrupt.h"
#include "network.h"
#include "options.h"
#include "send_heads.h"
#include "send_source.h"
#include "since.h"
#include "text.h"
#include "threads.h"

/* Where frames come as fast as they are taken, two are on their way: one that the tail works on, and one that waits
   there, which a tail that serves many would give up for a third. */
enum { PENDING = 64, STILL_LIFE_FPS = 10, IN_FLIGHT = 4, UNPACED = 2, RETRY_MS = 1000 };
static const char default_threshold[] = "0.395"; /* costs at most half a point of accuracy, as the card of split says */

static struct {
  const char *to;
  struct text_list heads;
  struct text_list exits;
  const char *rate;
  const char *threshold;
  const char *cpu;
  uint32_t max_bytes;
  uint32_t deadline;
  uint32_t threads;
  uint32_t fps;
  uint32_t frames;
  uint32_t json;
} settings;

static const struct option options[] = {
    {"--to", OPTION_TEXT, &settings.to, 0, 0, "ADDRESS",
     "where the tail is: udp://HOST:PORT, tcp://HOST:PORT, mqtt://HOST:PORT/TOPIC or "
     "http://HOST:PORT/v2/models/NAME"},
    {"--head", OPTION_LIST, &settings.heads, 0, 0, "HEAD.hrm",
     "the network that runs on the board; again for the same classes at another size of picture"},
    {"--exit", OPTION_LIST, &settings.exits, 0, 0, "EXIT.hrm",
     "a network that answers from a head's latent on the board, one for each --head or none"},
    {"--rate", OPTION_TEXT, &settings.rate, 0, 0, "N",
     "0, the smallest packets, to what the head has, or auto (default): head and rate by what the link carries in time"},
    {"--max-bytes", OPTION_NUMBER, &settings.max_bytes, HR_PACKET_HEADER_BYTES, HR_MAX_PACKET_BYTES, "N",
     "the most that a packet has"},
    {"--deadline", OPTION_NUMBER, &settings.deadline, 10, 60000, "MS",
     "when a frame is answered at the latest (default 500)"},
    {"--threshold", OPTION_TEXT, &settings.threshold, 0, 0, "P",
     "how sure the exit must be to answer by itself, 0 ... 1; 1: never (default 0.395)"},
    {"--fps", OPTION_NUMBER, &settings.fps, 1, 1000, "N", "frames a second (default: as they come)"},
    {"--frames", OPTION_NUMBER, &settings.frames, 1, UINT32_MAX, "N", "stop after N frames"},
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N",
     "threads that run the networks (default: all CPUs)"},
    CPU_OPTION(&settings.cpu),
    {"--json", OPTION_FLAG, &settings.json, 0, 0, NULL, "one JSON object a frame, and one with all counts at the end"},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_send(int count, char **arguments);

const struct command send_command = {
    "send",
    "Sends frames through a head on this board to a tail elsewhere.",
    "[SOURCE]",
    "SOURCE is as for camera; without it, a picture of the program's own is sent over and over. Every\n"
    "frame is answered: by the exit if it is sure, else by the tail, and by the exit all the same\n"
    "(\"fallback\") if the tail does not answer by the deadline or the link is down. headrace serve is a\n"
    "tail. Models are looked for as by camera; the tail has to belong to the head. Of several heads a\n"
    "frame goes through that of the largest pictures that come in time, and each has a tail of its own\n"
    "there.\n\n"
    "In the JSON, payload_crc32c is that of a packet's body, which is the same for the same frame and\n"
    "rate; milliseconds.tail is what answering took, by the tail or the exit, latency_ms the time from\n"
    "before the picture was decoded to the answer; the last line has all counts.",
    "headrace-demo send photos/ --to udp://192.168.1.10:7000 --json",
    run_send};

struct job {
  struct send_heads heads;
  struct send_head *at; /* of the frame that is worked on */
  hr_link *link;
  uint8_t *packet; /* HR_MAX_PACKET_BYTES */
  size_t tensor_bytes; /* of the last latent that was sent as it is, with all that was around it */
  float threshold;
  int is_auto;
  struct pace pace;
  struct sent_frame pending[PENDING]; /* sent, and not answered */
  uint32_t pending_count;
  struct send_totals totals;
  int is_measured; /* what heads take */
  int has_complained;
  int failed;
};

static uint64_t deadline_of(const struct sent_frame *frame) {
  return frame->began_ns + (uint64_t)settings.deadline * 1000000;
}

static hr_link_state link_state(const struct job *job) {
  hr_link_state state = {.struct_size = sizeof state};
  hr_link_status(job->link, &state);
  return state;
}

/* ---- Answers ----------------------------------------------------------------------------- */

static const hr_model *labels_of(const struct job *job) {
  const struct send_head *first = &job->heads.at[0];
  return first->exit.session ? &first->exit.model : &first->head.model;
}

static void tell(struct job *job, struct sent_frame *frame, enum place place) {
  frame->place = place;
  frame->latency_ms = (double)(hr_clock_monotonic(NULL) - frame->began_ns) / 1e6;
  if (place == AT_EXIT || place == AT_FALLBACK) {
    if (!frame->exit_class_count) frame->place = AT_NOBODY;
    frame->answer = frame->exit_class;
    frame->answer_ms = frame->milliseconds.exit;
  }
  job->totals.frames++;
  switch (frame->place) {
    case AT_NOBODY: job->totals.unanswered++; break;
    case AT_EXIT: job->totals.exit++; break;
    case AT_TAIL: job->totals.tail++; break;
    case AT_FALLBACK: job->totals.fallback++; break;
  }
  const hr_link_state state = link_state(job);
  if (settings.json) write_sent_as_json(frame, &state, labels_of(job));
  else write_sent_as_text(frame, &state, labels_of(job), &job->totals);
}

static void finish(struct job *job, struct sent_frame *frame, enum place place) {
  tell(job, frame, place);
  frame->is_used = 0;
  if (--job->pending_count == 0) pace_note_free(&job->pace);
}

static void take_answer(struct job *job, const hr_answer *answer) {
  for (int i = 0; i < PENDING; i++) {
    struct sent_frame *frame = &job->pending[i];
    if (!frame->is_used || frame->sequence != answer->sequence) continue;
    frame->round_trip_ms = (double)(hr_clock_monotonic(NULL) - frame->sent.sent_ns) / 1e6;
    pace_note_heard(&job->pace, &frame->sent);
    if (answer->status == HR_OK || answer->status == HR_NOT_FOUND) note_tail(frame->head, answer->status == HR_OK);
    if (!tells_class(frame->head, answer)) {
      job->totals.refused_by_tail++;
      /* A tail that is busy says so by HR_TIMED_OUT: nothing is wrong. */
      if (answer->status != HR_TIMED_OUT && !job->has_complained++) {
        if (!settings.json) fprintf(stderr, "\n");
        complain_of_tail(frame->head, answer, settings.to);
      }
      finish(job, frame, AT_FALLBACK);
      return;
    }
    frame->answer = answer->classes[0];
    frame->answer_ms = (double)answer->tail_us / 1000;
    pace_note_answer(&job->pace, &frame->sent, answer->tail_us);
    finish(job, frame, AT_TAIL);
    return;
  }
}

static void give_up_late(struct job *job) {
  const uint64_t now = hr_clock_monotonic(NULL);
  const int is_down = link_state(job).health == HR_LINK_DOWN && link_state(job).in_flight == 0;
  for (int i = 0; i < PENDING; i++) {
    if (!job->pending[i].is_used || !(is_down || now >= deadline_of(&job->pending[i]))) continue;
    pace_note_late(&job->pace, &job->pending[i].sent);
    finish(job, &job->pending[i], AT_FALLBACK);
  }
}

static void note_in_flight(struct job *job) {
  pace_note_nothing_in_flight(&job->pace);
  for (int i = 0; i < PENDING; i++)
    if (job->pending[i].is_used) pace_note_in_flight(&job->pace, &job->pending[i].sent);
}

/* The next time at which a frame's deadline is over, or `until` if that is earlier. */
static uint64_t next_deadline(const struct job *job, uint64_t until) {
  for (int i = 0; i < PENDING; i++)
    if (job->pending[i].is_used && deadline_of(&job->pending[i]) < until) until = deadline_of(&job->pending[i]);
  return until;
}

/* Takes answers until a time, or until at most so many frames wait for one; -1: until the time. */
static void listen_until(struct job *job, uint64_t until, int most_pending) {
  for (;;) {
    hr_answer answer = {.struct_size = sizeof answer};
    const uint64_t now = hr_clock_monotonic(NULL), wake = next_deadline(job, until);
    const int is_over = now >= until || (int)job->pending_count <= most_pending || is_interrupted();
    const uint32_t ms = is_over || wake <= now ? 0 : (uint32_t)((wake - now + 999999) / 1000000);
    /* Not long at a time: the link may go down in between. */
    while (hr_link_receive(job->link, ms < 20 ? ms : 20, &answer, NULL) == HR_OK) take_answer(job, &answer);
    give_up_late(job);
    if (is_over) return;
  }
}

/* ---- Frames ------------------------------------------------------------------------------ */

static hr_status pack(struct job *job, struct sent_frame *frame, uint32_t rate, hr_split_result *result,
                      hr_error *error) {
  const hr_split_request request = {.struct_size = sizeof request,
                                    .rate = rate,
                                    .sequence = frame->sequence,
                                    .max_bytes = settings.max_bytes,
                                    .capture_us = frame->began_ns / 1000};
  frame->rate = rate;
  result->struct_size = sizeof *result;
  return hr_split_pack(job->at->head.split, &request, job->packet, HR_MAX_PACKET_BYTES, &frame->sent.bytes, result,
                       error);
}

static double seconds_left(const struct sent_frame *frame) {
  const uint64_t now = hr_clock_monotonic(NULL), end = deadline_of(frame);
  return end > now ? (double)(end - now) / 1e9 : 0;
}

/* Makes the packet as small as the link's pace wants it. 0: not even the smallest would be answered in time. */
static int fit(struct job *job, struct sent_frame *frame, hr_split_result *result, hr_error *error) {
  const hr_link_state state = link_state(job);
  const double left_s = seconds_left(frame);
  while (!pace_allows(&job->pace, &state, frame->sent.bytes, frame->rate, left_s)) {
    if (frame->rate == 0) return pace_may_try(&job->pace, &state, frame->sent.bytes, left_s);
    if (pack(job, frame, frame->rate - 1, result, error) != HR_OK) return 0;
  }
  return 1;
}

static hr_status send_packet(struct job *job, struct sent_frame *frame, hr_error *error) {
  uint64_t clock = hr_clock_monotonic(NULL);
  hr_split_result result;
  hr_status status = pack(job, frame, job->at->rate, &result, error);
  int is_worth_it = 1;
  if (status == HR_OK) frame->largest_bytes = frame->sent.bytes;
  if (status == HR_OK && job->is_auto) is_worth_it = fit(job, frame, &result, error);
  frame->milliseconds.code = since(&clock);
  if (status != HR_OK) return status;
  frame->layers = result.layers;
  frame->precision = result.precision;
  frame->payload_crc32c =
      hr_crc32c(job->packet + HR_PACKET_HEADER_BYTES, frame->sent.bytes - HR_PACKET_HEADER_BYTES);
  frame->sent.sent_ns = clock;
  status = is_worth_it ? hr_link_send(job->link, job->packet, frame->sent.bytes, error) : HR_DEVICE_ERROR;
  const hr_link_state state = link_state(job);
  if (status == HR_OK) pace_note_sent(&job->pace, &state, &frame->sent, frame->rate);
  else frame->sent.bytes = 0;
  return status;
}

static hr_status send_tensor(struct job *job, struct sent_frame *frame, hr_error *error) {
  hr_tensor latent = {.struct_size = sizeof latent};
  hr_status status = hr_session_output(job->at->head.session, 0, &latent);
  if (status != HR_OK) return status;
  const hr_link_state before = link_state(job);
  if (!pace_allows_whole(&job->pace, &before, job->tensor_bytes, seconds_left(frame))) return HR_DEVICE_ERROR;
  frame->sent.sent_ns = hr_clock_monotonic(NULL);
  status = hr_link_send_tensor(job->link, &latent, frame->sequence, frame->began_ns / 1000, error);
  if (status != HR_OK) return status;
  /* As JSON it has more bytes than the latent; where it waits, it has as many as the one before. */
  const hr_link_state after = link_state(job);
  if (after.sent == before.sent + 1) job->tensor_bytes = (size_t)(after.bytes_sent - before.bytes_sent);
  frame->sent.bytes = job->tensor_bytes;
  pace_note_sent(&job->pace, &after, &frame->sent, 1);
  frame->is_tensor = 1;
  frame->sent.bytes = latent.bytes;
  frame->payload_crc32c = hr_crc32c(latent.data, latent.bytes);
  return HR_OK;
}

static struct sent_frame *free_place(struct job *job) {
  for (int i = 0; i < PENDING; i++)
    if (!job->pending[i].is_used) return &job->pending[i];
  return NULL;
}

/* What a frame took before it could be sent. */
static double run_seconds(const struct sent_frame *frame) {
  return (frame->milliseconds.prepare + frame->milliseconds.head + frame->milliseconds.exit +
          frame->milliseconds.code) / 1000;
}

/* Has every head go through the first frame, to know what its packets take. */
static int measure_heads(struct job *job, const hr_source_frame *picture) {
  hr_error error = new_error();
  for (uint32_t i = 0; i < job->heads.count; i++) {
    struct sent_frame frame = {.began_ns = hr_clock_monotonic(NULL)};
    hr_split_result result;
    job->at = &job->heads.at[i];
    snprintf(frame.source, sizeof frame.source, "%s", picture->name);
    if (!run_head(job->at, picture, &frame)) return 0;
    for (uint32_t rate = 0; rate <= job->at->rate; rate++) {
      uint64_t clock = hr_clock_monotonic(NULL);
      if (pack(job, &frame, rate, &result, &error) != HR_OK) return print_error(job->at->head.path, &error);
      frame.milliseconds.code = since(&clock);
      job->at->bytes[rate] = (double)frame.sent.bytes;
    }
    note_head(&job->heads, job->at, run_seconds(&frame), 0);
  }
  return 1;
}

/* 0 if something else than the link failed. */
static int process(struct job *job, const hr_source_frame *picture, uint64_t began_ns) {
  hr_error error = new_error();
  struct sent_frame frame = {.width = picture->width,
                             .height = picture->height,
                             .jpeg_bytes = picture->jpeg_bytes,
                             .sequence = (uint32_t)job->totals.frames + job->pending_count,
                             .began_ns = began_ns};
  snprintf(frame.source, sizeof frame.source, "%s", picture->name);
  frame.milliseconds.decode = (double)picture->decode_ns / 1e6;
  const hr_link_content content = hr_link_content_of(job->link);
  const hr_link_state state = link_state(job);
  note_in_flight(job);
  job->at = &job->heads.at[0];
  /* A server that reads latents reads those of one size. */
  if (job->heads.count > 1 && content == HR_LINK_PACKETS)
    job->at = choose_head(&job->heads, &job->pace, &state,
                          settings.deadline / 1e3 - (double)(hr_clock_monotonic(NULL) - began_ns) / 1e9);
  if (!run_head(job->at, picture, &frame)) return 0;
  if (frame.exit_class_count && job->threshold < 1 && frame.exit_class.probability >= job->threshold) {
    note_head(&job->heads, job->at, run_seconds(&frame), 0);
    tell(job, &frame, AT_EXIT);
    return 1;
  }
  hr_status status = content == HR_LINK_TENSORS ? send_tensor(job, &frame, &error) : send_packet(job, &frame, &error);
  /* The server told in between. */
  if (status == HR_INVALID_ARGUMENT && hr_link_content_of(job->link) != content) status = HR_DEVICE_ERROR;
  note_head(&job->heads, job->at, run_seconds(&frame), frame.largest_bytes);
  struct sent_frame *place = free_place(job);
  if (status == HR_OK && place) {
    frame.is_used = 1;
    *place = frame;
    job->pending_count++;
  } else {
    tell(job, &frame, AT_FALLBACK);
  }
  if (status == HR_OK || status == HR_DEVICE_ERROR) return 1;
  /* A model of another shape is told once, not at every frame of a camera. */
  if (!job->has_complained++) print_error(settings.to, &error);
  return 0;
}

static int process_all(struct job *job, const char *path) {
  /* As large as one head or another needs it. */
  uint32_t width = 0, height = 0;
  for (uint32_t i = 0; i < job->heads.count; i++) {
    if (job->heads.at[i].width > width) width = job->heads.at[i].width;
    if (job->heads.at[i].height > height) height = job->heads.at[i].height;
  }
  struct frames frames;
  if (!open_frames(&frames, path, width, height)) {
    close_frames(&frames);
    return 0;
  }
  const uint32_t fps = settings.fps ? settings.fps : path ? 0 : STILL_LIFE_FPS;
  job->totals.began_ns = hr_clock_monotonic(NULL);
  for (uint64_t index = 0; !is_interrupted() && (settings.frames == 0 || index < settings.frames); index++) {
    hr_error error = new_error();
    hr_source_frame picture = {.struct_size = sizeof picture};
    /* Until it is time, or, where frames come as fast as they are taken, until there is room on the way. */
    if (fps) listen_until(job, job->totals.began_ns + index * 1000000000 / fps, -1);
    else listen_until(job, frames.is_camera ? 0 : UINT64_MAX, UNPACED - 1);
    if (is_interrupted()) break;
    uint64_t began_ns = hr_clock_monotonic(NULL);
    hr_frame_init(&picture.frame);
    const hr_status status = next_frame(&frames, &picture, &error);
    if (status == HR_END_OF_STREAM) break;
    if (status == HR_OK) {
      if (fps || frames.is_camera) pace_note_frame(&job->pace);
      if (job->heads.count > 1 && !job->is_measured) {
        if (!measure_heads(job, &picture)) return close_frames(&frames), 0;
        job->is_measured = 1;
        began_ns = hr_clock_monotonic(NULL); /* it does not count against the frame */
      }
      /* A camera's frame begins when it is there, however long it was waited for. */
      if (!process(job, &picture, frames.is_camera ? hr_clock_monotonic(NULL) : began_ns)) job->failed = 1;
    } else {
      print_error(picture.name ? picture.name : path, &error);
      job->totals.bad_pictures++;
      job->failed = 1;
      if (status != HR_BAD_PICTURE) break;
    }
  }
  listen_until(job, UINT64_MAX, 0);
  while (job->pending_count > 0) { /* after Ctrl-C */
    for (int i = 0; i < PENDING; i++)
      if (job->pending[i].is_used) finish(job, &job->pending[i], AT_FALLBACK);
  }
  const hr_link_state state = link_state(job);
  if (settings.json) write_summary_as_json(&job->totals, &state);
  else write_summary_as_text(&job->totals, &state);
  close_frames(&frames);
  return !job->failed;
}

/* ---- Opening ----------------------------------------------------------------------------- */

static int open_heads(struct job *job, const hr_session_config *config, const struct text_list *heads,
                      const struct text_list *exits) {
  for (uint32_t i = 0; i < heads->count; i++)
    if (!add_head(&job->heads, heads->values[i], exits->count ? exits->values[i] : NULL, config)) return 0;
  if (!(job->packet = malloc(HR_MAX_PACKET_BYTES))) return print_no_memory(heads->values[0]);
  if (job->is_auto) return 1;
  struct send_head *first = &job->heads.at[0];
  const unsigned long rate = strtoul(settings.rate, NULL, 10);
  if (rate <= first->rate) {
    first->rate = (uint32_t)rate;
    return 1;
  }
  fprintf(stderr, "headrace-demo: %s has rates 0 to %u, not %s\n", heads->values[0], first->rate, settings.rate);
  return 0;
}

/* A single picture would else be answered before the tail can be reached. */
static void await_connection(struct job *job) {
  hr_answer answer = {.struct_size = sizeof answer};
  for (uint32_t waited = 0; waited < settings.deadline; waited += 10) {
    const hr_link_state state = link_state(job);
    if (state.is_connected || state.health == HR_LINK_DOWN) return;
    hr_link_receive(job->link, 10, &answer, NULL);
  }
}

/* -1 to go on, else the exit status. */
static int open_link(struct job *job) {
  hr_error error = new_error();
  hr_link_config config;
  hr_link_config_init(&config);
  config.answer_timeout_ms = settings.deadline;
  config.in_flight = IN_FLIGHT;
  config.retry_ms = RETRY_MS;
  const hr_status status = hr_link_open(&job->link, settings.to, &config, &error);
  if (status == HR_OK) {
    await_connection(job);
    return -1;
  }
  if (status == HR_INVALID_ARGUMENT) return wrong_usage(&send_command, "%s", error.message);
  print_error(settings.to, &error);
  return EXIT_BAD_INPUT;
}

/* -1 to go on, else the exit status. */
static int read_settings(struct job *job) {
  char *end;
  if (!settings.to) return wrong_usage(&send_command, "where to? --to ADDRESS");
  if (settings.heads.count > MOST_HEADS)
    return wrong_usage(&send_command, "there are %u of --head; at most %d", settings.heads.count, MOST_HEADS);
  if (settings.exits.count && settings.exits.count != settings.heads.count)
    return wrong_usage(&send_command, "--exit needs the --head that it belongs to; give one for each or none");
  const char *threshold = settings.threshold ? settings.threshold : default_threshold;
  job->threshold = strtof(threshold, &end);
  if (end == threshold || *end || !(job->threshold >= 0 && job->threshold <= 1))
    return wrong_usage(&send_command, "--threshold takes a number from 0 to 1, not \"%s\"", threshold);
  job->is_auto = !settings.rate || strcmp(settings.rate, "auto") == 0;
  if (!job->is_auto && (!*settings.rate || strspn(settings.rate, "0123456789") != strlen(settings.rate) ||
                        strlen(settings.rate) > 4))
    return wrong_usage(&send_command, "--rate takes a number or auto, not \"%s\"", settings.rate);
  if (settings.heads.count > 1 && !job->is_auto)
    return wrong_usage(&send_command, "several heads are chosen among by --rate auto, not %s", settings.rate);
  if (!settings.deadline) settings.deadline = 500;
  job->pace.deadline_s = settings.deadline / 1e3;
  return -1;
}

static int run_send(int count, char **arguments) {
  static struct job job;
  const char *path = NULL;
  int result = read_options(&send_command, options, &path, count, arguments);
  if (result >= 0) return result;
  uint32_t features;
  result = read_cpu_option(&send_command, settings.cpu, &features);
  if (result < 0) result = read_settings(&job);
  if (result < 0) result = open_link(&job);
  if (result >= 0) return result;
  catch_interrupt();

  char *shipped_head = settings.heads.count ? NULL : shipped_model("split/head.hrm");
  char *shipped_exit = settings.heads.count ? NULL : shipped_model("split/exit.hrm");
  const struct text_list shipped_heads = {{shipped_head}, 1}, shipped_exits = {{shipped_exit}, 1};
  hr_pool *pool = NULL;
  hr_session_config config;
  int done = 0;
  if (!settings.heads.count && !shipped_head) {
    fprintf(stderr, "headrace-demo: the shipped models were not found; pass --head and --exit\n");
  } else if (open_threads(&pool, &settings.threads, features, &config)) {
    done = open_heads(&job, &config, settings.heads.count ? &settings.heads : &shipped_heads,
                      settings.heads.count ? &settings.exits : &shipped_exits) &&
           process_all(&job, path);
  }
  hr_link_close(job.link);
  free(job.packet);
  close_heads(&job.heads);
  hr_pool_destroy(pool);
  free(shipped_exit);
  free(shipped_head);
  return done && job.totals.unanswered == 0 ? EXIT_OK : EXIT_BAD_INPUT;
}
