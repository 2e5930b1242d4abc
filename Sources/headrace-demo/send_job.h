/* send_job.h - what the parts of send share: settings, the frames that wait for an answer, and the counts. */
#ifndef DEMO_SEND_JOB_H
#define DEMO_SEND_JOB_H

#include "options.h"
#include "send_heads.h"

enum { MOST_PENDING = 64 };

struct send_settings {
  const char *to;
  struct text_list heads;
  struct text_list exits;
  const char *rate;
  const char *threshold;
  const char *cpu;
  uint32_t max_bytes;
  uint32_t deadline; /* milliseconds */
  uint32_t threads;
  uint32_t fps;
  uint32_t frames;
  uint32_t json;
};

struct send_job {
  const struct send_settings *settings;
  struct send_heads heads;
  struct send_head *at; /* of the frame that is worked on */
  hr_link *link;
  uint8_t *packet; /* HR_MAX_PACKET_BYTES */
  size_t tensor_bytes; /* of the last latent that was sent as it is, with all that was around it */
  float threshold;
  int is_auto;
  struct pace pace;
  struct sent_frame pending[MOST_PENDING]; /* sent, and not answered */
  uint32_t pending_count;
  struct send_totals totals;
  int is_measured; /* what heads take */
  int has_complained;
  int failed;
};

/* ---- send_answers.c: every frame gets one --------------------------------------------------- */

hr_link_state link_state(const struct send_job *job);

/* When a frame is answered at the latest, by hr_clock_monotonic. */
uint64_t deadline_of(const struct send_job *job, const struct sent_frame *frame);

/* Tells the user who answered a frame, which is not among those pending. */
void tell_answer(struct send_job *job, struct sent_frame *frame, enum place place);

/* Adds a frame that was sent to those pending. 0: there is no room, or no memory. */
int add_pending(struct send_job *job, const struct sent_frame *frame);

/* Has the pace know what is on its way. */
void note_in_flight(struct send_job *job);

/* Takes answers until a time, or until at most so many frames wait for one; -1: until the time. */
void listen_until(struct send_job *job, uint64_t until, int most_pending);

/* Answers all that still wait by the exit. */
void give_up_all(struct send_job *job);

/* ---- send_frames.c: frames through heads, and into the link --------------------------------- */

/* Sends what SOURCE has (NULL: a picture of the program's own, over and over), and tells what becomes of it. 0 if
   something failed. */
int send_frames(struct send_job *job, const char *path);

#endif /* DEMO_SEND_JOB_H */
