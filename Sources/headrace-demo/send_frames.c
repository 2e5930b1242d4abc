/* send_frames.c - frames through heads, and into the link as large as its pace allows. */
#include "send_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "interrupt.h"
#include "network.h"
#include "send_source.h"
#include "since.h"
#include "text.h"

/* Where frames come as fast as they are taken, two are on their way: one that the tail works on, and one that waits
   there, which a tail that serves many would give up for a third. */
enum { STILL_LIFE_FPS = 10, UNPACED = 2 };

static hr_status pack(struct send_job *job, struct sent_frame *frame, uint32_t rate, hr_split_result *result,
                      hr_error *error) {
  const hr_split_request request = {.struct_size = sizeof request,
                                    .rate = rate,
                                    .sequence = frame->sequence,
                                    .max_bytes = job->settings->max_bytes,
                                    .capture_us = frame->began_ns / 1000};
  frame->rate = rate;
  result->struct_size = sizeof *result;
  return hr_split_pack(job->at->head.split, &request, job->packet, HR_MAX_PACKET_BYTES, &frame->sent.bytes, result,
                       error);
}

static double seconds_left(const struct send_job *job, const struct sent_frame *frame) {
  const uint64_t now = hr_clock_monotonic(NULL), end = deadline_of(job, frame);
  return end > now ? (double)(end - now) / 1e9 : 0;
}

/* Makes the packet as small as the link's pace wants it. 0: not even the smallest would be answered in time. */
static int fit(struct send_job *job, struct sent_frame *frame, hr_split_result *result, hr_error *error) {
  const hr_link_state state = link_state(job);
  const double left_s = seconds_left(job, frame);
  while (!pace_allows(&job->pace, &state, frame->sent.bytes, frame->rate, left_s)) {
    if (frame->rate == 0) return pace_may_try(&job->pace, &state, frame->sent.bytes, left_s);
    if (pack(job, frame, frame->rate - 1, result, error) != HR_OK) return 0;
  }
  return 1;
}

static hr_status send_packet(struct send_job *job, struct sent_frame *frame, hr_error *error) {
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

static hr_status send_tensor(struct send_job *job, struct sent_frame *frame, hr_error *error) {
  hr_tensor latent = {.struct_size = sizeof latent};
  hr_status status = hr_session_output(job->at->head.session, 0, &latent);
  if (status != HR_OK) return status;
  const hr_link_state before = link_state(job);
  if (!pace_allows_whole(&job->pace, &before, job->tensor_bytes, seconds_left(job, frame))) return HR_DEVICE_ERROR;
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

/* What a frame took before it could be sent. */
static double run_seconds(const struct sent_frame *frame) {
  return (frame->milliseconds.prepare + frame->milliseconds.head + frame->milliseconds.exit +
          frame->milliseconds.code) / 1000;
}

/* Has every head go through the first frame, to know what its packets take. */
static int measure_heads(struct send_job *job, const hr_source_frame *picture) {
  hr_error error = new_error();
  for (uint32_t i = 0; i < job->heads.count; i++) {
    struct sent_frame frame = {.source = picture->name, .began_ns = hr_clock_monotonic(NULL)};
    hr_split_result result;
    job->at = &job->heads.at[i];
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
static int process(struct send_job *job, const hr_source_frame *picture, uint64_t began_ns) {
  hr_error error = new_error();
  struct sent_frame frame = {.source = picture->name,
                             .width = picture->width,
                             .height = picture->height,
                             .jpeg_bytes = picture->jpeg_bytes,
                             .sequence = (uint32_t)job->totals.frames + job->pending_count,
                             .began_ns = began_ns};
  frame.milliseconds.decode = (double)picture->decode_ns / 1e6;
  const hr_link_content content = hr_link_content_of(job->link);
  const hr_link_state state = link_state(job);
  note_in_flight(job);
  job->at = &job->heads.at[0];
  /* A server that reads latents reads those of one size. */
  if (job->heads.count > 1 && content == HR_LINK_PACKETS)
    job->at = choose_head(&job->heads, &job->pace, &state,
                          job->settings->deadline / 1e3 - (double)(hr_clock_monotonic(NULL) - began_ns) / 1e9);
  if (!run_head(job->at, picture, &frame)) return 0;
  if (frame.exit_class_count && job->threshold < 1 && frame.exit_class.probability >= job->threshold) {
    note_head(&job->heads, job->at, run_seconds(&frame), 0);
    tell_answer(job, &frame, AT_EXIT);
    return 1;
  }
  hr_status status = content == HR_LINK_TENSORS ? send_tensor(job, &frame, &error) : send_packet(job, &frame, &error);
  /* The server told in between. */
  if (status == HR_INVALID_ARGUMENT && hr_link_content_of(job->link) != content) status = HR_DEVICE_ERROR;
  note_head(&job->heads, job->at, run_seconds(&frame), frame.largest_bytes);
  if (status != HR_OK || !add_pending(job, &frame)) tell_answer(job, &frame, AT_FALLBACK);
  if (status == HR_OK || status == HR_DEVICE_ERROR) return 1;
  /* A model of another shape is told once, not at every frame of a camera. */
  if (!job->has_complained++) print_error(job->settings->to, &error);
  return 0;
}

/* Waits until it is time, and sends the next picture. 0: there is none, or no more is to be sent. */
static int send_next(struct send_job *job, struct frames *frames, const char *path, uint64_t due_ns) {
  hr_error error = new_error();
  hr_source_frame picture = {.struct_size = sizeof picture};
  if (due_ns) listen_until(job, due_ns, -1);
  /* Where frames come as fast as they are taken, until there is room on the way. */
  else listen_until(job, frames->is_camera ? 0 : UINT64_MAX, UNPACED - 1);
  if (is_interrupted()) return 0;
  uint64_t began_ns = hr_clock_monotonic(NULL);
  hr_frame_init(&picture.frame);
  const hr_status status = next_frame(frames, &picture, &error);
  if (status == HR_END_OF_STREAM) return 0;
  if (status != HR_OK) {
    print_error(picture.name ? picture.name : path, &error);
    job->totals.bad_pictures++;
    job->failed = 1;
    return status == HR_BAD_PICTURE;
  }
  if (due_ns || frames->is_camera) pace_note_frame(&job->pace);
  if (job->heads.count > 1 && !job->is_measured) {
    if (!measure_heads(job, &picture)) {
      job->failed = 1;
      return 0;
    }
    job->is_measured = 1;
    began_ns = hr_clock_monotonic(NULL); /* it does not count against the frame */
  }
  /* A camera's frame begins when it is there, however long it was waited for. */
  if (!process(job, &picture, frames->is_camera ? hr_clock_monotonic(NULL) : began_ns)) job->failed = 1;
  return 1;
}

int send_frames(struct send_job *job, const char *path) {
  const struct send_settings *settings = job->settings;
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
  const uint32_t fps = settings->fps ? settings->fps : path ? 0 : STILL_LIFE_FPS;
  const uint64_t began_ns = job->totals.began_ns = hr_clock_monotonic(NULL);
  for (uint64_t index = 0; !is_interrupted() && !ferror(stdout) && (settings->frames == 0 || index < settings->frames); index++)
    if (!send_next(job, &frames, path, fps ? began_ns + index * 1000000000 / fps : 0)) break;
  const int is_cut_short = is_interrupted() && path && has_end(path);
  listen_until(job, UINT64_MAX, 0);
  give_up_all(job); /* after Ctrl-C */
  const hr_link_state state = link_state(job);
  if (settings->json) write_summary_as_json(&job->totals, &state);
  else write_summary_as_text(&job->totals, &state);
  close_frames(&frames);
  if (is_cut_short)
    return print_interrupted(path, "%" PRIu64 " frame%s", job->totals.frames, plural(job->totals.frames));
  return !job->failed;
}
