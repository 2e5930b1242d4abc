/* The README's example: it shows exactly this. */
#include <headrace.h>
#include <headrace_io.h>

#include <stdio.h>
#include <stdlib.h>

static void check(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "%s\n", error->message); /* names the cause and the remedy */
  exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: example HEAD.hrm PICTURE PACKET\n");
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
  size_t memory_bytes = hr_session_bytes(&model, &config);
  void *memory = aligned_alloc(64, memory_bytes);
  hr_session *session;
  check(hr_session_init(&session, memory, memory_bytes, &model, &config, &error), &error);

  hr_source *source;
  hr_source_frame picture = {.struct_size = sizeof picture};
  check(hr_source_open(&source, argv[2], NULL, &error), &error);
  check(hr_source_next(source, &picture, &error), &error);
  check(hr_session_set_frame(session, 0, &picture.frame, &error), &error);
  check(hr_session_run(session, &error), &error);

  hr_split *split;
  size_t bytes, split_bytes = (hr_split_bytes(&model) + 63) / 64 * 64;
  void *split_memory = aligned_alloc(64, split_bytes);
  check(hr_split_head_init(&split, split_memory, split_bytes, session, &error), &error);
  hr_split_request request = {.struct_size = sizeof request, .rate = hr_split_rates(split) - 1};
  static uint8_t packet[HR_MAX_PACKET_BYTES];
  check(hr_split_pack(split, &request, packet, sizeof packet, &bytes, NULL, &error), &error);
  check(hr_file_write(argv[3], packet, bytes, &error), &error);
  printf("%ux%u pixels became %zu bytes\n", picture.width, picture.height, bytes);

  hr_source_close(source);
  hr_file_unmap(&file);
  free(split_memory);
  free(memory);
  return EXIT_SUCCESS;
}
