/* each_frame.h - goes through the frames of a source whose results are written. */
#ifndef DEMO_EACH_FRAME_H
#define DEMO_EACH_FRAME_H

#include "headrace_io.h"
#include "picture_writer.h"

/* What became of a frame; one is left out for what is wrong with itself alone. */
enum frame_result { FRAME_DONE, FRAME_LEFT_OUT, FRAME_FAILED };

typedef enum frame_result (*frame_handler)(void *context, const hr_source_frame *frame);

/* Hands on each frame of the source at `path`, `most` of them unless that is 0, tells of bad ones, and closes the
   writer. Ends early at an interrupt, and where standard output does, which is no signal any more. Returns 1 if all
   were done; of a camera, all until it was interrupted, if there were any. A video is kept if nothing worse happened
   than frames that were left out. */
int each_frame(hr_source *source, const char *path, uint32_t most, struct picture_writer *writer,
               frame_handler handle, void *context);

#endif /* DEMO_EACH_FRAME_H */
