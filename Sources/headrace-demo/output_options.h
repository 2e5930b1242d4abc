/* output_options.h - options of where pictures go, which enhance and deblur have alike. */
#ifndef DEMO_OUTPUT_OPTIONS_H
#define DEMO_OUTPUT_OPTIONS_H

#include <stdint.h>

#include "options.h"

#define QUALITY_OPTION(value) {"--quality", OPTION_NUMBER, value, 1, 100, "N", "of JPEG (default 92)"}

#define OVERWRITE_OPTION(value) \
  {"--overwrite", OPTION_FLAG, value, 0, 0, NULL, "replace pictures that are in the output's folder already"}

/* Sets *quality, 0 if it was not given, to its default. Returns -1 to go on, else the exit status where an option has
   no effect on what is written to `output`. */
int read_output_options(const struct command *command, const char *output, uint32_t *quality,
                        uint32_t overwrites);

#endif /* DEMO_OUTPUT_OPTIONS_H */
