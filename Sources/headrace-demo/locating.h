/* locating.h - the networks that a locator runs, found and opened. */
#ifndef LOCATING_H
#define LOCATING_H

#include "network.h"

struct locating {
  struct network evidence, samples, judge;
  char *evidence_path, *samples_path, *judge_path;
};

/* Works out where the networks are: the one that is named, of whichever method, and those that came with the
   program. */
void find_locating(struct locating *locating, hr_locate_method method, const char *named, const hr_array *array);

/* Whether the network of evidence is there and was trained on arrays like this one: not in a line, and 4 to 20
   centimetres wide. */
int suits_evidence(const struct locating *locating, const hr_array *array);

/* Opens what the configuration's method runs, and sets it there; 0 if that fails. */
int open_locating(struct locating *locating, hr_locator_config *config);
/* The path of what the method runs, or NULL. */
const char *locating_path(const struct locating *locating, hr_locate_method method);
/* Closes what was found, opened, or zeroed. */
void close_locating(struct locating *locating);

#endif /* LOCATING_H */
