/* send_heads.c - which head a frame goes through, by what its packets take and how long it runs. */
#include "send_heads.h"

#include <inttypes.h>
#include <stdlib.h>

#include "since.h"
#include "text.h"

static const uint64_t between_tries_ns = 10000000000;

static double fade(double mean, double value) { return mean > 0 ? mean + (value - mean) / 8 : value; }

/* Of the answers of exit or tail; 0 if they are no row of classes. */
static size_t class_count(const struct network *network) {
  hr_tensor output = {.struct_size = sizeof output};
  size_t count = 1;
  if (!network->session || hr_session_output(network->session, 0, &output) != HR_OK) return 0;
  for (uint32_t axis = 0; axis < output.rank; axis++) count *= output.dims[axis];
  return count;
}

/* Whether an exit reads this head's latent: of its shape, and of no other head if the exit says whose. */
static int check_exit(const struct send_head *head) {
  const uint32_t identity = hr_split_model_id(head->head.split);
  const char *named;
  size_t length;
  if (hr_model_metadata(&head->exit.model, "latent.head", &named, &length) == HR_OK) {
    char word[9] = "";
    for (size_t i = 0; i < 8 && i < length; i++) word[i] = named[i];
    if (strtoul(word, NULL, 16) != identity) {
      return complain("%s belongs to head %s, not to %s, which is %08" PRIx32 "; compile it with --head %s",
                      head->exit.path, word, head->head.path, identity, head->head.path);
    }
  }
  hr_tensor latent = {.struct_size = sizeof latent}, input = {.struct_size = sizeof input};
  int is_alike = hr_session_output(head->head.session, 0, &latent) == HR_OK &&
                 hr_session_input(head->exit.session, 0, &input) == HR_OK && latent.rank == input.rank;
  for (uint32_t axis = 0; is_alike && axis < latent.rank; axis++) is_alike = latent.dims[axis] == input.dims[axis];
  if (!is_alike)
    complain("%s does not read latents of %s's shape; give each --head its own --exit, in the same order",
             head->exit.path, head->head.path);
  return is_alike;
}

int add_head(struct send_heads *heads, const char *head_path, const char *exit_path, const hr_session_config *config) {
  struct send_head *head = &heads->at[heads->count++];
  if (!open_network(&head->head, head_path, config) || !open_head_end(&head->head)) return 0;
  if (exit_path && (!open_network(&head->exit, exit_path, config) || !check_exit(head))) return 0;
  if (hr_model_frame_size(&head->head.model, 0, &head->width, &head->height) != HR_OK) {
    return complain("%s: its first input is no picture; compile it with the picture's mean and "
                    "standard deviation", head_path);
  }
  for (uint32_t i = 0; i + 1 < heads->count; i++) {
    if (hr_split_model_id(heads->at[i].head.split) == hr_split_model_id(head->head.split)) {
      return complain("%s is given twice; a --head for each size of picture", head_path);
    }
    if (exit_path && class_count(&heads->at[i].exit) != class_count(&head->exit)) {
      return complain("%s tells other classes than %s; heads of one list of classes are chosen among",
                      exit_path, heads->at[i].exit.path);
    }
  }
  head->rate = hr_split_rates(head->head.split) - 1;
  heads->busyness = 1;
  return 1;
}

void close_heads(struct send_heads *heads) {
  for (uint32_t i = 0; i < heads->count; i++) {
    close_network(&heads->at[i].exit);
    close_network(&heads->at[i].head);
  }
}

static int run_exit(const struct send_head *head, struct sent_frame *frame, hr_error *error) {
  hr_session *exit = head->exit.session;
  if (!exit) return 1;
  uint64_t clock = hr_clock_monotonic(NULL);
  hr_answer answer = {.struct_size = sizeof answer};
  if (hr_split_share(head->head.split, hr_split_rates(head->head.split) - 1, exit, 0, error) != HR_OK ||
      hr_session_run(exit, error) != HR_OK || hr_answer_from_session(&answer, exit, 1, error) != HR_OK)
    return 0;
  frame->milliseconds.exit = since(&clock);
  frame->exit_class_count = answer.class_count;
  frame->exit_class = answer.classes[0];
  return 1;
}

int run_head(struct send_head *head, const hr_source_frame *picture, struct sent_frame *frame) {
  hr_error error = new_error();
  uint64_t clock = hr_clock_monotonic(NULL);
  hr_status status = hr_session_set_frame(head->head.session, 0, &picture->frame, &error);
  frame->milliseconds.prepare = since(&clock);
  if (status == HR_OK) status = hr_session_run(head->head.session, &error);
  frame->milliseconds.head = since(&clock);
  frame->head = head;
  frame->input_width = head->width;
  frame->input_height = head->height;
  return (status == HR_OK && run_exit(head, frame, &error)) || print_error(frame->source, &error);
}

void note_head(struct send_heads *heads, struct send_head *head, double run_s, size_t packet_bytes) {
  head->run_s = fade(head->run_s, run_s);
  const double first = head->bytes[head->rate];
  if (packet_bytes > 0 && first > 0) heads->busyness = fade(heads->busyness, (double)packet_bytes / first);
}

/* The highest rate of a head whose packet is likely to be answered in time, -1 if there is none. */
static int rate_in_time(const struct send_heads *heads, const struct send_head *head, const struct pace *pace,
                        const hr_link_state *link, double deadline_s) {
  int rate = (int)head->rate;
  while (rate >= 0 && !pace_allows(pace, link, (size_t)(heads->busyness * head->bytes[rate]), (uint32_t)rate,
                                   deadline_s - head->run_s))
    rate--;
  return rate;
}

/* The number of pixels that a head reads. */
static uint64_t area(const struct send_head *head) { return (uint64_t)head->width * head->height; }

/* Whether one pair of head and rate tells more than another: where both come in time, larger pictures at the lowest rate
   tell no less than smaller ones in as many bytes, as the card of split has measured it. */
static int is_better(const struct send_head *head, int rate, const struct send_head *other, int other_rate) {
  if (area(head) != area(other)) return area(head) > area(other);
  return rate != other_rate ? rate > other_rate : head->run_s < other->run_s;
}

int tells_class(const struct send_head *head, const hr_answer *answer) {
  if (answer->status != HR_OK || answer->class_count == 0) return 0;
  const size_t known = class_count(&head->exit);
  return known == 0 || answer->classes[0].index < known;
}

void complain_of_tail(const struct send_head *head, const hr_answer *answer, const char *address) {
  if (answer->status == HR_OK && answer->class_count > 0)
    complain("the tail of %s answers class %u, and its exit knows %zu; give both the same list of classes",
             head->head.path, (unsigned)answer->classes[0].index, class_count(&head->exit));
  else if (answer->status == HR_OK)
    complain("the tail of %s answers without a class", head->head.path);
  else if (answer->status == HR_NOT_FOUND)
    complain("there is no tail for %s, head %08" PRIx32 ", at %s; add one to headrace serve", head->head.path,
             hr_split_model_id(head->head.split), address);
  else
    complain("the tail refuses packets of %s (%s, status %u); does it belong to this head?", head->head.path,
             hr_status_string(answer->status), (unsigned)answer->status);
}

void note_tail(struct send_head *head, int is_there) {
  head->has_no_tail = !is_there;
  head->asked_ns = hr_clock_monotonic(NULL);
}

/* Whether a tail may be there for this head: one that was not is asked for now and then. */
static int may_have_tail(const struct send_head *head) {
  return !head->has_no_tail || hr_clock_monotonic(NULL) - head->asked_ns >= between_tries_ns;
}

struct send_head *choose_head(struct send_heads *heads, const struct pace *pace, const hr_link_state *link,
                              double deadline_s) {
  struct send_head *best = NULL, *smallest = NULL, *alone = &heads->at[0];
  int best_rate = -1;
  for (uint32_t i = 0; i < heads->count; i++) {
    struct send_head *head = &heads->at[i];
    if (may_have_tail(head)) {
      const int rate = rate_in_time(heads, head, pace, link, deadline_s);
      if (rate >= 0 && (!best || is_better(head, rate, best, best_rate))) {
        best = head;
        best_rate = rate;
      }
      if (!smallest || head->bytes[0] < smallest->bytes[0]) smallest = head;
    }
    if (alone->run_s > deadline_s ? head->run_s < alone->run_s
                                  : area(head) > area(alone) && head->run_s <= deadline_s)
      alone = head;
  }
  if (link->health == HR_LINK_DOWN || !smallest) return alone;
  return best ? best : smallest;
}
