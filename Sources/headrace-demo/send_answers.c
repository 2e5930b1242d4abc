/* send_answers.c - answers of the tail, and of the exit where the tail's come too late. */
#define _POSIX_C_SOURCE 200809L
#include "send_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"

hr_link_state link_state(const struct send_job *job) {
  hr_link_state state = {.struct_size = sizeof state};
  hr_link_status(job->link, &state);
  return state;
}

uint64_t deadline_of(const struct send_job *job, const struct sent_frame *frame) {
  return frame->began_ns + (uint64_t)job->settings->deadline * 1000000;
}

static const hr_model *labels_of(const struct send_job *job) {
  const struct send_head *first = &job->heads.at[0];
  return first->exit.session ? &first->exit.model : &first->head.model;
}

void tell_answer(struct send_job *job, struct sent_frame *frame, enum place place) {
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
  if (job->settings->json) write_sent_as_json(frame, &state, labels_of(job));
  else write_sent_as_text(frame, &state, labels_of(job), &job->totals);
}

static void finish(struct send_job *job, struct sent_frame *frame, enum place place) {
  tell_answer(job, frame, place);
  free(frame->kept_source);
  frame->is_used = 0;
  if (--job->pending_count == 0) pace_note_free(&job->pace);
}

static void take_answer(struct send_job *job, const hr_answer *answer) {
  for (int i = 0; i < MOST_PENDING; i++) {
    struct sent_frame *frame = &job->pending[i];
    if (!frame->is_used || frame->sequence != answer->sequence) continue;
    frame->round_trip_ms = (double)(hr_clock_monotonic(NULL) - frame->sent.sent_ns) / 1e6;
    pace_note_heard(&job->pace, &frame->sent);
    if (answer->status == HR_OK || answer->status == HR_NOT_FOUND) note_tail(frame->head, answer->status == HR_OK);
    if (!tells_class(frame->head, answer)) {
      job->totals.refused_by_tail++;
      /* A tail that is busy says so by HR_TIMED_OUT: nothing is wrong. */
      if (answer->status != HR_TIMED_OUT && !job->has_complained++) {
        if (!job->settings->json) fprintf(stderr, "\n");
        complain_of_tail(frame->head, answer, job->settings->to);
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

static void give_up_late(struct send_job *job) {
  const uint64_t now = hr_clock_monotonic(NULL);
  const int is_down = link_state(job).health == HR_LINK_DOWN && link_state(job).in_flight == 0;
  for (int i = 0; i < MOST_PENDING; i++) {
    if (!job->pending[i].is_used || !(is_down || now >= deadline_of(job, &job->pending[i]))) continue;
    pace_note_late(&job->pace, &job->pending[i].sent);
    finish(job, &job->pending[i], AT_FALLBACK);
  }
}

void note_in_flight(struct send_job *job) {
  pace_note_nothing_in_flight(&job->pace);
  for (int i = 0; i < MOST_PENDING; i++)
    if (job->pending[i].is_used) pace_note_in_flight(&job->pace, &job->pending[i].sent);
}

/* The next time at which a frame's deadline is over, or `until` if that is earlier. */
static uint64_t next_deadline(const struct send_job *job, uint64_t until) {
  for (int i = 0; i < MOST_PENDING; i++)
    if (job->pending[i].is_used && deadline_of(job, &job->pending[i]) < until) until = deadline_of(job, &job->pending[i]);
  return until;
}

void listen_until(struct send_job *job, uint64_t until, int most_pending) {
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

int add_pending(struct send_job *job, const struct sent_frame *frame) {
  for (int i = 0; i < MOST_PENDING; i++) {
    if (job->pending[i].is_used) continue;
    char *source = strdup(frame->source);
    if (!source) return 0;
    job->pending[i] = *frame;
    job->pending[i].source = job->pending[i].kept_source = source;
    job->pending[i].is_used = 1;
    job->pending_count++;
    return 1;
  }
  return 0;
}

void give_up_all(struct send_job *job) {
  for (int i = 0; i < MOST_PENDING; i++)
    if (job->pending[i].is_used) finish(job, &job->pending[i], AT_FALLBACK);
}
