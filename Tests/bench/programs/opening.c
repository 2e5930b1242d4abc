/* opening.c - how long it takes from a model's file to its first result, and how fast opening verifies.

       opening MODEL.hrm

   Prints one JSON object. The first result is that of this process's first run, with the file in the
   system's cache; verification is repeated and its shortest time counts. */
#include <headrace.h>
#include <headrace_io.h>

#include <stdio.h>
#include <stdlib.h>

enum { REPEATS = 50 };

static void check(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "opening: %s\n", error->message);
  exit(EXIT_FAILURE);
}

static double milliseconds_since(uint64_t start) {
  return (double)(hr_clock_monotonic(NULL) - start) / 1e6;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: opening MODEL.hrm\n");
    return 2;
  }
  hr_error error;
  hr_error_init(&error);
  hr_file file;
  hr_model model;
  const uint64_t start = hr_clock_monotonic(NULL);
  check(hr_file_map(&file, argv[1], &error), &error);
  check(hr_model_open(&model, file.bytes, file.byte_count, &error), &error);
  const double opened_ms = milliseconds_since(start);

  hr_session_config config;
  hr_session_config_init(&config);
  config.cpu_features = hr_cpu_detect();
  const size_t bytes = (hr_session_bytes(&model, &config) + 63) & ~(size_t)63;
  void *memory = aligned_alloc(64, bytes);
  hr_session *session;
  check(hr_session_init(&session, memory, bytes, &model, &config, &error), &error);
  const double ready_ms = milliseconds_since(start);
  check(hr_session_run(session, &error), &error);
  const double first_result_ms = milliseconds_since(start);

  double verify_ms = opened_ms;
  for (int i = 0; i < REPEATS; i++) {
    const uint64_t begin = hr_clock_monotonic(NULL);
    check(hr_model_open(&model, file.bytes, file.byte_count, &error), &error);
    const double taken = milliseconds_since(begin);
    if (taken < verify_ms) verify_ms = taken;
  }
  printf("{\"bytes\": %zu, \"opened_ms\": %.4f, \"ready_ms\": %.4f, \"first_result_ms\": %.4f, "
         "\"verify_ms\": %.4f}\n",
         file.byte_count, opened_ms, ready_ms, first_result_ms, verify_ms);
  free(memory);
  hr_file_unmap(&file);
  return EXIT_SUCCESS;
}
