/* link.c - links and listeners on this machine's loopback: what is counted, who goes down and comes back, and what
   peers that do not behave bring about. */
#define _GNU_SOURCE
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t packet[HR_MAX_PACKET_BYTES];
static uint8_t answer_bytes[HR_MAX_ANSWER_BYTES];

static hr_listener *listen_at(const char *address) {
  hr_error error = {.struct_size = sizeof error};
  hr_listener *listener = NULL;
  if (hr_listener_open(&listener, address, &error) != HR_OK) {
    fprintf(stderr, "link: %s\n", error.message);
    exit(1);
  }
  /* A broker passes on nothing before it knows the listener. */
  const uint8_t *received;
  size_t byte_count;
  hr_peer peer;
  for (int i = 0; i < 500 && strncmp(address, "mqtt:", 5) == 0 && state_of_listener(listener).peers == 0; i++)
    hr_listener_receive(listener, 10, &received, &byte_count, &peer, NULL);
  return listener;
}

static hr_link *link_to(const char *address, const hr_link_config *config) {
  hr_error error = {.struct_size = sizeof error};
  hr_link *link = NULL;
  if (hr_link_open(&link, address, config, &error) == HR_OK) return link;
  fprintf(stderr, "link: %s\n", error.message);
  exit(1);
}

static hr_link_config config_of(uint32_t answer_timeout_ms, uint32_t queue, uint32_t in_flight) {
  hr_link_config config;
  hr_link_config_init(&config);
  config.answer_timeout_ms = answer_timeout_ms;
  config.queue = queue;
  config.in_flight = in_flight;
  config.retry_ms = 200;
  config.seed = 1;
  return config;
}

static hr_status send_one(hr_link *link, uint32_t sequence, size_t body_bytes) {
  const size_t byte_count = make_packet(packet, sequence, body_bytes);
  hr_error error = {.struct_size = sizeof error};
  const hr_status status = hr_link_send(link, packet, byte_count, &error);
  if (status != HR_OK) CHECK(error.message[0]);
  state_of(link);
  return status;
}

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
  CHECK(send_one(link, 2, 10) == HR_DEVICE_ERROR);
  CHECK(state_of(link).refused == 1);
  /* After its pause a packet is let through; answered, it brings the link up again. */
  hr_answer answer = {.struct_size = sizeof answer};
  uint32_t sequence = 3;
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
  CHECK(state.health == HR_LINK_UP && state.refused > 1 && state.what[0] == 0);
  hr_link_close(link);
  hr_listener_close(listener);
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

  config = config_of(60, 1, 4);
  config.retry_ms = 60000;
  link = link_to(hr_listener_address(listener), &config);
  CHECK(send_one(link, 5, 10) == HR_OK);
  const uint8_t *received;
  size_t received_bytes;
  CHECK(hr_link_receive(link, 30, &answer, NULL) == HR_TIMED_OUT);
  CHECK(hr_listener_receive(listener, 5000, &received, &received_bytes, &peer, NULL) == HR_OK);
  const size_t late_bytes = make_answer(answer_bytes, received, received_bytes);
  CHECK(hr_link_receive(link, 70, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).lost == 1);
  hr_listener_answer(listener, &peer, answer_bytes, late_bytes, NULL);
  CHECK(hr_link_receive(link, 30, &answer, NULL) == HR_TIMED_OUT);
  CHECK(state_of(link).late == 1 && state_of(link).health == HR_LINK_DOWN && state_of(link).answered == 0);
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
  hr_answer answer = {.struct_size = sizeof answer, .status = HR_NOT_FOUND, .sequence = 8, .capture_us = 1000000000008u};
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

/* ---- Listeners, and peers of any kind ---------------------------------------------------- */

static int connect_raw(const hr_listener *listener) {
  const char *port = strrchr(hr_listener_address(listener), ':') + 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int raw = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(raw >= 0 && connect(raw, (struct sockaddr *)&address, sizeof address) == 0);
  return raw;
}

/* How many packets come within a while. */
static int count_packets(hr_listener *listener, uint32_t timeout_ms, hr_peer *peer) {
  const uint8_t *received;
  size_t byte_count;
  int count = 0;
  while (hr_listener_receive(listener, timeout_ms, &received, &byte_count, peer, NULL) == HR_OK) count++;
  return count;
}

static void a_stream_is_cut_into_packets_wherever_it_breaks(void) {
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  hr_peer peer;
  int raw = connect_raw(listener);
  size_t byte_count = make_packet(packet, 1, 40);
  byte_count += make_packet(packet + byte_count, 2, 0);
  byte_count += make_packet(packet + byte_count, 3, 500);
  for (size_t i = 0; i < byte_count; i += 7) {
    const size_t left = byte_count - i;
    CHECK(send(raw, packet + i, left < 7 ? left : 7, 0) > 0);
  }
  CHECK(count_packets(listener, 300, &peer) == 3);
  CHECK(send(raw, packet, byte_count, 0) == (ssize_t)byte_count);
  CHECK(count_packets(listener, 300, &peer) == 3);
  /* One that is damaged is left out; the next is read. */
  packet[50] ^= 1;
  CHECK(send(raw, packet, byte_count, 0) == (ssize_t)byte_count);
  CHECK(count_packets(listener, 300, &peer) == 2 && state_of_listener(listener).damaged == 1);
  /* Nothing can be read behind what is no packet at all. */
  CHECK(send(raw, "GET / HTTP/1.1\r\nHost: tail\r\n\r\n", 30, 0) == 30);
  CHECK(count_packets(listener, 300, &peer) == 0);
  CHECK(state_of_listener(listener).damaged == 2 && state_of_listener(listener).peers == 0);
  CHECK(recv(raw, packet, 1, 0) <= 0);
  close(raw);
  hr_listener_close(listener);
}

static void an_answer_to_a_peer_that_is_gone_reaches_nobody_else(void) {
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  hr_peer gone, other;
  const size_t byte_count = make_packet(packet, 1, 40);
  int raw = connect_raw(listener);
  CHECK(send(raw, packet, byte_count, 0) > 0);
  CHECK(count_packets(listener, 300, &gone) == 1);
  close(raw);
  CHECK(count_packets(listener, 100, &other) == 0);
  raw = connect_raw(listener);
  CHECK(send(raw, packet, byte_count, 0) > 0);
  CHECK(count_packets(listener, 300, &other) == 1);
  CHECK(state_of_listener(listener).peers == 1);
  CHECK(hr_listener_answer(listener, &gone, packet, 30, NULL) == HR_OK);
  CHECK(state_of_listener(listener).unsent == 1 && state_of_listener(listener).answers == 0);
  CHECK(hr_listener_answer(listener, &other, packet, 30, NULL) == HR_OK);
  uint8_t bytes[100];
  CHECK(recv(raw, bytes, sizeof bytes, 0) == 30 && recv(raw, bytes, sizeof bytes, MSG_DONTWAIT) < 0);
  const hr_peer nonsense = {{~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull}};
  CHECK(hr_listener_answer(listener, &nonsense, packet, 30, NULL) == HR_OK);
  CHECK(hr_listener_answer(listener, &other, packet, 0, NULL) == HR_INVALID_ARGUMENT);
  CHECK(hr_listener_answer(listener, &other, packet, HR_MAX_ANSWER_BYTES + 1, NULL) == HR_INVALID_ARGUMENT);
  close(raw);
  hr_listener_close(listener);
}

static void a_peer_that_does_not_read_loses_its_answers(void) {
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  const int raw = connect_raw(listener);
  const size_t byte_count = make_packet(packet, 1, 40);
  hr_peer peer;
  CHECK(send(raw, packet, byte_count, 0) > 0);
  CHECK(count_packets(listener, 300, &peer) == 1);
  for (int i = 0; i < 500000 && state_of_listener(listener).unsent == 0; i++)
    CHECK(hr_listener_answer(listener, &peer, packet, HR_MAX_ANSWER_BYTES, NULL) == HR_OK);
  CHECK(state_of_listener(listener).unsent == 1);
  /* And gets those that waited when it does. */
  const uint64_t expected = state_of_listener(listener).bytes_sent;
  uint64_t read = 0;
  for (int i = 0; i < 1000 && read < expected; i++) {
    ssize_t received;
    while ((received = recv(raw, packet, sizeof packet, MSG_DONTWAIT)) > 0) read += (uint64_t)received;
    count_packets(listener, 5, &peer);
  }
  CHECK(read == expected);
  close(raw);
  hr_listener_close(listener);
}

static void no_more_peers_than_256_are_served(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 700) return;
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  int raw[260];
  hr_peer peer;
  for (int i = 0; i < 260; i++) {
    raw[i] = connect_raw(listener);
    if (i % 20 == 19) count_packets(listener, 20, &peer);
  }
  CHECK(count_packets(listener, 300, &peer) == 0);
  CHECK(state_of_listener(listener).peers == 256 && state_of_listener(listener).refused_peers == 4);
  /* All are served in turn, whoever sends most. */
  const size_t byte_count = make_packet(packet, 1, 40);
  for (int k = 0; k < 5; k++) CHECK(send(raw[3], packet, byte_count, 0) > 0);
  CHECK(send(raw[200], packet, byte_count, 0) > 0);
  uint64_t last = 0;
  for (int i = 0; i < 6; i++) {
    const uint8_t *received;
    size_t received_bytes;
    usleep(20000);
    CHECK(hr_listener_receive(listener, 5000, &received, &received_bytes, &peer, NULL) == HR_OK);
    if (i > 0 && i < 2) CHECK(peer.opaque[0] != last);
    last = peer.opaque[0];
  }
  close(raw[0]);
  CHECK(count_packets(listener, 300, &peer) == 0 && state_of_listener(listener).peers == 255);
  for (int i = 1; i < 260; i++) close(raw[i]);
  hr_listener_close(listener);
}

static void half_a_packet_is_not_waited_for_for_ever(void) {
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  const int slow = connect_raw(listener), silent = connect_raw(listener);
  make_packet(packet, 1, 1000);
  hr_peer peer;
  int is_closed = 0;
  for (int i = 0; i < 80 && !is_closed; i++) {
    /* A byte now and then does not help. */
    if (i < 40) send(slow, packet + i, 1, MSG_NOSIGNAL);
    count_packets(listener, 200, &peer);
    is_closed = state_of_listener(listener).peers == 1 && i > 0;
  }
  CHECK(is_closed);
  uint8_t byte;
  CHECK(recv(slow, &byte, 1, 0) <= 0);
  CHECK(recv(silent, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
  close(slow);
  close(silent);
  hr_listener_close(listener);
}

static void datagrams_that_are_no_packets_are_left_out(void) {
  hr_listener *listener = listen_at("udp://127.0.0.1:0");
  const char *port = strrchr(hr_listener_address(listener), ':') + 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int raw = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(connect(raw, (struct sockaddr *)&address, sizeof address) == 0);
  const size_t byte_count = make_packet(packet, 1, 300);
  send(raw, packet, 0, 0);
  send(raw, packet, 5, 0);
  send(raw, packet, byte_count - 1, 0);
  send(raw, packet, byte_count + 1, 0);
  const size_t answered = make_answer(answer_bytes, packet, byte_count);
  send(raw, answer_bytes, answered, 0);
  send(raw, packet, byte_count, 0);
  hr_peer peer;
  CHECK(count_packets(listener, 300, &peer) == 1);
  CHECK(state_of_listener(listener).packets == 1 && state_of_listener(listener).damaged == 5);
  close(raw);
  /* The head is gone: nothing that the tail has to know. */
  for (int i = 0; i < 3; i++) CHECK(hr_listener_answer(listener, &peer, answer_bytes, answered, NULL) == HR_OK);
  CHECK(count_packets(listener, 100, &peer) == 0);
  hr_listener_close(listener);
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
    a_stream_is_cut_into_packets_wherever_it_breaks();
    an_answer_to_a_peer_that_is_gone_reaches_nobody_else();
    a_peer_that_does_not_read_loses_its_answers();
    no_more_peers_than_256_are_served();
    datagrams_that_are_no_packets_are_left_out();
    half_a_packet_is_not_waited_for_for_ever();
  }
  if (failures) fprintf(stderr, "link: %d checks failed\n", failures);
  return failures ? 1 : 0;
}
