/* framing.c - packets out of a stream of bytes. */
#include "internal/framing.h"

#include <string.h>

uint8_t *hr_framing_room(struct hr_framing *framing, size_t *out_bytes) {
  if (framing->begin > 0) {
    framing->filled -= framing->begin;
    memmove(framing->bytes, framing->bytes + framing->begin, framing->filled);
    framing->begin = 0;
  }
  *out_bytes = framing->capacity - framing->filled;
  return framing->bytes + framing->filled;
}

void hr_framing_add(struct hr_framing *framing, size_t byte_count) { framing->filled += byte_count; }

enum hr_framed hr_framing_next(struct hr_framing *framing, const uint8_t **packet, size_t *packet_bytes) {
  const size_t there = framing->filled - framing->begin;
  const uint8_t *first = framing->bytes + framing->begin;
  size_t length;
  if (there < HR_PACKET_HEADER_BYTES) return HR_FRAMED_PART;
  if (hr_packet_length(first, &length, NULL) != HR_OK || length > framing->capacity ||
      length < HR_PACKET_HEADER_BYTES)
    return HR_FRAMED_OUT_OF_STEP;
  if (there < length) return HR_FRAMED_PART;
  *packet = first;
  *packet_bytes = length;
  framing->begin += length;
  return HR_FRAMED_PACKET;
}
