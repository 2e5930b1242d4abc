/* socket.h - sockets that never wait. */
#ifndef HR_IO_SOCKET_H
#define HR_IO_SOCKET_H

#include <sys/types.h>

#include "internal/address.h"

/* How often one call of a link or a listener reads, or accepts: the other side may send without end what nobody asked
   for, and the call is to come back nevertheless. What is left is there for the next. */
enum { HR_MOST_AT_ONCE = 64 };

/* An unconnected socket for an endpoint's family, or -1 and errno. */
int hr_socket_open(const struct hr_endpoint *endpoint, int type);

/* As recv; tells when the bytes came too, as the kernel noted it: CLOCK_MONOTONIC in ns, or 0 if it did not. A
   program that is busy with a network reads them later. */
ssize_t hr_socket_receive(int socket, void *bytes, size_t byte_count, uint64_t *arrived_ns);
/* Has the kernel note it. */
void hr_socket_note_arrivals(int socket);

/* Whether a stream's other side has not yet taken all that was written, but took some of it within so long. */
int hr_socket_progresses(int socket, uint32_t within_ms);
/* Has the kernel forget what it would still send when the stream is closed. */
void hr_socket_abandon(int socket);

/* Has a stream refuse more as long as something written to it waits to be sent: what is newer can then be sent instead. */
void hr_socket_hold_back(int socket);

/* Sends small packets at once, and finds out within some minutes that a silent peer is gone. */
void hr_socket_set_stream(int socket);

#endif /* HR_IO_SOCKET_H */
