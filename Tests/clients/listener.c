/* listener.c - listeners on this machine's loopback, and peers that are many, slow, gone, or talk nonsense. */
#define _GNU_SOURCE
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* Closed so that the other side knows: it neither sends nor receives. */
static void reset(int raw) {
  const struct linger at_once = {1, 0};
  setsockopt(raw, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(raw);
}

static void a_peer_that_sends_nothing_more_is_answered_and_then_closed(void) {
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  const int raw = connect_raw(listener), silent = connect_raw(listener);
  size_t byte_count = make_packet(packet, 1, 40);
  byte_count += make_packet(packet + byte_count, 2, 40);
  hr_peer peer;
  const uint8_t *received;
  size_t received_bytes;
  /* The beginning of a third never gets its end. */
  CHECK(send(raw, packet, byte_count, 0) == (ssize_t)byte_count && send(raw, packet, 30, 0) == 30);
  CHECK(shutdown(raw, SHUT_WR) == 0 && shutdown(silent, SHUT_WR) == 0);
  for (int i = 0; i < 2; i++) {
    CHECK(hr_listener_receive(listener, 1000, &received, &received_bytes, &peer, NULL) == HR_OK);
    const size_t answered = make_answer(answer_bytes, received, received_bytes);
    CHECK(hr_listener_answer(listener, &peer, answer_bytes, answered, NULL) == HR_OK);
  }
  CHECK(count_packets(listener, 200, &peer) == 0);
  CHECK(state_of_listener(listener).answers == 2 && state_of_listener(listener).peers == 0);
  size_t read = 0;
  ssize_t part;
  while ((part = recv(raw, packet + read, sizeof packet - read, 0)) > 0) read += (size_t)part;
  CHECK(part == 0 && read == state_of_listener(listener).bytes_sent);
  close(raw);
  close(silent);
  hr_listener_close(listener);
}

static void connections_without_a_file_descriptor_are_told_and_counted(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  hr_listener *listener = listen_at("tcp://127.0.0.1:0");
  const uint8_t *received;
  size_t received_bytes;
  hr_peer peer;
  hr_error error = {.struct_size = sizeof error};
  const int raw = connect_raw(listener);
  /* The next number is above what is allowed. */
  const struct rlimit least = {(rlim_t)raw + 1, limit.rlim_max};
  CHECK(setrlimit(RLIMIT_NOFILE, &least) == 0);
  for (int i = 0; i < 5; i++)
    CHECK(hr_listener_receive(listener, 100, &received, &received_bytes, &peer, &error) == HR_TIMED_OUT);
  CHECK(strstr(error.message, "no file descriptor is left") && strstr(error.message, "ulimit -n"));
  CHECK(state_of_listener(listener).starved == 1 && state_of_listener(listener).peers == 0);
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(hr_listener_receive(listener, 500, &received, &received_bytes, &peer, &error) == HR_TIMED_OUT);
  CHECK(state_of_listener(listener).peers == 1 && !strstr(error.message, "no file descriptor"));
  /* A program that was compiled before these were counted is told the rest. */
  hr_listener_state old = {.struct_size = offsetof(hr_listener_state, starved), .starved = 77};
  CHECK(hr_listener_status(listener, &old) == HR_OK && old.peers == 1 && old.starved == 77);
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
  reset(raw);
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

static void datagrams_that_come_too_fast_are_counted(void) {
  hr_listener *listener = listen_at("udp://127.0.0.1:0");
  const char *port = strrchr(hr_listener_address(listener), ':') + 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int raw = socket(AF_INET, SOCK_DGRAM, 0);
  const size_t byte_count = make_packet(packet, 1, 500);
  hr_peer peer;
  uint64_t sent = 0;
  for (; sent < 30000; sent++)
    CHECK(sendto(raw, packet, byte_count, 0, (struct sockaddr *)&address, sizeof address) == (ssize_t)byte_count);
  uint64_t taken = (uint64_t)count_packets(listener, 100, &peer);
  CHECK(taken >= 100 && taken < sent);
  /* What was dropped is told with the next. */
  CHECK(sendto(raw, packet, byte_count, 0, (struct sockaddr *)&address, sizeof address) == (ssize_t)byte_count);
  sent++;
  taken += (uint64_t)count_packets(listener, 100, &peer);
#ifdef __x86_64__ /* emulators of other CPUs do not pass it on */
  CHECK(state_of_listener(listener).lost == sent - taken);
#endif
  close(raw);
  hr_listener_close(listener);
}

int main(void) {
  a_stream_is_cut_into_packets_wherever_it_breaks();
  an_answer_to_a_peer_that_is_gone_reaches_nobody_else();
  a_peer_that_sends_nothing_more_is_answered_and_then_closed();
  connections_without_a_file_descriptor_are_told_and_counted();
  a_peer_that_does_not_read_loses_its_answers();
  no_more_peers_than_256_are_served();
  datagrams_that_are_no_packets_are_left_out();
  half_a_packet_is_not_waited_for_for_ever();
  datagrams_that_come_too_fast_are_counted();
  if (failures) fprintf(stderr, "listener: %d checks failed\n", failures);
  return failures ? 1 : 0;
}
