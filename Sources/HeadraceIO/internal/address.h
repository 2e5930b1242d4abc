/* address.h - where a link leads to: "tcp://HOST:PORT" and the like. */
#ifndef HR_IO_ADDRESS_H
#define HR_IO_ADDRESS_H

#include <sys/socket.h>

#include "internal/failure.h"

enum hr_scheme { HR_SCHEME_UDP, HR_SCHEME_TCP, HR_SCHEME_MQTT, HR_SCHEME_HTTP };

struct hr_address {
  enum hr_scheme scheme;
  char text[400]; /* as it was given, or as a listener is known by */
  char host[256]; /* without the brackets of IPv6 */
  char port[6];
  char path[200]; /* behind the port and a slash: a topic, or v2/models/NAME */
};

/* Port 0 is an address where allows_port_0. HR_INVALID_ARGUMENT names what is wrong. */
hr_status hr_address_parse(struct hr_address *out, const char *text, int allows_port_0, hr_error *error);

/* What a host's name stands for. */
enum { HR_MOST_ENDPOINTS = 8 };
struct hr_endpoints {
  uint32_t count;
  struct hr_endpoint {
    struct sockaddr_storage address;
    socklen_t bytes;
  } at[HR_MOST_ENDPOINTS];
};

/* Numbers are read at once; a name is asked for by the system's resolver, which may take as long as it pleases.
   type is SOCK_STREAM or SOCK_DGRAM. HR_INVALID_ARGUMENT: there is no such name; HR_DEVICE_ERROR: nobody could be
   asked. */
hr_status hr_address_resolve(const struct hr_address *address, int type, struct hr_endpoints *out, hr_error *error);

#endif /* HR_IO_ADDRESS_H */
