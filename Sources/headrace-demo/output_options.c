/* output_options.c - which options have an effect tells the name of where pictures go. */
#include "output_options.h"

#include "picture_writer.h"

int read_output_options(const struct command *command, const char *output, uint32_t *quality,
                        uint32_t overwrites) {
  if (*quality && is_ppm(output))
    return wrong_usage(command, "--quality is of JPEG, and %s is a PPM; leave it out, or name a .jpg", output);
  if (overwrites && kind_of_output(output) != WRITE_FOLDER)
    return wrong_usage(command, "--overwrite is of folders, and %s is a file, which is replaced anyway; leave it out",
                       output);
  if (!*quality) *quality = 92;
  return -1;
}
