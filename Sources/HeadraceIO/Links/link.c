/* link.c - links to a tail: opening, sending, receiving. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "internal/transport.h"

/* A latent of more bytes than a packet can have is sent as a tensor only. */
enum { MOST_TENSOR_BYTES = 1 << 20 };

void hr_link_config_init(hr_link_config *config) {
  if (!config) return;
  memset(config, 0, sizeof *config);
  config->struct_size = sizeof *config;
  config->answer_timeout_ms = 500;
  config->queue = 1;
  config->in_flight = 4;
  config->retry_ms = 5000;
}

static hr_status check_config(const hr_link_config *config, hr_error *error) {
  if (config->struct_size < sizeof *config)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "link: the configuration's struct_size is not set; call hr_link_config_init");
  if (config->answer_timeout_ms < 1 || config->answer_timeout_ms > 600000)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "link: answer_timeout_ms is %u; it is 1 ... 600,000",
                      config->answer_timeout_ms);
  if (config->queue < 1 || config->queue > HR_MOST_PACKETS || config->in_flight < 1 ||
      config->in_flight > HR_MOST_PACKETS)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "link: queue is %u and in_flight %u; they are 1 ... %d",
                      config->queue, config->in_flight, HR_MOST_PACKETS);
  if (config->retry_ms < 1 || config->retry_ms > 3600000)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "link: retry_ms is %u; it is 1 ... 3,600,000", config->retry_ms);
  return HR_OK;
}

static hr_status make(hr_link **out, enum hr_scheme scheme, hr_error *error) {
  switch (scheme) {
    case HR_SCHEME_UDP: return hr_udp_link_make(out, error);
    case HR_SCHEME_TCP: return hr_tcp_link_make(out, error);
    case HR_SCHEME_MQTT: return hr_mqtt_link_make(out, error);
    case HR_SCHEME_HTTP: break;
  }
  return hr_http_link_make(out, error);
}

/* The packets that wait have places of a fixed size, whatever is sent. */
static hr_status take_memory(hr_link *link, hr_error *error) {
  link->packet_capacity = link->transport->write_tensor ? MOST_TENSOR_BYTES : HR_MAX_PACKET_BYTES;
  link->memory = malloc(link->packet_capacity * link->config.queue);
  if (!link->memory)
    return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for %u packets that wait; choose a smaller queue",
                      link->config.queue);
  for (uint32_t i = 0; i < link->config.queue; i++) link->waiting[i].bytes = link->memory + link->packet_capacity * i;
  return HR_OK;
}

hr_status hr_link_open(hr_link **out, const char *address, const hr_link_config *config, hr_error *error) {
  if (!out || !address)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "link: out or address is NULL; pass a pointer to a handle and udp://, tcp://, mqtt:// or "
                      "http://...");
  *out = NULL;
  hr_link_config settings;
  hr_link_config_init(&settings);
  if (config) settings = *config;
  hr_status status = check_config(&settings, error);
  if (status != HR_OK) return status;
  struct hr_address parsed;
  status = hr_address_parse(&parsed, address, 0, error);
  if (status != HR_OK) return status;
  hr_link *link = NULL;
  status = make(&link, parsed.scheme, error);
  if (status != HR_OK) return status;
  link->address = parsed;
  link->config = settings;
  link->state.struct_size = sizeof link->state;
  link->state.health = HR_LINK_CONNECTING;
  hr_backoff_init(&link->backoff, settings.retry_ms, settings.seed);
  status = take_memory(link, error);
  if (status == HR_OK && link->transport->prepare) status = link->transport->prepare(link, error);
  if (status != HR_OK) {
    hr_link_close(link);
    return status;
  }
  link->transport->connect(link);
  *out = link;
  return HR_OK;
}

hr_link_content hr_link_content_of(const hr_link *link) {
  return link && link->transport->content ? link->transport->content(link) : HR_LINK_PACKETS;
}

/* ---- Sending ----------------------------------------------------------------------------- */

static hr_status refuse(hr_link *link, hr_error *error) {
  link->state.refused++;
  return hr_io_fail(error, HR_DEVICE_ERROR, "%.60s is down%s%s; answer this frame on the board", link->address.text,
                    link->state.what[0] ? ": " : "", link->state.what);
}

hr_status hr_link_send(hr_link *link, const uint8_t *packet, size_t packet_bytes, hr_error *error) {
  if (!link || !packet)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "link: link or packet is NULL; pass the handle of hr_link_open and "
                      "what hr_split_pack wrote");
  hr_packet_info info = {.struct_size = sizeof info};
  hr_status status = hr_packet_inspect(packet, packet_bytes, &info, error);
  if (status != HR_OK) return status;
  if (info.kind != HR_PACKET_LATENT)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "link: packets of latents are sent, not answers");
  hr_link_tend(link); /* what the other side takes may be learned in this */
  if (hr_link_content_of(link) != HR_LINK_PACKETS)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "%.80s takes latents; call hr_link_send_tensor", link->address.text);
  link->state.offered++;
  if (!hr_link_takes_packets(link)) return refuse(link, error);
  const struct hr_frame_id id = {info.model_id, info.sequence, info.capture_us};
  hr_link_enqueue(link, &id, packet, packet_bytes);
  hr_link_tend(link);
  return HR_OK;
}

hr_status hr_link_send_tensor(hr_link *link, const hr_tensor *latent, uint32_t sequence, uint64_t capture_us,
                              hr_error *error) {
  if (!link || !latent || latent->struct_size < sizeof *latent || !latent->data)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "link: link or latent is NULL, or not set; pass the handle of hr_link_open and a tensor of "
                      "hr_session_output");
  hr_link_tend(link);
  if (hr_link_content_of(link) != HR_LINK_TENSORS)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "%.80s takes packets; call hr_link_send", link->address.text);
  /* Refused ones are not converted, and what a place holds is replaced only by one that is right. */
  if (!hr_link_takes_packets(link)) {
    link->state.offered++;
    return refuse(link, error);
  }
  size_t byte_count;
  uint8_t *place = hr_link_next_place(link);
  hr_status status = link->transport->write_tensor(link, latent, place, link->packet_capacity, &byte_count, error);
  if (status != HR_OK) return status;
  link->state.offered++;
  const struct hr_frame_id id = {0, sequence, capture_us & 0xffffffffffff};
  hr_link_enqueue(link, &id, place, byte_count);
  hr_link_tend(link);
  return HR_OK;
}

/* ---- Receiving --------------------------------------------------------------------------- */

/* Waits for what the transport waits for, until a time. */
static void await(hr_link *link, uint64_t until) {
  struct pollfd waits[HR_MOST_WAITS];
  const uint32_t count = link->transport->wait(link, waits, &until);
  const uint64_t now = hr_link_now();
  /* Rounded up, not to come back a moment too early time and again. */
  const uint64_t ms = until > now ? (until - now + 999999) / 1000000 : 0;
  poll(waits, count, ms < 60000 ? (int)ms : 60000);
}

hr_status hr_link_receive(hr_link *link, uint32_t timeout_ms, hr_answer *out, hr_error *error) {
  if (!link || !out || out->struct_size < sizeof *out)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "link: link or answer is NULL, or the answer's struct_size is not set; set it to "
                      "sizeof(hr_answer)");
  const uint64_t end = hr_link_now() + (uint64_t)timeout_ms * 1000000;
  for (;;) {
    hr_link_tend(link);
    if (link->answer_count > 0) break;
    if (hr_link_now() >= end)
      return hr_io_fail(error, HR_TIMED_OUT, "no answer from %.80s yet", link->address.text);
    const uint64_t tend = hr_link_tend_time(link);
    await(link, tend < end ? tend : end);
  }
  *out = link->answers[link->first_answer];
  link->first_answer = (link->first_answer + 1) % HR_MOST_PACKETS;
  link->answer_count--;
  return HR_OK;
}

hr_status hr_link_status(const hr_link *link, hr_link_state *out) {
  if (!link || !out || out->struct_size < sizeof *out) return HR_INVALID_ARGUMENT;
  *out = link->state;
  hr_link_timing_tell(&link->timing, &out->bytes_per_second, &out->round_trip_ms);
  return HR_OK;
}

void hr_link_close(hr_link *link) {
  if (!link) return;
  link->transport->close(link);
  free(link->memory);
  free(link);
}
