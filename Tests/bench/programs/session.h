/* session.h - a session of a model's file, for programs that an emulator counts. */
#ifndef SESSION_H
#define SESSION_H

#include <headrace.h>
#include <headrace_io.h>

#include <stdio.h>
#include <stdlib.h>

static hr_error error;

/* Ends the program with what is wrong. */
static void check(hr_status status) {
  if (status == HR_OK) return;
  fprintf(stderr, "%s\n", error.message);
  exit(EXIT_FAILURE);
}

/* A session with the CPU's own kernels; it stays until the program ends. */
static hr_session *open_session(const char *path, uint32_t threads, hr_parallel_for parallel) {
  static hr_file file;
  static hr_model model;
  hr_error_init(&error);
  check(hr_file_map(&file, path, &error));
  check(hr_model_open(&model, file.bytes, file.byte_count, &error));
  hr_session_config config;
  hr_session_config_init(&config);
  config.cpu_features = hr_cpu_detect();
  config.threads = threads;
  config.parallel = parallel;
  const size_t bytes = (hr_session_bytes(&model, &config) + 63) & ~(size_t)63;
  void *memory = bytes ? aligned_alloc(64, bytes) : NULL;
  hr_session *session;
  check(hr_session_init(&session, memory, bytes, &model, &config, &error));
  return session;
}

#endif /* SESSION_H */
