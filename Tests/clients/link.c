/* link.c - links on this machine's loopback: what is counted, and who goes down and comes back. */
#define _GNU_SOURCE
#include "link.h"

#include <pthread.h>
#include <unistd.h>

/* The answer to the next packet that comes, sent `times` times; 0 if none comes in time. */
static int answer_one(hr_listener *listener, hr_link *link, int times, hr_peer *out_peer) {
  const uint8_t *received;
  size_t byte_count;
  hr_peer peer;
  /* A link works when it is called, a listener waits for as long as it is told. */
  for (int i = 0; i < 500; i++) {
    hr_answer none = {.struct_size = sizeof none};
    if (link) CHECK(hr_link_receive(link, 0, &none, NULL) != HR_OK);
    if (hr_listener_receive(listener, 10, &received, &byte_count, &peer, NULL) != HR_OK) continue;
    const size_t bytes = make_answer(answer_bytes, received, byte_count);
    for (int k = 0; k < times; k++) CHECK(hr_listener_answer(listener, &peer, answer_bytes, bytes, NULL) == HR_OK);
    if (out_peer) *out_peer = peer;
    return 1;
  }
  return 0;
}

/* Works until the link is as wanted, or for five seconds. */
static int becomes(hr_link *link, hr_listener *listener, hr_link_health health) {
  hr_answer answer = {.struct_size = sizeof answer};
  for (int i = 0; i < 250; i++) {
    if (state_of(link).health == health) return 1;
    hr_link_receive(link, 20, &answer, NULL);
    const uint8_t *received;
    size_t byte_count;
    hr_peer peer;
    if (listener) hr_listener_receive(listener, 0, &received, &byte_count, &peer, NULL);
  }
  return 0;
}

/* ---- Links ------------------------------------------------------------------------------- */

static void packets_are_answered(const char *where) {
  hr_listener *listener = listen_at(where);
  const hr_link_config config = config_of(10000, 1, 4);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  CHECK(hr_link_content_of(link) == HR_LINK_PACKETS);
  for (uint32_t i = 0; i < 20; i++) {
    hr_answer answer = {.struct_size = sizeof answer};
    CHECK(send_one(link, i, 100 * i * i) == HR_OK);
    CHECK(answer_one(listener, link, 1, NULL));
    CHECK(hr_link_receive(link, 10000, &answer, NULL) == HR_OK);
    CHECK(answer.status == HR_OK && answer.sequence == i && answer.capture_us == 1000000000000u + i);
    CHECK(answer.class_count == 1 && answer.classes[0].index == 7);
  }
  const hr_link_state state = state_of(link);
  CHECK(state.offered == 20 && state.sent == 20 && state.answered == 20 && state.lost == 0 && state.late == 0);
  CHECK(state.health == HR_LINK_UP && state.what[0] == 0 && state.bytes_per_second > 0);
  const hr_listener_state heard = state_of_listener(listener);
  CHECK(heard.packets == 20 && heard.answers == 20 && heard.damaged == 0);
  CHECK(heard.bytes_received == state.bytes_sent && heard.bytes_sent == state.bytes_received);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void the_newest_frame_wins(const char *where) {
  hr_listener *listener = listen_at(where);
  const hr_link_config config = config_of(10000, 2, 1);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  for (uint32_t i = 0; i < 6; i++) CHECK(send_one(link, i, 10) == HR_OK);
  hr_answer answer = {.struct_size = sizeof answer};
  CHECK(hr_link_receive(link, 100, &answer, NULL) == HR_TIMED_OUT);
  hr_link_state state = state_of(link);
  /* The first went at once, or waited for the connection and was replaced too. */
  CHECK(state.replaced == 3 || state.replaced == 4);
  const uint32_t left = 6 - (uint32_t)state.replaced;
  CHECK(state.in_flight == 1 && state.waiting == left - 1);
  for (uint32_t i = 0; i < left; i++) {
    CHECK(answer_one(listener, link, 1, NULL));
    CHECK(hr_link_receive(link, 10000, &answer, NULL) == HR_OK);
    CHECK((i == 0 && left == 3) || answer.sequence == 6 - left + i);
  }
  state = state_of(link);
  CHECK(state.answered == left && state.waiting == 0 && state.in_flight == 0);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void a_tail_that_never_answers_takes_the_link_down(const char *where) {
  hr_listener *listener = listen_at(where);
  const hr_link_config config = config_of(80, 1, 4);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  CHECK(send_one(link, 1, 10) == HR_OK);
  CHECK(becomes(link, listener, HR_LINK_DOWN));
  hr_link_state state = state_of(link);
  CHECK(state.lost == 1 && strstr(state.what, "no answer") != NULL);
  /* At once, unless this machine takes longer than the pause to come so far. */
  for (uint32_t i = 2; i < 50 && state_of(link).refused == 0; i++)
    if (send_one(link, i, 10) == HR_OK) CHECK(becomes(link, listener, HR_LINK_DOWN));
  CHECK(state_of(link).refused == 1);
  /* After its pause a packet is let through; answered, it brings the link up again. */
  hr_answer answer = {.struct_size = sizeof answer};
  uint32_t sequence = 100;
  for (int i = 0; i < 200 && state_of(link).health == HR_LINK_DOWN; i++) {
    const uint8_t *received;
    size_t byte_count;
    hr_peer peer;
    hr_link_receive(link, 5, &answer, NULL);
    send_one(link, sequence++, 10);
    if (hr_listener_receive(listener, 0, &received, &byte_count, &peer, NULL) != HR_OK) continue;
    const size_t bytes = make_answer(answer_bytes, received, byte_count);
    hr_listener_answer(listener, &peer, answer_bytes, bytes, NULL);
  }
  state = state_of(link);
  CHECK(state.health == HR_LINK_UP && state.what[0] == 0);
  hr_link_close(link);
  hr_listener_close(listener);
}

/* Sends until so many packets are lost; makes the answer to the last that arrived, which nobody has sent, and says how
   long it is. */
static size_t lose(hr_link *link, hr_listener *listener, uint32_t count, hr_peer *peer) {
  hr_answer answer = {.struct_size = sizeof answer};
  size_t late_bytes = 0;
  for (uint32_t i = 0; i < 4000 && state_of(link).lost < count; i++) {
    const uint8_t *received;
    size_t received_bytes;
    send_one(link, 5 + i, 10);
    CHECK(hr_link_receive(link, 2, &answer, NULL) == HR_TIMED_OUT);
    if (hr_listener_receive(listener, 2, &received, &received_bytes, peer, NULL) == HR_OK)
      late_bytes = make_answer(answer_bytes, received, received_bytes);
  }
  return late_bytes;
}

static void answers_twice_late_and_unasked_are_told_once(const char *where) {
  hr_listener *listener = listen_at(where);
  hr_link_config config = config_of(10000, 1, 4);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  hr_answer answer = {.struct_size = sizeof answer};
  hr_peer peer;
  CHECK(send_one(link, 1, 10) == HR_OK);
  CHECK(answer_one(listener, link, 3, &peer));
  CHECK(hr_link_receive(link, 10000, &answer, NULL) == HR_OK && answer.sequence == 1);
  CHECK(hr_link_receive(link, 200, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).answered == 1 && state_of(link).late == 2);
  /* To what was never sent, and to what was sent with another time. */
  const size_t byte_count = make_packet(packet, 99, 0);
  const size_t bytes = make_answer(answer_bytes, packet, byte_count);
  hr_listener_answer(listener, &peer, answer_bytes, bytes, NULL);
  CHECK(hr_link_receive(link, 200, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).answered == 1 && state_of(link).late == 3);
  /* Damaged on its way. */
  answer_bytes[26] ^= 1;
  hr_listener_answer(listener, &peer, answer_bytes, bytes, NULL);
  CHECK(hr_link_receive(link, 200, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).damaged == 1 && state_of(link).health == HR_LINK_UP);
  /* A latent is no answer. */
  hr_listener_answer(listener, &peer, packet, byte_count, NULL);
  CHECK(hr_link_receive(link, 200, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).damaged == 2 && state_of(link).health == HR_LINK_UP);
  hr_link_close(link);

  /* Late, in a pause that has become long enough to be sure of it. */
  config = config_of(60, 1, 4);
  config.retry_ms = 60000;
  link = link_to(hr_listener_address(listener), &config);
  const size_t late_bytes = lose(link, listener, 5, &peer);
  CHECK(state_of(link).lost == 5 && state_of(link).health == HR_LINK_DOWN);
  hr_listener_answer(listener, &peer, answer_bytes, late_bytes, NULL);
  CHECK(hr_link_receive(link, 100, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).late == 1 && state_of(link).health == HR_LINK_DOWN && state_of(link).answered == 0);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void an_answer_that_comes_late_ends_the_pause(const char *where) {
  hr_listener *listener = listen_at(where);
  hr_link_config config = config_of(60, 1, 4);
  config.retry_ms = 60000;
  hr_link *link = link_to(hr_listener_address(listener), &config);
  hr_answer answer = {.struct_size = sizeof answer};
  hr_peer peer;
  const size_t late_bytes = lose(link, listener, 6, &peer);
  /* The sixth pause is of 1.6 seconds at least. */
  CHECK(state_of(link).health == HR_LINK_DOWN && send_one(link, 8000, 10) == HR_DEVICE_ERROR);
  hr_listener_answer(listener, &peer, answer_bytes, late_bytes, NULL);
  for (int i = 0; i < 50 && state_of(link).late == 0; i++) hr_link_receive(link, 10, &answer, NULL);
  CHECK(state_of(link).late == 1 && state_of(link).health == HR_LINK_DOWN);
  CHECK(send_one(link, 8001, 10) == HR_OK);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void one_packet_that_is_lost_among_answered_ones_leaves_the_link_up(const char *where) {
  hr_listener *listener = listen_at(where);
  const hr_link_config config = config_of(400, 1, 4);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  hr_answer answer = {.struct_size = sizeof answer};
  CHECK(send_one(link, 1, 10) == HR_OK && answer_one(listener, link, 0, NULL));
  CHECK(send_one(link, 2, 10) == HR_OK && answer_one(listener, link, 1, NULL));
  CHECK(hr_link_receive(link, 300, &answer, NULL) == HR_OK && answer.sequence == 2);
  CHECK(hr_link_receive(link, 500, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).lost == 1 && state_of(link).health == HR_LINK_UP);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void a_refusal_is_an_answer(const char *where) {
  hr_listener *listener = listen_at(where);
  const hr_link_config config = config_of(10000, 1, 1);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  CHECK(send_one(link, 8, 10) == HR_OK);
  hr_peer peer;
  CHECK(answer_one(listener, link, 0, &peer));
  hr_answer answer = {.struct_size = sizeof answer, .status = HR_NOT_FOUND, .sequence = 8};
  answer.capture_us = 1000000000008u;
  answer.model_id = 0x12345678;
  size_t byte_count;
  CHECK(hr_answer_pack(&answer, answer_bytes, sizeof answer_bytes, &byte_count, NULL) == HR_OK);
  CHECK(hr_listener_answer(listener, &peer, answer_bytes, byte_count, NULL) == HR_OK);
  CHECK(hr_link_receive(link, 10000, &answer, NULL) == HR_OK && answer.status == HR_NOT_FOUND);
  CHECK(state_of(link).answered == 1 && state_of(link).health == HR_LINK_UP);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void a_tail_that_restarts_is_found_again(const char *where) {
  hr_listener *listener = listen_at(where);
  char address[200];
  snprintf(address, sizeof address, "%s", hr_listener_address(listener));
  const hr_link_config config = config_of(300, 1, 4);
  hr_link *link = link_to(address, &config);
  hr_answer answer = {.struct_size = sizeof answer};
  uint32_t sequence = 0;
  for (int restarts = 0; restarts < 3; restarts++) {
    int is_up = 0;
    for (int i = 0; i < 300 && !is_up; i++) {
      send_one(link, sequence++, 1000);
      const uint8_t *received;
      size_t byte_count;
      hr_peer peer;
      if (hr_listener_receive(listener, 10, &received, &byte_count, &peer, NULL) != HR_OK) continue;
      const size_t bytes = make_answer(answer_bytes, received, byte_count);
      hr_listener_answer(listener, &peer, answer_bytes, bytes, NULL);
      is_up = hr_link_receive(link, 100, &answer, NULL) == HR_OK;
    }
    CHECK(is_up && state_of(link).health == HR_LINK_UP);
    hr_listener_close(listener);
    for (int i = 0; i < 300 && state_of(link).health != HR_LINK_DOWN; i++) {
      send_one(link, sequence++, 1000);
      hr_link_receive(link, 10, &answer, NULL);
    }
    CHECK(state_of(link).health == HR_LINK_DOWN && state_of(link).what[0]);
    listener = listen_at(address);
  }
  hr_link_close(link);
  hr_listener_close(listener);
}

static void a_packet_of_any_size_passes(void) {
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  const hr_link_config config = config_of(20000, 1, 2);
  hr_link *link = link_to(hr_listener_address(listener), &config);
  hr_answer answer = {.struct_size = sizeof answer};
  const size_t sizes[] = {0, 1, 65535, 65534, 3};
  for (uint32_t i = 0; i < 5; i++) {
    CHECK(send_one(link, i, sizes[i]) == HR_OK);
    CHECK(answer_one(listener, link, 1, NULL));
    CHECK(hr_link_receive(link, 10000, &answer, NULL) == HR_OK && answer.sequence == i);
  }
  hr_link_close(link);
  hr_listener_close(listener);
  /* A datagram holds less. */
  listener = listen_at("udp://127.0.0.1:0");
  link = link_to(hr_listener_address(listener), &config);
  CHECK(send_one(link, 1, 65535) == HR_OK && state_of(link).failed == 1 && state_of(link).sent == 0);
  hr_link_close(link);
  hr_listener_close(listener);
}

static void what_is_no_address_is_named(void) {
  static const char *const wrong[] = {
      "", "udp", "udp://", "udp://:5", "udp://127.0.0.1", "udp://127.0.0.1:0", "udp://127.0.0.1:65536",
      "udp://127.0.0.1:-5", "udp://127.0.0.1:5/", "tcp://a b:5", "tcp://[::1:5", "tcp://127.0.0.1:123456",
      "mqtt://127.0.0.1:5", "mqtt://127.0.0.1:5/", "mqtt://127.0.0.1:5/a/#", "mqtt://127.0.0.1:5/+/b",
      "mqtt://127.0.0.1:5/$SYS", "mqtt://127.0.0.1:5/a//b", "http://127.0.0.1:5/v2/models/",
      "http://127.0.0.1:5/else", "http://127.0.0.1:5/v2/models/a?b", "ftp://127.0.0.1:5"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    hr_link *link = (hr_link *)1;
    hr_error error = {.struct_size = sizeof error};
    CHECK(hr_link_open(&link, wrong[i], NULL, &error) == HR_INVALID_ARGUMENT);
    CHECK(link == NULL && error.message[0]);
  }
  hr_link *link;
  hr_link_config config = config_of(500, 0, 1);
  CHECK(hr_link_open(&link, "udp://127.0.0.1:9", &config, NULL) == HR_INVALID_ARGUMENT);
  config = config_of(500, 1, 65);
  CHECK(hr_link_open(&link, "udp://127.0.0.1:9", &config, NULL) == HR_INVALID_ARGUMENT);
  hr_listener *listener;
  CHECK(hr_listener_open(&listener, "http://127.0.0.1:5/v2/models/a", NULL) == HR_INVALID_ARGUMENT);
  CHECK(hr_listener_open(&listener, "tcp://127.0.0.1:5/x", NULL) == HR_INVALID_ARGUMENT);
  /* An address of nobody's: of a documentation network. */
  CHECK(hr_listener_open(&listener, "tcp://192.0.2.1:0", NULL) == HR_DEVICE_ERROR);
  hr_link_close(NULL);
  hr_listener_close(NULL);
}

static void nothing_but_latents_is_sent(void) {
  const hr_link_config config = config_of(500, 1, 1);
  hr_link *link = link_to("udp://127.0.0.1:9", &config);
  size_t byte_count = make_packet(packet, 1, 50);
  packet[30] ^= 1;
  CHECK(hr_link_send(link, packet, byte_count, NULL) == HR_BAD_PAYLOAD);
  packet[30] ^= 1;
  CHECK(hr_link_send(link, packet, byte_count - 1, NULL) == HR_BAD_PAYLOAD);
  byte_count = make_answer(answer_bytes, packet, byte_count);
  CHECK(hr_link_send(link, answer_bytes, byte_count, NULL) == HR_INVALID_ARGUMENT);
  CHECK(state_of(link).offered == 0);
  hr_link_close(link);
}

/* ---- Answers of another thread ----------------------------------------------------------- */

enum { MANY = 500 };
static struct {
  hr_listener *listener;
  pthread_mutex_t mutex;
  int received, answered;
  hr_peer peers[MANY];
  uint8_t answers[MANY][HR_MAX_ANSWER_BYTES];
  size_t bytes[MANY];
} work;

static void *answer_all(void *unused) {
  (void)unused;
  while (work.answered < MANY) {
    pthread_mutex_lock(&work.mutex);
    const int next = work.answered < work.received ? work.answered : -1;
    pthread_mutex_unlock(&work.mutex);
    if (next < 0) {
      usleep(200);
      continue;
    }
    CHECK(hr_listener_answer(work.listener, &work.peers[next], work.answers[next], work.bytes[next], NULL) == HR_OK);
    work.answered++;
  }
  return NULL;
}

static void *receive_all(void *unused) {
  (void)unused;
  while (work.received < MANY) {
    const uint8_t *received;
    size_t byte_count;
    const int next = work.received;
    if (hr_listener_receive(work.listener, 1000, &received, &byte_count, &work.peers[next], NULL) != HR_OK) continue;
    work.bytes[next] = make_answer(work.answers[next], received, byte_count);
    pthread_mutex_lock(&work.mutex);
    work.received++;
    pthread_mutex_unlock(&work.mutex);
  }
  return NULL;
}

static void any_thread_may_answer(const char *where) {
  pthread_t receiver, answerer;
  memset(&work, 0, sizeof work);
  pthread_mutex_init(&work.mutex, NULL);
  work.listener = listen_at(where);
  const hr_link_config config = config_of(20000, 1, 8);
  hr_link *link = link_to(hr_listener_address(work.listener), &config);
  CHECK(pthread_create(&receiver, NULL, receive_all, NULL) == 0);
  CHECK(pthread_create(&answerer, NULL, answer_all, NULL) == 0);
  hr_answer answer = {.struct_size = sizeof answer};
  for (uint32_t i = 0; i < MANY; i++) {
    CHECK(send_one(link, i, i * 3) == HR_OK);
    while (state_of(link).waiting > 0 || state_of(link).in_flight == 8) hr_link_receive(link, 100, &answer, NULL);
  }
  while (state_of(link).in_flight + state_of(link).waiting > 0) hr_link_receive(link, 100, &answer, NULL);
  pthread_join(receiver, NULL);
  pthread_join(answerer, NULL);
  CHECK(state_of(link).answered == MANY && state_of(link).lost == 0);
  hr_link_close(link);
  hr_listener_close(work.listener);
}

static void links_of(const char *where) {
  packets_are_answered(where);
  the_newest_frame_wins(where);
  a_tail_that_never_answers_takes_the_link_down(where);
  answers_twice_late_and_unasked_are_told_once(where);
  /* By TCP a connection whose other side took everything and is silent is made anew before. */
  if (strncmp(where, "tcp:", 4) != 0) an_answer_that_comes_late_ends_the_pause(where);
  one_packet_that_is_lost_among_answered_ones_leaves_the_link_up(where);
  a_refusal_is_an_answer(where);
  a_tail_that_restarts_is_found_again(where);
  any_thread_may_answer(where);
}

/* link mqtt://HOST:PORT/TOPIC - what links of all kinds do, by way of that broker. */
int main(int count, char **arguments) {
  if (count == 2 && strncmp(arguments[1], "mqtt:", 5) == 0) {
    links_of(arguments[1]);
  } else {
    links_of("udp://127.0.0.1:0");
    links_of("tcp://127.0.0.1:0");
    packets_are_answered("udp://localhost:0");
    a_packet_of_any_size_passes();
    what_is_no_address_is_named();
    nothing_but_latents_is_sent();
  }
  if (failures) fprintf(stderr, "link: %d checks failed\n", failures);
  return failures ? 1 : 0;
}
