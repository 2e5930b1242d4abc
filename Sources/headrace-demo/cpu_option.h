/* cpu_option.h - the option --cpu: which of the CPU's instructions kernels may use. */
#ifndef DEMO_CPU_OPTION_H
#define DEMO_CPU_OPTION_H

#include <stdint.h>

#include "options.h"

#define CPU_OPTION(value)                                                            \
  {"--cpu", OPTION_TEXT, value, 0, 0, "KIND",                                        \
   "auto: what this CPU has (the default); baseline: only what all have; or up to "  \
   "avx2, vnni, dotprod or i8mm"}

/* Sets *features to the HR_CPU_* that `kind` names; NULL is auto. Returns -1 to go on, else the exit status,
   when there is no such kind (2) or this CPU lacks it (1). */
int read_cpu_option(const struct command *command, const char *kind, uint32_t *features);

#endif /* DEMO_CPU_OPTION_H */
