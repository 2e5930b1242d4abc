/* FuzzPayload.c - libFuzzer's entry for payloads. They are unpacked as they are and once more with the
   right length and checksum, into tails of the payload's shape and every type, and into one of another
   shape. What was unpacked is packed again, and must come back as PAYLOAD.md says. */
#include "latent_model.h"

enum { MOST_ELEMENTS = 1 << 14, HEADER_BYTES = 32, CRC_BYTES = 4 };

static const struct latent other_shape = {HR_INT8, 1, {11, 1, 1, 1, 1, 1}, 1, 0};

static void require(int holds) {
  if (!holds) abort();
}

static int32_t element(const struct latent *latent, const uint8_t *data, size_t index) {
  if (latent->type == HR_INT8) return (int8_t)data[index];
  int16_t wide;
  memcpy(&wide, data + 2 * index, sizeof wide);
  return wide;
}

/* What is unpacked can be packed; that comes back within half a step, and packs to the same bytes. */
static void send_again(const struct latent *latent, const struct latent_session *tail,
                       uint32_t rate) {
  size_t capacity = hr_payload_bound(tail->session, 0), bytes = latent_bytes(latent);
  require(capacity > 0);
  uint8_t *data = latent_data(tail), *before = malloc(bytes);
  uint8_t *first = malloc(capacity), *second = malloc(capacity);
  require(before && first && second);
  size_t first_bytes, second_bytes;
  memcpy(before, data, bytes);
  require(hr_payload_pack(tail->session, 0, rate, first, capacity, &first_bytes, NULL) == HR_OK);
  require(hr_payload_unpack(tail->session, 0, first, first_bytes, NULL) == HR_OK);
  for (size_t i = 0; i < latent_elements(latent); i++)
    require(abs(element(latent, data, i) - element(latent, before, i)) <= (1 << rate) / 2);
  require(hr_payload_pack(tail->session, 0, rate, second, capacity, &second_bytes, NULL) == HR_OK);
  require(first_bytes == second_bytes && memcmp(first, second, first_bytes) == 0);
  free(second);
  free(first);
  free(before);
}

static void unpack(const uint8_t *payload, size_t payload_bytes) {
  struct latent_session other = open_latent_session(&other_shape);
  hr_status status = hr_payload_unpack(other.session, 0, payload, payload_bytes, NULL);
  close_latent_session(&other);
  hr_payload_info info = {.struct_size = sizeof info};
  hr_error error;
  hr_error_init(&error);
  if (hr_payload_inspect(payload, payload_bytes, &info, &error) != HR_OK) {
    require(status != HR_OK && error.message[0]);
    return;
  }
  struct latent sent = {info.type, info.rank, {0}, info.scale, info.zero_point};
  memcpy(sent.dims, info.dims, sizeof sent.dims);
  uint64_t elements = 1;
  for (uint32_t axis = 0; axis < HR_MAX_RANK && elements <= MOST_ELEMENTS; axis++)
    elements *= sent.dims[axis];
  if (elements > MOST_ELEMENTS) return;

  const struct latent tails[] = {
      sent,
      {HR_INT8, sent.rank, {0}, 0.25f, -7},
      {HR_INT16, sent.rank, {0}, 0.25f, 0},
      {HR_FLOAT32, sent.rank, {0}, 0, 0},
  };
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    struct latent latent = tails[i];
    memcpy(latent.dims, sent.dims, sizeof latent.dims);
    struct latent_session tail = open_latent_session(&latent);
    status = hr_payload_unpack(tail.session, 0, payload, payload_bytes, &error);
    require(status == HR_OK || (status == HR_BAD_PAYLOAD && error.message[0]));
    require(hr_session_run(tail.session, NULL) == HR_OK);
    if (i == 0 && status == HR_OK) send_again(&latent, &tail, info.rate);
    close_latent_session(&tail);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
  unpack(bytes, byte_count);
  if (byte_count < HEADER_BYTES + CRC_BYTES) return 0;
  uint8_t *sealed = malloc(byte_count);
  require(sealed != NULL);
  memcpy(sealed, bytes, byte_count);
  uint32_t body_bytes = (uint32_t)(byte_count - HEADER_BYTES - CRC_BYTES);
  memcpy(sealed + 8, &body_bytes, sizeof body_bytes);
  uint32_t crc = hr_crc32c(sealed, byte_count - CRC_BYTES);
  memcpy(sealed + byte_count - CRC_BYTES, &crc, sizeof crc);
  unpack(sealed, byte_count);
  free(sealed);
  return 0;
}
