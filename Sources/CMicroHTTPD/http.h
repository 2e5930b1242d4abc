/* http.h - libmicrohttpd for Swift, which calls no function with a variable number of arguments. */
#ifndef HR_HTTP_H
#define HR_HTTP_H

#include <microhttpd.h>
#include <netdb.h>
#include <sys/socket.h>

/* Connections that it keeps; its caller closes the oldest above. It takes some more, which are above only for a moment. */
enum { HR_HTTP_CONNECTIONS = 32, HR_HTTP_MOST_CONNECTIONS = 2 * HR_HTTP_CONNECTIONS };

/* A server with a thread of its own, for a few connections that say little; connected is told of each that begins or
   ends. NULL, with errno, if the address is taken or not this machine's. */
static inline struct MHD_Daemon *hr_http_start(const struct sockaddr *address, MHD_AccessHandlerCallback handler,
                                               MHD_NotifyConnectionCallback connected, void *context) {
  unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD;
  if (address->sa_family == AF_INET6) flags |= MHD_USE_IPv6;
  return MHD_start_daemon(flags, 0, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, address,
                          MHD_OPTION_CONNECTION_LIMIT, (unsigned)HR_HTTP_MOST_CONNECTIONS,
                          MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_NOTIFY_CONNECTION, connected, context,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
}

/* The port that it listens at. */
static inline unsigned hr_http_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

/* Whether a connection began, of what the server notes; else it ended. */
static inline int hr_http_begins(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

static inline int hr_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/* Answers a request. */
static inline enum MHD_Result hr_http_answer(struct MHD_Connection *connection, unsigned status, const char *type,
                                             const void *bytes, size_t byte_count) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer(byte_count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  const enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

#endif /* HR_HTTP_H */
