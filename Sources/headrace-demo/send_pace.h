/* send_pace.h - how much of a latent is sent, by what the link is known to carry. */
#ifndef DEMO_SEND_PACE_H
#define DEMO_SEND_PACE_H

#include "headrace_io.h"

/* Zero, but for the deadline: nothing is known. */
struct pace {
  double deadline_s; /* of every frame */
  double tail_s;     /* what the tail takes, a mean that fades */
  double interval_s; /* from frame to frame, likewise */
  uint64_t frame_ns; /* when the last one came */
  uint64_t tried_ns; /* when a packet was last sent */
  uint64_t free_ns;  /* when the link has taken all that was sent */
  uint32_t sent, rate; /* how many packets were, and the last one's rate */
  double most_bytes; /* that a packet has, since one was not answered when it should have been; 0: any */
  uint64_t answered_sent_ns; /* when the newest packet that was answered had been sent */
  int is_overdue; /* one has not been answered for far longer than expected */
  uint32_t unheard; /* packets in flight since the newest answered one was sent */
};

/* Of a packet on its way. */
struct paced {
  size_t bytes;
  uint64_t sent_ns;
  double expected_s; /* when its answer was due; 0: not known */
};

/* That a frame came by itself, as a camera's do; not where frames are taken when the last one is done. */
void pace_note_frame(struct pace *pace);
/* That a packet was answered in time, by a tail that took so long; or that it was not. What is not answered tells
   nothing of how fast a link is that has become slow: the next ones are a quarter as large, and then grow; half as
   large if the answer came, but far later than expected. */
void pace_note_answer(struct pace *pace, const struct paced *packet, uint32_t tail_us);
void pace_note_late(struct pace *pace, const struct paced *packet);
/* That the other side answered a packet, if only by refusing it. */
void pace_note_heard(struct pace *pace, const struct paced *packet);
/* What is in flight now: begins, and then one call for each packet. */
void pace_note_nothing_in_flight(struct pace *pace);
void pace_note_in_flight(struct pace *pace, const struct paced *packet);
/* Sets when a packet that is sent now is due. */
void pace_note_sent(struct pace *pace, const hr_link_state *link, struct paced *packet, uint32_t rate);
/* That nothing is on its way any more. */
void pace_note_free(struct pace *pace);

/* Whether a packet of so many bytes is likely to be answered within left_s, and leaves the link free for the frame that
   comes next: none is while another is overdue. Now and then one of the rate above the last one's is allowed if it may just
   be answered: packets of one size tell nothing new. */
int pace_allows(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, uint32_t rate,
                double left_s);
/* Whether the smallest packet may be sent against that: where it would be answered in time, though frames come faster
   than the link carries them; and now and then to find out whether the link is better by now, or whether what is
   overdue was lost on a link that is well. */
int pace_may_try(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, double left_s);
/* Whether what cannot be made smaller may be sent on a link that loses nothing: a latent as it is, in so many bytes. */
int pace_allows_whole(const struct pace *pace, const hr_link_state *link, size_t bytes, double left_s);

#endif /* DEMO_SEND_PACE_H */
