/* address.c - reads addresses of links, and finds out what their hosts' names stand for. */
#define _GNU_SOURCE
#include "internal/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *prefix;
  enum hr_scheme scheme;
  const char *form;
} schemes[] = {
    {"udp://", HR_SCHEME_UDP, "udp://HOST:PORT"},
    {"tcp://", HR_SCHEME_TCP, "tcp://HOST:PORT"},
    {"mqtt://", HR_SCHEME_MQTT, "mqtt://HOST:PORT/TOPIC"},
    {"http://", HR_SCHEME_HTTP, "http://HOST:PORT/v2/models/NAME"},
};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

static const char alphanumeric[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* How many of the first bytes of text are letters, digits or of `more`. */
static size_t span(const char *text, const char *more) {
  size_t length = 0;
  while (text[length] && (strchr(alphanumeric, text[length]) || strchr(more, text[length]))) length++;
  return length;
}

/* Copies the host and returns what follows it; NULL if there is none. */
static const char *read_host(struct hr_address *out, const char *text) {
  const int is_bracketed = *text == '[';
  if (is_bracketed) text++;
  const size_t length = span(text, is_bracketed ? ":.%-_" : ".-_");
  if (length == 0 || length >= sizeof out->host) return NULL;
  memcpy(out->host, text, length);
  out->host[length] = 0;
  text += length;
  if (is_bracketed && *text++ != ']') return NULL;
  return text;
}

/* Copies the port, decimal without a sign, and returns what follows it; NULL if it is none. */
static const char *read_port(struct hr_address *out, const char *text, int allows_0) {
  const size_t length = strspn(text, "0123456789");
  if (length == 0 || length >= sizeof out->port) return NULL;
  memcpy(out->port, text, length);
  out->port[length] = 0;
  const long port = strtol(out->port, NULL, 10);
  return port > 65535 || (port == 0 && !allows_0) ? NULL : text + length;
}

/* A topic of MQTT that one publishes to: levels between slashes, none of them empty, no wildcards. What begins with $
   is the broker's own. */
static int is_topic(const char *text) {
  if (*text == '$' || strstr(text, "//") || text[strlen(text) - 1] == '/') return 0;
  return strlen(text) == span(text, "/.-_~:@!()=,");
}

/* v2/models/NAME, and /versions/N where one is meant. */
static int is_model_path(const char *text) {
  return strncmp(text, "v2/models/", 10) == 0 && text[10] && text[10] != '/' && text[strlen(text) - 1] != '/' &&
         strlen(text) == span(text, "/.-_~");
}

hr_status hr_address_parse(struct hr_address *out, const char *text, int allows_port_0, hr_error *error) {
  memset(out, 0, sizeof *out);
  int kind = 0;
  while (kind < SCHEMES && strncmp(text, schemes[kind].prefix, strlen(schemes[kind].prefix)) != 0) kind++;
  if (kind == SCHEMES)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "\"%.60s\" is no address of a link: it begins with udp://, tcp://, mqtt:// or http://", text);
  if (strlen(text) >= sizeof out->text)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "an address is at most %zu bytes long, not %zu",
                      sizeof out->text - 1, strlen(text));
  strcpy(out->text, text);
  out->scheme = schemes[kind].scheme;
  const int takes_path = out->scheme == HR_SCHEME_MQTT || out->scheme == HR_SCHEME_HTTP;
  const char *rest = read_host(out, text + strlen(schemes[kind].prefix));
  if (rest && *rest == ':') rest = read_port(out, rest + 1, allows_port_0 && !takes_path);
  else rest = NULL;
  int is_right = rest != NULL && (takes_path ? *rest == '/' && rest[1] : !*rest);
  if (is_right && takes_path) {
    is_right = strlen(rest + 1) < sizeof out->path &&
               (out->scheme == HR_SCHEME_MQTT ? is_topic(rest + 1) : is_model_path(rest + 1));
    if (is_right) strcpy(out->path, rest + 1);
  }
  if (is_right) return HR_OK;
  return hr_io_fail(error, HR_INVALID_ARGUMENT, "\"%.70s\" is not of the form %s%s with a PORT of %s65535", text,
                    schemes[kind].form, out->scheme == HR_SCHEME_MQTT ? ", no wildcard in TOPIC," : "",
                    allows_port_0 && !takes_path ? "0 to " : "1 to ");
}

/* ---- Names ------------------------------------------------------------------------------- */

/* A host that is a number needs no resolver, and neither does this machine itself. */
static int read_number(const char *host, uint16_t port, struct hr_endpoint *out) {
  struct sockaddr_in *four = (struct sockaddr_in *)&out->address;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out->address;
  memset(&out->address, 0, sizeof out->address);
  if (strcmp(host, "localhost") == 0) host = "127.0.0.1";
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    out->bytes = sizeof *four;
    return 1;
  }
  if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    out->bytes = sizeof *six;
    return 1;
  }
  return 0;
}

#ifdef HEADRACE_STATIC

static hr_status look_up(const struct hr_address *address, int type, struct hr_endpoints *out, hr_error *error) {
  (void)type, (void)out;
  return hr_io_fail(error, HR_INVALID_ARGUMENT,
                    "%.100s: this program is linked statically and looks up no names; give the host as a number",
                    address->text);
}

#else

static hr_status look_up(const struct hr_address *address, int type, struct hr_endpoints *out, hr_error *error) {
  const struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
  struct addrinfo *found = NULL;
  const int result = getaddrinfo(address->host, address->port, &hints, &found);
  if (result != 0)
    return hr_io_fail(error, HR_DEVICE_ERROR, "%.100s: the host cannot be found: %s", address->text,
                      gai_strerror(result));
  for (struct addrinfo *one = found; one && out->count < HR_MOST_ENDPOINTS; one = one->ai_next) {
    struct hr_endpoint *endpoint = &out->at[out->count];
    if (one->ai_addrlen > sizeof endpoint->address) continue;
    memcpy(&endpoint->address, one->ai_addr, one->ai_addrlen);
    endpoint->bytes = one->ai_addrlen;
    out->count++;
  }
  freeaddrinfo(found);
  if (out->count > 0) return HR_OK;
  return hr_io_fail(error, HR_DEVICE_ERROR, "%.100s: the host has no address", address->text);
}

#endif

hr_status hr_address_resolve(const struct hr_address *address, int type, struct hr_endpoints *out, hr_error *error) {
  out->count = 0;
  if (!read_number(address->host, (uint16_t)strtol(address->port, NULL, 10), &out->at[0]))
    return look_up(address, type, out, error);
  out->count = 1;
  return HR_OK;
}
