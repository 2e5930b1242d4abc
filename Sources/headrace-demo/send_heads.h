/* send_heads.h - heads of one class list at several input sizes, and which of them a frame goes through. */
#ifndef DEMO_SEND_HEADS_H
#define DEMO_SEND_HEADS_H

#include "network.h"
#include "send.h"
#include "send_pace.h"

enum { MOST_HEADS = 4 };

struct send_head {
  struct network head, exit; /* exit without a session if there is none */
  uint32_t width, height;    /* of the pictures that it reads */
  uint32_t rate;             /* the highest that is sent */
  double run_s;              /* what head, exit and code take, a mean that fades */
  double bytes[HR_MAX_RATES]; /* of the packets of the first frame, by rate */
  int has_no_tail;           /* the other side said so */
  uint64_t asked_ns;         /* when */
};

struct send_heads {
  struct send_head at[MOST_HEADS];
  uint32_t count;
  double busyness; /* of frames by now: how many times as many bytes they take as the first, a mean that fades */
};

/* Opens head and exit (NULL: none) as the next, all but for its highest rate. Prints what is wrong and returns 0 on
   failure; either way close_heads closes it. */
int add_head(struct send_heads *heads, const char *head_path, const char *exit_path, const hr_session_config *config);
void close_heads(struct send_heads *heads);

/* A picture through a head, and through its exit: what that says is known for each frame, as it costs little beside the
   head. Prints what is wrong and returns 0 on failure. */
int run_head(struct send_head *head, const hr_source_frame *picture, struct sent_frame *frame);

/* That a frame took so long to be sent by a head, in a packet of so many bytes at its highest rate; 0: in none. */
void note_head(struct send_heads *heads, struct send_head *head, double run_s, size_t packet_bytes);

/* Whether an answer tells a class, one that the head's exit knows too if there is an exit. */
int tells_class(const struct send_head *head, const hr_answer *answer);

/* Prints what is wrong with an answer that is a refusal, or tells no such class. */
void complain_of_tail(const struct send_head *head, const hr_answer *answer, const char *address);

/* Whether the other side has a tail for a head, as it says. */
void note_tail(struct send_head *head, int is_there);

/* The head that tells most in a packet that is likely to be answered in time, its own time counted. That of larger
   pictures tells more, but not where its lowest rate is all that comes in time and another's is not. Where no packet
   does, the one with the smallest, to find out whether the link is better by now; where the link is down, the one of
   the largest pictures that is done in time by itself. Heads that have no tail are left out, but for a try now and then.
   deadline_s is what is left of the frame's time. */
struct send_head *choose_head(struct send_heads *heads, const struct pace *pace, const hr_link_state *link,
                              double deadline_s);

#endif /* DEMO_SEND_HEADS_H */
