/* shares.c - how the work of one run is spread over threads, for an emulator that counts instructions.

       shares MODEL.hrm THREADS

   Runs what each thread would do in turn, on one thread, and marks the end of every part: with 1, 2, ... what a
   thread did between two waits, with 0 what only one thread can do. Counts then say what the busiest thread
   executes, on a machine of any number of cores. */
#include "../../../Sources/headrace-demo/marker.h"
#include "session.h"

enum { MARK_PARTS = MARK_CALIBRATION + 1 }; /* from here on parts are marked */

static int is_marking;

static void run_parts(void *unused, uint32_t count, hr_parallel_body body, void *context) {
  (void)unused;
  if (is_marking) mark(MARK_BEGIN);
  for (uint32_t i = 0; i < count; i++) {
    body(context, i);
    if (is_marking) mark(i + 1);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: shares MODEL.hrm THREADS\n");
    return 2;
  }
  hr_session *session = open_session(argv[1], (uint32_t)strtoul(argv[2], NULL, 10), run_parts);
  check(hr_session_run(session, &error));

  mark_nothing();
  is_marking = 1;
  mark(MARK_PARTS);
  check(hr_session_run(session, &error));
  mark(MARK_BEGIN);
  return EXIT_SUCCESS;
}
