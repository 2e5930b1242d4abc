/* tail.c - tail ADDRESS HEAD.hrm TAIL.hrm [BEHAVIOUR [HEAD.hrm TAIL.hrm]] - a small tail of its own, or two, which prints
   where it listens and answers until it is ended. BEHAVIOUR: answer (the default), twice, never, late (after 700 ms),
   refuse, garbage. */
#define _GNU_SOURCE
#include <headrace_io.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static hr_error error;
static volatile sig_atomic_t is_ended;

static void end(int number) {
  (void)number;
  is_ended = 1;
}

static void check(hr_status status) {
  if (status == HR_OK) return;
  fprintf(stderr, "tail: %s\n", error.message);
  exit(1);
}

static hr_model open_model(const char *path) {
  hr_file file;
  hr_model model;
  check(hr_file_map(&file, path, &error));
  check(hr_model_open(&model, file.bytes, file.byte_count, &error));
  return model;
}

static void *memory_of(size_t bytes) {
  void *memory = bytes ? aligned_alloc(64, (bytes + 63) & ~(size_t)63) : NULL;
  if (memory) return memory;
  fprintf(stderr, "tail: no memory\n");
  exit(1);
}

struct tail {
  hr_model head, model;
  hr_session *session;
  hr_split *split;
};

static void open_tail(struct tail *tail, const char *head_path, const char *path) {
  tail->head = open_model(head_path);
  tail->model = open_model(path);
  hr_session_config config;
  hr_session_config_init(&config);
  const size_t session_bytes = hr_session_bytes(&tail->model, &config), split_bytes = hr_split_bytes(&tail->head);
  check(hr_session_init(&tail->session, memory_of(session_bytes), (session_bytes + 63) & ~(size_t)63, &tail->model,
                        &config, &error));
  check(hr_split_tail_init(&tail->split, memory_of(split_bytes), (split_bytes + 63) & ~(size_t)63, tail->session,
                           &tail->head, &error));
}

int main(int count, char **arguments) {
  if (count != 4 && count != 5 && count != 7) return 2;
  const char *behaviour = count > 4 ? arguments[4] : "answer";
  hr_error_init(&error);
  error.struct_size = sizeof error;
  signal(SIGTERM, end);

  static struct tail tails[2];
  open_tail(&tails[0], arguments[2], arguments[3]);
  if (count == 7) open_tail(&tails[1], arguments[5], arguments[6]);

  hr_listener *listener;
  check(hr_listener_open(&listener, arguments[1], &error));
  printf("%s\n", hr_listener_address(listener));
  fflush(stdout);
  while (!is_ended) {
    const uint8_t *packet;
    size_t packet_bytes;
    hr_peer peer;
    const hr_status status = hr_listener_receive(listener, 200, &packet, &packet_bytes, &peer, &error);
    if (status == HR_TIMED_OUT) continue;
    check(status);
    const uint64_t start = hr_clock_monotonic(NULL);
    hr_packet_info info = {.struct_size = sizeof info};
    hr_answer answer = {.struct_size = sizeof answer};
    hr_packet_inspect(packet, packet_bytes, &info, NULL);
    const int is_second = tails[1].split && hr_split_model_id(tails[1].split) == info.model_id;
    const struct tail *tail = &tails[is_second];
    answer.status = hr_split_model_id(tail->split) == info.model_id ? HR_OK : HR_NOT_FOUND;
    if (answer.status == HR_OK) answer.status = hr_split_unpack(tail->split, packet, packet_bytes, &info, &error);
    if (answer.status == HR_OK) answer.status = hr_session_run(tail->session, &error);
    if (answer.status == HR_OK) answer.status = hr_answer_from_session(&answer, tail->session, 3, &error);
    if (strcmp(behaviour, "refuse") == 0) answer.status = HR_NOT_FOUND;
    answer.model_id = info.model_id;
    answer.sequence = info.sequence;
    answer.capture_us = info.capture_us;
    answer.tail_us = (uint32_t)((hr_clock_monotonic(NULL) - start) / 1000);
    uint8_t bytes[HR_MAX_ANSWER_BYTES];
    size_t byte_count;
    check(hr_answer_pack(&answer, bytes, sizeof bytes, &byte_count, &error));
    if (strcmp(behaviour, "never") == 0) continue;
    if (strcmp(behaviour, "late") == 0) usleep(700000);
    if (strcmp(behaviour, "garbage") == 0) memset(bytes, 0x48, sizeof bytes);
    for (int times = strcmp(behaviour, "twice") == 0 ? 2 : 1; times > 0; times--)
      check(hr_listener_answer(listener, &peer, bytes, byte_count, &error));
  }
  hr_listener_close(listener);
  return 0;
}
