/* source.h - what every kind of source provides. */
#ifndef HR_IO_SOURCE_H
#define HR_IO_SOURCE_H

#include "internal/failure.h"

/* The first member of each kind's own struct. */
struct hr_source {
  hr_status (*next)(hr_source *source, hr_source_frame *out, hr_error *error);
  void (*close)(hr_source *source);
  uint32_t index; /* of the next frame */
  char description[256];
};

hr_status hr_camera_open(hr_source **out, const char *path, const hr_source_config *config,
                         hr_error *error);
hr_status hr_pictures_open(hr_source **out, const char *path, int is_folder,
                           const hr_source_config *config, hr_error *error);

#endif /* HR_IO_SOURCE_H */
