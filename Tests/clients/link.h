/* link.h - what tests of links and listeners share: packets made by hand, and checks that go on. */
#ifndef TESTS_LINK_H
#define TESTS_LINK_H

#include <headrace_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define CHECK(holds)                                                       \
  do {                                                                     \
    if (!(holds)) {                                                        \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds);  \
      failures++;                                                          \
    }                                                                      \
  } while (0)

static inline void put_little(uint8_t *out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
}

/* A latent's packet as PACKET.md says, of one layer with a body of any bytes. */
static inline size_t make_packet(uint8_t *out, uint32_t sequence, size_t body_bytes) {
  memset(out, 0, HR_PACKET_HEADER_BYTES);
  memcpy(out, "HR\x11\x10", 4);
  put_little(out + 4, 0x12345678, 4);
  put_little(out + 8, sequence, 4);
  put_little(out + 12, 1000000000000u + sequence, 6);
  put_little(out + 18, body_bytes, 2);
  for (size_t i = 0; i < body_bytes; i++) out[HR_PACKET_HEADER_BYTES + i] = (uint8_t)(i * 7 + sequence);
  /* The checksum leaves itself out: over a copy without it. */
  static uint8_t copy[HR_MAX_PACKET_BYTES];
  memcpy(copy, out, 20);
  memcpy(copy + 20, out + HR_PACKET_HEADER_BYTES, body_bytes);
  put_little(out + 20, hr_crc32c(copy, 20 + body_bytes), 4);
  return HR_PACKET_HEADER_BYTES + body_bytes;
}

/* The answer of a tail that finds class 7 likely. */
static inline size_t make_answer(uint8_t *out, const uint8_t *packet, size_t packet_bytes) {
  hr_packet_info info = {.struct_size = sizeof info};
  if (hr_packet_inspect(packet, packet_bytes, &info, NULL) != HR_OK) return 0;
  hr_answer answer = {.struct_size = sizeof answer,
                      .model_id = info.model_id,
                      .sequence = info.sequence,
                      .capture_us = info.capture_us,
                      .tail_us = 10,
                      .class_count = 1};
  answer.classes[0].index = 7;
  answer.classes[0].probability = 0.75f;
  size_t byte_count = 0;
  return hr_answer_pack(&answer, out, HR_MAX_ANSWER_BYTES, &byte_count, NULL) == HR_OK ? byte_count : 0;
}

static inline hr_link_state state_of(const hr_link *link) {
  hr_link_state state = {.struct_size = sizeof state};
  CHECK(hr_link_status(link, &state) == HR_OK);
  /* Nothing is dropped without being counted, whenever one looks. */
  CHECK(state.offered == state.refused + state.replaced + state.answered + state.lost + state.failed +
                             state.waiting + state.in_flight);
  return state;
}

static inline hr_listener_state state_of_listener(const hr_listener *listener) {
  hr_listener_state state = {.struct_size = sizeof state};
  CHECK(hr_listener_status(listener, &state) == HR_OK);
  return state;
}

static uint8_t packet[HR_MAX_PACKET_BYTES];
static uint8_t answer_bytes[HR_MAX_ANSWER_BYTES];

static inline hr_listener *listen_at(const char *address) {
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

static inline hr_link *link_to(const char *address, const hr_link_config *config) {
  hr_error error = {.struct_size = sizeof error};
  hr_link *link = NULL;
  if (hr_link_open(&link, address, config, &error) == HR_OK) return link;
  fprintf(stderr, "link: %s\n", error.message);
  exit(1);
}

static inline hr_link_config config_of(uint32_t answer_timeout_ms, uint32_t queue, uint32_t in_flight) {
  hr_link_config config;
  hr_link_config_init(&config);
  config.answer_timeout_ms = answer_timeout_ms;
  config.queue = queue;
  config.in_flight = in_flight;
  config.retry_ms = 200;
  config.seed = 1;
  return config;
}

static inline hr_status send_one(hr_link *link, uint32_t sequence, size_t body_bytes) {
  const size_t byte_count = make_packet(packet, sequence, body_bytes);
  hr_error error = {.struct_size = sizeof error};
  const hr_status status = hr_link_send(link, packet, byte_count, &error);
  if (status != HR_OK) CHECK(error.message[0]);
  state_of(link);
  return status;
}

#endif /* TESTS_LINK_H */
