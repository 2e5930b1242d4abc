#define _GNU_SOURCE
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

hr_error new_error(void) {
  hr_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  hr_error_init(&error);
  return error;
}

int print_no_memory(const char *subject) {
  fputs("headrace-demo: ", stderr);
  write_printable(stderr, subject, strlen(subject));
  fputs(": there is not enough memory; end other programs or use a smaller model\n", stderr);
  return 0;
}

/* Whether a message names what it is about, as the device library's do. A word of one that does not may be a file's name
   by chance, but hardly one with a dot or a slash. */
static int names(const char *message, const char *subject) {
  const size_t length = strlen(subject);
  const int is_path = strpbrk(subject, "./") != NULL;
  for (const char *found = message; length > 0 && (found = strstr(found, subject)) != NULL; found++) {
    const int is_begun = found == message || (is_path && strchr(" \"", found[-1]));
    if (is_begun && strchr(" \":;,", found[length])) return 1; /* or at the end */
  }
  return 0;
}

int print_error(const char *subject, const hr_error *error) {
  const char *message = error->message[0] ? error->message : hr_status_string(error->status);
  fputs("headrace-demo: ", stderr);
  if (!names(message, subject)) {
    write_printable(stderr, subject, strlen(subject));
    fputs(": ", stderr);
  }
  write_printable(stderr, message, strlen(message));
  fputs("\n", stderr);
  return 0;
}

int open_network(struct network *network, const char *path, const hr_session_config *config) {
  hr_error error = new_error();
  memset(network, 0, sizeof *network);
  network->path = path;
  network->requirements.struct_size = sizeof network->requirements;
  if (hr_file_map(&network->file, path, &error) != HR_OK) return print_error(path, &error);
  if (hr_model_open(&network->model, network->file.bytes, network->file.byte_count, &error) !=
          HR_OK ||
      hr_model_get_requirements(&network->model, &network->requirements) != HR_OK) {
    close_network(network);
    return print_error(path, &error);
  }
  size_t bytes = hr_session_bytes(&network->model, config);
  /* aligned_alloc takes multiples of the alignment. */
  size_t rounded = (bytes + 63) & ~(size_t)63;
  if (bytes == 0 || rounded < bytes || !(network->memory = aligned_alloc(64, rounded))) {
    complain("%s: a session needs %zu bytes of memory, which there are not",
             path, bytes);
    close_network(network);
    return 0;
  }
  if (hr_session_init(&network->session, network->memory, rounded, &network->model, config,
                      &error) != HR_OK) {
    close_network(network);
    return print_error(path, &error);
  }
  return 1;
}

static size_t take_split_memory(struct network *network, const hr_model *describing) {
  size_t bytes = (hr_split_bytes(describing) + 63) & ~(size_t)63;
  if (bytes == 0) {
    complain("%s: its first output is no int8 or int16 latent, or its description of that is "
             "wrong; compile it with --type int8 or int16x8", network->path);
    return 0;
  }
  if (!(network->split_memory = aligned_alloc(64, bytes))) print_no_memory(network->path);
  return network->split_memory ? bytes : 0;
}

int open_head_end(struct network *head) {
  hr_error error = new_error();
  size_t bytes = take_split_memory(head, &head->model);
  if (bytes == 0) return 0;
  if (hr_split_head_init(&head->split, head->split_memory, bytes, head->session, &error) != HR_OK)
    return print_error(head->path, &error);
  return 1;
}

int open_tail_end(struct network *tail, const struct network *head) {
  hr_error error = new_error();
  const hr_model *describing = head ? &head->model : NULL;
  size_t bytes = take_split_memory(tail, describing ? describing : &tail->model);
  if (bytes == 0) return 0;
  if (hr_split_tail_init(&tail->split, tail->split_memory, bytes, tail->session, describing, &error) != HR_OK)
    return print_error(tail->path, &error);
  return 1;
}

void close_network(struct network *network) {
  free(network->split_memory);
  free(network->memory);
  hr_file_unmap(&network->file);
  network->memory = network->split_memory = NULL;
  network->session = NULL;
  network->split = NULL;
}

char *shipped_model(const char *name) {
  char *path = NULL;
  const char *models = getenv("HEADRACE_MODELS");
  if (models && *models) return asprintf(&path, "%s/%s", models, name) < 0 ? NULL : path;
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return NULL;
  program[length] = 0;
  for (int level = 0; level < 2; level++) {
    char *slash = strrchr(program, '/');
    if (!slash) return NULL;
    *slash = 0;
  }
  return asprintf(&path, "%s/share/headrace/models/%s", program, name) < 0 ? NULL : path;
}
