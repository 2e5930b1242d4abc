/* shares.c - how the work of one run is spread over threads, for an emulator that counts instructions.

       shares MODEL.hrm THREADS

   Runs what each thread would do in turn, on one thread, and marks the end of every part: with 1, 2, ... what a
   thread did between two waits, with 0 what only one thread can do. Counts then say what the busiest thread
   executes, on a machine of any number of cores. */
#include <headrace.h>
#include <headrace_io.h>

#include <stdio.h>
#include <stdlib.h>

#include "../../../Sources/headrace-demo/marker.h"

static void check(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "shares: %s\n", error->message);
  exit(EXIT_FAILURE);
}

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
  hr_error error;
  hr_error_init(&error);
  hr_file file;
  hr_model model;
  check(hr_file_map(&file, argv[1], &error), &error);
  check(hr_model_open(&model, file.bytes, file.byte_count, &error), &error);

  hr_session_config config;
  hr_session_config_init(&config);
  config.cpu_features = hr_cpu_detect();
  config.threads = (uint32_t)strtoul(argv[2], NULL, 10);
  config.parallel = run_parts;
  const size_t bytes = (hr_session_bytes(&model, &config) + 63) & ~(size_t)63;
  void *memory = bytes ? aligned_alloc(64, bytes) : NULL;
  hr_session *session;
  check(hr_session_init(&session, memory, bytes, &model, &config, &error), &error);
  check(hr_session_run(session, &error), &error);

  mark_nothing();
  is_marking = 1;
  mark(MARK_PARTS);
  check(hr_session_run(session, &error), &error);
  mark(MARK_BEGIN);
  free(memory);
  hr_file_unmap(&file);
  return EXIT_SUCCESS;
}
