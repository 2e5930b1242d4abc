/* http_link.c - a link to an inference server, by libcurl's interface that does not wait.

   First the server is asked what it can do and what its model reads; then each packet or latent is a request of its own,
   whose place is the packet's slot among those in flight. A request that is given up is withdrawn: its answer never
   comes late. */
#define _GNU_SOURCE
#include "internal/transport.h"

#ifdef HEADRACE_HTTP
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal/curl.h"
#include "internal/inference.h"
#include "internal/socket.h"

enum { RESPONSE_BYTES = 256 * 1024, METADATA = HR_MOST_PACKETS };

struct http_link;

struct request {
  struct http_link *owner;
  CURL *easy;
  int is_running;
  uint8_t *out;      /* what is posted */
  uint8_t *response; /* RESPONSE_BYTES */
  size_t response_bytes;
  size_t json_bytes; /* of the response, as its header says; SIZE_MAX: all */
};

struct http_link {
  hr_link link;
  CURLM *multi;
  uint8_t *memory;
  struct curl_slist *binary_headers, *json_headers, *connect_to;
  struct request requests[HR_MOST_PACKETS + 1]; /* the last asks about server and model */
  int asks_server;  /* it does so of the server, as yet */
  int takes_binary; /* what the server said */
  int is_known;     /* what the model reads */
  uint32_t turn;
  struct hr_inference_model model;
};

static struct http_link *http(const hr_link *link) { return (struct http_link *)(uintptr_t)link; }

static uint32_t slot_of(const struct request *request) { return (uint32_t)(request - request->owner->requests); }

/* ---- Requests ---------------------------------------------------------------------------- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
  struct request *request = context;
  const size_t byte_count = size * count;
  request->owner->link.state.bytes_received += byte_count;
  if (byte_count > RESPONSE_BYTES - request->response_bytes) return 0; /* ends the request */
  memcpy(request->response + request->response_bytes, bytes, byte_count);
  request->response_bytes += byte_count;
  return byte_count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
  static const char name[] = "inference-header-content-length:";
  struct request *request = context;
  const size_t byte_count = size * count, skip = sizeof name - 1;
  char number[24] = "";
  if (byte_count > skip && byte_count - skip < sizeof number && strncasecmp(bytes, name, skip) == 0) {
    memcpy(number, bytes + skip, byte_count - skip);
    request->json_bytes = (size_t)strtoull(number, NULL, 10);
  }
  return byte_count;
}

static void end(struct request *request) {
  if (request->is_running) hr_curl.multi_remove_handle(request->owner->multi, request->easy);
  request->is_running = 0;
}

static int begin(struct request *request) {
  request->response_bytes = 0;
  request->json_bytes = SIZE_MAX;
  hr_curl.easy_setopt(request->easy, CURLOPT_CONNECT_TO, request->owner->connect_to);
  request->is_running = hr_curl.multi_add_handle(request->owner->multi, request->easy) == CURLM_OK;
  return request->is_running;
}

static int prepare_request(struct http_link *self, uint32_t slot) {
  struct request *request = &self->requests[slot];
  CURL *easy = hr_curl.easy_init();
  if (!easy) return 0;
  char url[sizeof self->link.address.text + 8];
  snprintf(url, sizeof url, "%s/infer", self->link.address.text);
  request->owner = self;
  request->easy = easy;
  hr_curl.easy_setopt(easy, CURLOPT_URL, url);
  hr_curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  hr_curl.easy_setopt(easy, CURLOPT_PROXY, ""); /* a tail is near, whatever the environment says of the web */
  hr_curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  hr_curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)hr_link_connecting_ms(&self->link));
  hr_curl.easy_setopt(easy, CURLOPT_PRIVATE, request);
  hr_curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  hr_curl.easy_setopt(easy, CURLOPT_WRITEDATA, request);
  hr_curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  hr_curl.easy_setopt(easy, CURLOPT_HEADERDATA, request);
  if (slot == METADATA) return 1;
  hr_curl.easy_setopt(easy, CURLOPT_POST, 1L);
  return 1;
}

static struct curl_slist *append(struct curl_slist *list, const char *line) {
  struct curl_slist *longer = hr_curl.slist_append(list, line);
  return longer ? longer : list;
}

static hr_status prepare(hr_link *link, hr_error *error) {
  struct http_link *self = http(link);
  char length[64];
  snprintf(length, sizeof length, "Inference-Header-Content-Length: %d", HR_INFERENCE_HEADER);
  self->binary_headers = append(NULL, "Content-Type: application/octet-stream");
  self->binary_headers = append(self->binary_headers, length);
  self->json_headers = append(NULL, "Content-Type: application/json");
  /* It would take a round trip more. */
  self->binary_headers = append(self->binary_headers, "Expect:");
  self->json_headers = append(self->json_headers, "Expect:");
  self->multi = hr_curl.multi_init();
  const size_t out_bytes = HR_INFERENCE_HEADER + link->packet_capacity, each = out_bytes + RESPONSE_BYTES;
  self->memory = malloc(each * link->config.in_flight + RESPONSE_BYTES);
  int is_done = self->multi && self->memory && self->binary_headers && self->json_headers;
  for (uint32_t slot = 0; slot < link->config.in_flight && is_done; slot++) {
    self->requests[slot].response = self->memory + each * slot;
    self->requests[slot].out = self->requests[slot].response + RESPONSE_BYTES;
    is_done = prepare_request(self, slot);
  }
  if (is_done) {
    self->requests[METADATA].response = self->memory + each * link->config.in_flight;
    is_done = prepare_request(self, METADATA);
  }
  return is_done ? HR_OK : hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a link of %u requests",
                                      link->config.in_flight);
}

/* ---- Connecting -------------------------------------------------------------------------- */

/* Where libcurl is to connect to, so that it asks no resolver itself, in a thread of its own. */
static int find_host(struct http_link *self) {
  struct hr_endpoints endpoints;
  hr_error error = {.struct_size = sizeof error};
  char host[64], line[96];
  if (hr_address_resolve(&self->link.address, SOCK_STREAM, &endpoints, &error) != HR_OK) {
    hr_link_broke(&self->link, "%s", error.message);
    return 0;
  }
  const struct hr_endpoint *endpoint = &endpoints.at[self->turn++ % endpoints.count];
  const int result = getnameinfo((const struct sockaddr *)&endpoint->address, endpoint->bytes, host, sizeof host, NULL,
                                 0, NI_NUMERICHOST);
  if (result != 0) {
    hr_link_broke(&self->link, "the host has no number: %.48s; give its number", gai_strerror(result));
    return 0;
  }
  snprintf(line, sizeof line, strchr(host, ':') ? "::[%s]:%s" : "::%s:%s", host, self->link.address.port);
  if (self->connect_to) hr_curl.slist_free_all(self->connect_to);
  self->connect_to = hr_curl.slist_append(NULL, line);
  return 1;
}

/* Asks about the server, or about its model. */
static void ask(struct http_link *self, int server) {
  struct request *request = &self->requests[METADATA];
  char url[sizeof self->link.address.text];
  strcpy(url, self->link.address.text);
  if (server) strstr(url, "/v2/models/")[3] = 0;
  self->asks_server = server;
  hr_curl.easy_setopt(request->easy, CURLOPT_URL, url);
  if (!begin(request)) hr_link_broke(&self->link, "no memory left for a request");
}

static void connect_http(hr_link *link) {
  struct http_link *self = http(link);
  end(&self->requests[METADATA]);
  if (link->state.in_flight == 0 && !find_host(self)) return;
  if (self->is_known) return; /* the next packet tries it */
  hr_link_connects(link);
  ask(self, 1);
}

/* What libcurl says of a request, with what it was for. */
static void tell(char out[sizeof((hr_link_state *)0)->what], const char *doing, CURLcode result) {
  snprintf(out, sizeof((hr_link_state *)0)->what, "%.38s: %.40s; check the address and that it runs", doing,
           hr_curl.easy_strerror(result));
}

static void learn_server(struct http_link *self, CURLcode result, long code) {
  const struct request *request = &self->requests[METADATA];
  if (result != CURLE_OK) {
    char what[sizeof self->link.state.what];
    tell(what, "the inference server is not reached", result);
    hr_link_broke(&self->link, "%s", what);
    return;
  }
  /* One that does not tell has no extensions. */
  self->takes_binary =
      code == 200 && hr_inference_has_binary((const char *)request->response, request->response_bytes);
  ask(self, 0);
}

static void learn_model(struct http_link *self, CURLcode result, long code) {
  const struct request *request = &self->requests[METADATA];
  hr_error error = {.struct_size = sizeof error};
  if (result != CURLE_OK) {
    char what[sizeof self->link.state.what];
    tell(what, "the server tells nothing of its model", result);
    hr_link_broke(&self->link, "%s", what);
  } else if (code != 200) {
    hr_link_broke(&self->link,
                  code == 404 ? "the server has no model of this name (HTTP %ld); check the address, or load the model"
                              : "the server tells nothing of its model (HTTP %ld); see its log", code);
  } else if (hr_inference_read_model((const char *)request->response, request->response_bytes, &self->model,
                                     &error) != HR_OK) {
    hr_link_broke(&self->link, "%s", error.message);
  } else {
    self->is_known = 1;
    self->model.takes_binary = self->takes_binary;
    /* Packets that waited for this cannot be sent after all. */
    if (self->model.content != HR_LINK_PACKETS) hr_link_fail_waiting(&self->link);
    hr_link_connected(&self->link);
  }
}

/* ---- Packets and answers ----------------------------------------------------------------- */

static int is_ready(const hr_link *link) { return http(link)->is_known; }

static hr_link_content content(const hr_link *link) {
  return http(link)->is_known ? http(link)->model.content : HR_LINK_PACKETS;
}

static hr_status write_tensor(hr_link *link, const hr_tensor *latent, uint8_t *out, size_t capacity, size_t *out_bytes,
                              hr_error *error) {
  return hr_inference_write_tensor(&http(link)->model, latent, out, capacity, out_bytes, error);
}

static enum hr_handed hand(hr_link *link, uint32_t slot, const uint8_t *bytes, size_t byte_count) {
  struct http_link *self = http(link);
  struct request *request = &self->requests[slot];
  if (self->model.content == HR_LINK_PACKETS) {
    if (hr_inference_write_packet(&self->model, bytes, byte_count, request->out,
                                  HR_INFERENCE_HEADER + link->packet_capacity, &byte_count) != HR_OK)
      return HR_HANDED_NEVER;
  } else {
    memcpy(request->out, bytes, byte_count);
  }
  hr_curl.easy_setopt(request->easy, CURLOPT_HTTPHEADER,
                      self->model.takes_binary ? self->binary_headers : self->json_headers);
  hr_curl.easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->out);
  hr_curl.easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)byte_count);
  if (!begin(request)) return HR_HANDED_NEVER;
  int running;
  hr_curl.multi_perform(self->multi, &running);
  return HR_HANDED;
}

static void give_up(hr_link *link, uint32_t slot) {
  struct request *request = &http(link)->requests[slot];
  curl_socket_t socket = CURL_SOCKET_BAD;
  /* What is left of it is not to keep a slow way busy. */
  if (request->is_running && hr_curl.easy_getinfo(request->easy, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK &&
      socket != CURL_SOCKET_BAD)
    hr_socket_abandon(socket);
  end(request);
}

static void take_answer(struct http_link *self, struct request *request, CURLcode result, long code) {
  hr_link *link = &self->link;
  const uint32_t slot = slot_of(request);
  if (!link->flying[slot].is_used) return;
  hr_answer answer = {.struct_size = sizeof answer,
                      .model_id = link->flying[slot].id.model_id,
                      .sequence = link->flying[slot].id.sequence,
                      .capture_us = link->flying[slot].id.capture_us};
  if (result == CURLE_OK && (code == 400 || code == 422)) {
    answer.status = HR_BAD_PAYLOAD;
    hr_link_answered(link, slot, &answer, 0);
    return;
  }
  const size_t json_bytes = request->json_bytes == SIZE_MAX ? request->response_bytes : request->json_bytes;
  hr_error error = {.struct_size = sizeof error};
  if (result == CURLE_OK && code == 200 &&
      hr_inference_read_response(&self->model, request->response, request->response_bytes, json_bytes, &answer,
                                 &error) == HR_OK) {
    hr_link_answered(link, slot, &answer, 0);
    return;
  }
  hr_link_lose(link, slot);
  if (result != CURLE_OK) {
    char what[sizeof link->state.what];
    tell(what, "an inference request failed", result);
    hr_link_goes_down(link, "%s", what);
  } else {
    /* It may have another model by now: it is asked anew, and until then nothing that comes says that all is well. */
    self->is_known = 0;
    if (code == 200) hr_link_damaged(link);
    if (code == 200) hr_link_broke(link, "%s", error.message);
    else hr_link_broke(link, "the server answers a request with HTTP %ld; see its log", code);
  }
}

static void work(hr_link *link) {
  struct http_link *self = http(link);
  int running, left;
  hr_curl.multi_perform(self->multi, &running);
  if (self->requests[METADATA].is_running && !link->connecting_ns) end(&self->requests[METADATA]);
  CURLMsg *message;
  while (hr_link_has_room(link) && (message = hr_curl.multi_info_read(self->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    void *found = NULL;
    long code = 0;
    hr_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
    hr_curl.easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &code);
    struct request *request = found;
    end(request);
    if (slot_of(request) == METADATA && self->asks_server) learn_server(self, result, code);
    else if (slot_of(request) == METADATA) learn_model(self, result, code);
    else take_answer(self, request, result, code);
  }
}

static uint32_t wait_for(hr_link *link, struct pollfd waits[HR_MOST_WAITS], uint64_t *until) {
  struct http_link *self = http(link);
  fd_set readable, writable, broken;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_ZERO(&broken);
  int last = -1;
  long ms = -1;
  hr_curl.multi_fdset(self->multi, &readable, &writable, &broken, &last);
  hr_curl.multi_timeout(self->multi, &ms);
  /* Without a socket it does not say when to come back: soon. */
  if (last < 0 && (ms < 0 || ms > 20)) ms = link->connecting_ns || link->state.in_flight ? 20 : -1;
  if (ms >= 0 && hr_link_now() + (uint64_t)ms * 1000000 < *until) *until = hr_link_now() + (uint64_t)ms * 1000000;
  uint32_t count = 0;
  for (int fd = 0; fd <= last && count < HR_MOST_WAITS; fd++) {
    const short events = (short)((FD_ISSET(fd, &readable) ? POLLIN : 0) | (FD_ISSET(fd, &writable) ? POLLOUT : 0));
    if (events) waits[count++] = (struct pollfd){.fd = fd, .events = events};
  }
  return count;
}

static void close_http(hr_link *link) {
  struct http_link *self = http(link);
  for (uint32_t slot = 0; slot <= HR_MOST_PACKETS; slot++) {
    if (!self->requests[slot].easy) continue;
    end(&self->requests[slot]);
    hr_curl.easy_cleanup(self->requests[slot].easy);
  }
  if (self->multi) hr_curl.multi_cleanup(self->multi);
  hr_curl.slist_free_all(self->binary_headers);
  hr_curl.slist_free_all(self->json_headers);
  hr_curl.slist_free_all(self->connect_to);
  free(self->memory);
}

static const struct hr_transport transport = {.prepare = prepare,
                                              .connect = connect_http,
                                              .is_ready = is_ready,
                                              .hand = hand,
                                              .work = work,
                                              .wait = wait_for,
                                              .give_up = give_up,
                                              .content = content,
                                              .write_tensor = write_tensor,
                                              .close = close_http};

hr_status hr_http_link_make(hr_link **out, hr_error *error) {
  hr_status status = hr_curl_load(error);
  if (status == HR_OK) status = hr_inference_load(error);
  if (status != HR_OK) return status;
  struct http_link *self = calloc(1, sizeof *self);
  if (!self) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for a link");
  self->link.transport = &transport;
  *out = &self->link;
  return HR_OK;
}

#endif /* HEADRACE_HTTP */
