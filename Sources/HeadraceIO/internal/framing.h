/* framing.h - packets out of a stream of bytes, one behind the other, in a buffer of a fixed size. */
#ifndef HR_IO_FRAMING_H
#define HR_IO_FRAMING_H

#include "headrace_io.h"

struct hr_framing {
  uint8_t *bytes;   /* the caller's */
  size_t capacity;  /* at least HR_PACKET_HEADER_BYTES */
  size_t filled;
  size_t begin;     /* what lies before was delivered */
};

enum hr_framed {
  HR_FRAMED_PACKET,
  HR_FRAMED_PART, /* more bytes have to come */
  HR_FRAMED_OUT_OF_STEP /* no packet begins here, or one too long: nothing that follows can be told apart */
};

/* Where the stream's next bytes go, and how many fit: at least one unless a whole packet waits. Makes room, so that
   what hr_framing_next delivered last is gone. */
uint8_t *hr_framing_room(struct hr_framing *framing, size_t *out_bytes);

/* That so many were written there. */
void hr_framing_add(struct hr_framing *framing, size_t byte_count);

/* The next packet by its length alone: whether it is damaged is not looked at. Lives until hr_framing_room. */
enum hr_framed hr_framing_next(struct hr_framing *framing, const uint8_t **packet, size_t *packet_bytes);

#endif /* HR_IO_FRAMING_H */
