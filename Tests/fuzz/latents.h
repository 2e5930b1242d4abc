/* latents.h - the latents whose packets are fuzzed, and an end of the link for each. */
#ifndef LATENTS_H
#define LATENTS_H

#include "latent_model.h"

/* Seven channels of a mean that follows the left and the upper neighbour, and of a scale of one half and more: as
   many numbers as 2 * (5 + 0) + ... + 2 * (5 + 6). */
#define NEAR "9 2000 1900 -900 30 "
#define WIDE "2000 300 300 10 20 "
static const char seven_priors[] = NEAR WIDE NEAR "500 " WIDE "40 " NEAR "-500 60 " WIDE "9 8 " NEAR "1 2 3 " WIDE
    "1 2 3 " NEAR "0 0 0 0 " WIDE "0 0 0 0 " NEAR "800 -800 9 9 9 " WIDE "5 5 5 5 5 " NEAR "0 0 0 0 0 4096 " WIDE
    "0 0 0 0 0 0";

enum { LATENTS = 6 };
static const struct latent latents[LATENTS] = {
    {HR_INT8, 4, {1, 6, 5, 7, 1, 1}, 1, 0, "2 1 4", seven_priors, "2 3 3 2 3 0"},
    {HR_INT8, 4, {1, 6, 5, 7, 1, 1}, 0.5f, -3, "3 3 1", NULL, NULL},
    {HR_INT8, 4, {1, 6, 5, 4, 1, 1}, 0.5f, 10, NULL, NULL, NULL},
    {HR_INT8, 6, {1, 2, 2, 3, 2, 3}, 2, 0, NULL, NULL, NULL},
    {HR_INT8, 4, {2, 2, 1, 70, 1, 1}, 1e-3f, 0, "35 35", NULL, NULL},
    {HR_INT16, 4, {1, 1, 30, 3, 1, 1}, 1e-4f, 0, NULL, NULL, NULL},
};

/* One end of the link, with its session. */
struct latent_end {
  struct latent_session open;
  hr_split *split;
  void *memory;
};

/* The head's end with head NULL, else the tail's. Dies if it is refused. */
static struct latent_end open_latent_end(const struct latent *latent, const hr_model *head) {
  struct latent_end end = {.open = open_latent_session(latent)};
  size_t bytes = (hr_split_bytes(head ? head : &end.open.model) + 63) & ~(size_t)63;
  end.memory = aligned_alloc(64, bytes);
  if (!bytes || !end.memory) abort();
  hr_status status = head ? hr_split_tail_init(&end.split, end.memory, bytes, end.open.session, head, NULL)
                          : hr_split_head_init(&end.split, end.memory, bytes, end.open.session, NULL);
  if (status != HR_OK) abort();
  return end;
}

static void close_latent_end(struct latent_end *end) {
  free(end->memory);
  close_latent_session(&end->open);
}

#endif /* LATENTS_H */
