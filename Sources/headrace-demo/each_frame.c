#define _POSIX_C_SOURCE 200809L
#include "each_frame.h"

#include <signal.h>
#include <stdio.h>

#include "interrupt.h"
#include "network.h"
#include "text.h"

int each_frame(hr_source *source, const char *path, uint32_t most, struct picture_writer *writer,
               frame_handler handle, void *context) {
  hr_error error = new_error();
  hr_source_frame frame = {.struct_size = sizeof frame};
  uint32_t done = 0, left_out = 0;
  int failed = 0;
  signal(SIGPIPE, SIG_IGN);
  while (!failed && (most == 0 || done < most)) {
    if (is_interrupted()) {
      failed = (has_end(path) || done == 0) && !print_interrupted(path, "%u frame%s", done, plural(done));
      break;
    }
    const hr_status status = hr_source_next(source, &frame, &error);
    if (status == HR_END_OF_STREAM) break;
    if (status != HR_OK) {
      print_error(frame.name ? frame.name : "the source", &error);
      left_out += status == HR_BAD_PICTURE;
      failed = status != HR_BAD_PICTURE;
      continue;
    }
    const enum frame_result result = handle(context, &frame);
    done += result == FRAME_DONE;
    left_out += result == FRAME_LEFT_OUT;
    failed = result == FRAME_FAILED || ferror(stdout);
  }
  if (done == 0 && left_out == 0 && !failed) complain("there was no frame");
  return close_writer(writer, done > 0 && !failed) && done > 0 && left_out == 0 && !failed;
}
