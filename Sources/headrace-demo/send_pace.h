/* send_pace.h - how much of a latent is sent, by what the link is known to carry. */
#ifndef DEMO_SEND_PACE_H
#define DEMO_SEND_PACE_H

#include "headrace_io.h"

/* Zero: nothing is known. */
struct pace {
  double tail_s;        /* what the tail takes, a mean that fades */
  uint64_t tried_ns;    /* when a packet was last sent */
};

void pace_note_tail(struct pace *pace, uint32_t tail_us);
void pace_note_sent(struct pace *pace);

/* Whether a packet of so many bytes is likely to be answered within left_s. */
int pace_allows(const struct pace *pace, const hr_link_state *link, size_t packet_bytes, double left_s);
/* Whether the smallest packet may be sent against that, to find out whether the link is better by now. */
int pace_may_try(const struct pace *pace, const hr_link_state *link);

#endif /* DEMO_SEND_PACE_H */
