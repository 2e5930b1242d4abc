/* cpu_option.c - which of the CPU's instructions kernels may use. */
#include "cpu_option.h"

#include <stdio.h>
#include <string.h>

#include "headrace_io.h"
#include "text.h"

static const struct {
  const char *name;
  uint32_t features; /* with those that come before it on the same architecture */
} kinds[] = {
    {"baseline", 0},
    {"avx2", HR_CPU_AVX2},
    {"vnni", HR_CPU_AVX2 | HR_CPU_VNNI},
    {"dotprod", HR_CPU_DOTPROD},
    {"i8mm", HR_CPU_DOTPROD | HR_CPU_I8MM},
};

int read_cpu_option(const struct command *command, const char *kind, uint32_t *features) {
  const uint32_t all = hr_cpu_detect();
  *features = all;
  if (!kind || strcmp(kind, "auto") == 0) return -1;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kind, kinds[i].name) != 0) continue;
    *features = kinds[i].features;
    if ((*features & all) == *features) return -1;
    complain("this CPU does not have %s; leave --cpu out to use what it has", kind);
    return EXIT_BAD_INPUT;
  }
  return wrong_usage(command, "--cpu takes auto, baseline, avx2, vnni, dotprod or i8mm, not \"%s\"", kind);
}
