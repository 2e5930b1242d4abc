/* send.h - frames that go to a tail, and what becomes of each. */
#ifndef DEMO_SEND_H
#define DEMO_SEND_H

#include "send_pace.h"

struct send_head;

/* Who answered a frame. */
enum place { AT_NOBODY, AT_EXIT, AT_TAIL, AT_FALLBACK };

struct sent_frame {
  int is_used;
  const char *source; /* a path, a device, or "still life" */
  char *kept_source;  /* of a frame that waits for its answer: the same, longer than the picture lasts */
  uint32_t width, height;
  struct send_head *head; /* that it went through */
  uint32_t input_width, input_height; /* of that */
  size_t jpeg_bytes; /* 0: there was no JPEG */
  struct paced sent; /* 0 bytes: nothing was */
  size_t largest_bytes; /* of its packet at the highest rate; 0: none was made */
  uint32_t payload_crc32c;
  int is_tensor; /* it was no packet that was sent */
  uint32_t rate, layers, precision;
  uint32_t sequence;
  uint64_t began_ns;
  struct {
    double decode, prepare, head, code, exit;
  } milliseconds;
  uint32_t exit_class_count; /* 0: there is no exit */
  hr_class exit_class;
  enum place place;
  hr_class answer; /* of whom answered */
  double answer_ms; /* that it took: a tail's as it says, the exit's as it was */
  double round_trip_ms; /* from sending to the tail's answer */
  double latency_ms; /* from before the picture was decoded to the answer, whoever's it is */
};

struct send_totals {
  uint64_t frames, exit, tail, fallback, unanswered, refused_by_tail, bad_pictures;
  uint64_t began_ns;
};

/* labels names the classes; NULL if none does. */
void write_sent_as_json(const struct sent_frame *frame, const hr_link_state *link, const hr_model *labels);
void write_sent_as_text(const struct sent_frame *frame, const hr_link_state *link, const hr_model *labels,
                        const struct send_totals *totals);
void write_summary_as_json(const struct send_totals *totals, const hr_link_state *link);
void write_summary_as_text(const struct send_totals *totals, const hr_link_state *link);

#endif /* DEMO_SEND_H */
