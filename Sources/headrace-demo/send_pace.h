/* send_pace.h - how much of a latent is sent, by what the link is known to carry. */
#ifndef DEMO_SEND_PACE_H
#define DEMO_SEND_PACE_H

#include "headrace_io.h"

/* Zero: nothing is known. */
struct pace {
  double tail_s;     /* what the tail takes, a mean that fades */
  double interval_s; /* from frame to frame, likewise */
  uint64_t frame_ns; /* when the last one came */
  uint64_t tried_ns; /* when a packet was last sent */
  uint64_t free_ns;  /* when the link has taken all that was sent */
  uint32_t sent, layers; /* how many packets were, and how many layers the last one had */
  double most_bytes; /* that a packet has, since one was not answered in time; 0: any */
};

/* That a frame came by itself, as a camera's do; not where frames are taken when the last one is done. */
void pace_note_frame(struct pace *pace);
/* That a packet of so many bytes was answered in time, by a tail that took so long; or that it was not. What is not
   answered tells nothing of how fast a link is that has become slow: the next ones are a quarter as large, and then
   grow. */
void pace_note_answer(struct pace *pace, size_t packet_bytes, uint32_t tail_us);
void pace_note_late(struct pace *pace, size_t packet_bytes);
void pace_note_sent(struct pace *pace, const hr_link_state *link, size_t packet_bytes, uint32_t layers);
/* That nothing is on its way any more. */
void pace_note_free(struct pace *pace);

/* Whether a packet of so many bytes is likely to be answered within left_s, and leaves the link free for the frame that
   comes next. Now and then one of a layer more than the last had is allowed if it may just be answered: packets of one
   size tell nothing new. */
int pace_allows(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, uint32_t layers,
                double left_s);
/* Whether the smallest packet may be sent against that, to find out whether the link is better by now. */
int pace_may_try(const struct pace *pace, const hr_link_state *link);

#endif /* DEMO_SEND_PACE_H */
