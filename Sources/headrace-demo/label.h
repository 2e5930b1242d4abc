/* label.h - what a class is called. */
#ifndef DEMO_LABEL_H
#define DEMO_LABEL_H

#include "headrace.h"

struct label {
  const char *text; /* not NUL-terminated */
  size_t length;
  char number[24];
};

/* The class's name in a model's labels, or its number where there are none; model may be NULL. */
void find_label(const hr_model *model, uint32_t index, struct label *label);

#endif /* DEMO_LABEL_H */
