/* FuzzPacket.c - libFuzzer's entry for packets. They are taken as they are, and once more for each of a few heads with
   that head's identity, the right length and checksum: unpacked by tails of the latent's type and of float, cut after
   each layer, and read as answers. What was unpacked is packed again, and must come back as it was. */
#include "latents.h"

static void require(int holds) {
  if (!holds) abort();
}

static void seal(uint8_t *packet, size_t bytes, uint32_t model) {
  memcpy(packet, "HR", 2);
  packet[2] = (uint8_t)(0x10 | packet[2] % 3 + 1);
  memcpy(packet + 4, &model, sizeof model);
  packet[18] = (uint8_t)(bytes - HR_PACKET_HEADER_BYTES);
  packet[19] = (uint8_t)((bytes - HR_PACKET_HEADER_BYTES) >> 8);
  /* The checksum is of the first 20 bytes and the body: of what it would be without its own place. */
  uint8_t *covered = malloc(bytes);
  require(covered != NULL);
  memcpy(covered, packet, 20);
  memcpy(covered + 20, packet + HR_PACKET_HEADER_BYTES, bytes - HR_PACKET_HEADER_BYTES);
  uint32_t crc = hr_crc32c(covered, bytes - 4);
  memcpy(packet + 20, &crc, sizeof crc);
  free(covered);
}

/* Packs what a tail was given as its head would, and unpacks that. */
static void send_again(const struct latent *latent, struct latent_end *tail) {
  struct latent_end head = open_latent_end(latent, NULL);
  size_t bytes = latent_bytes(latent), packet_bytes;
  uint8_t *before = malloc(bytes), *packet = malloc(HR_MAX_PACKET_BYTES);
  require(before && packet);
  memcpy(before, latent_data(&tail->open), bytes);
  memcpy(latent_data(&head.open), before, bytes);
  hr_split_request request = {.struct_size = sizeof request, .rate = hr_split_rates(head.split) - 1};
  hr_split_result result = {.struct_size = sizeof result};
  require(hr_split_pack(head.split, &request, packet, HR_MAX_PACKET_BYTES, &packet_bytes, &result, NULL) == HR_OK);
  require(result.lost_permille == 0);
  require(hr_split_unpack(tail->split, packet, packet_bytes, NULL, NULL) == HR_OK);
  require(memcmp(before, latent_data(&tail->open), bytes) == 0);
  request.max_bytes = 24 + before[0] % 64u;
  require(hr_split_pack(head.split, &request, packet, request.max_bytes, &packet_bytes, &result, NULL) == HR_OK);
  require(packet_bytes <= request.max_bytes);
  require(hr_split_unpack(tail->split, packet, packet_bytes, NULL, NULL) == HR_OK);
  free(packet);
  free(before);
  close_latent_end(&head);
}

static void cut(const uint8_t *bytes, size_t byte_count, struct latent_end *tail, uint32_t layers) {
  uint8_t *packet = malloc(byte_count);
  require(packet != NULL);
  for (uint32_t kept = layers; kept-- > 0;) {
    size_t packet_bytes = byte_count;
    memcpy(packet, bytes, byte_count);
    require(hr_packet_cut(packet, &packet_bytes, kept, NULL) == HR_OK && packet_bytes <= byte_count);
    require(hr_split_unpack(tail->split, packet, packet_bytes, NULL, NULL) == HR_OK);
  }
  free(packet);
}

static void take(const struct latent *latent, const uint8_t *packet, size_t packet_bytes) {
  struct latent_end head = open_latent_end(latent, NULL);
  struct latent_end tail = open_latent_end(latent, &head.open.model);
  struct latent real = {HR_FLOAT32, latent->rank, {0}, 0, 0, NULL, NULL, NULL};
  memcpy(real.dims, latent->dims, sizeof real.dims);
  struct latent_end float_tail = open_latent_end(&real, &head.open.model);
  hr_packet_info info = {.struct_size = sizeof info};
  hr_answer answer = {.struct_size = sizeof answer};
  hr_error error;
  hr_error_init(&error);
  hr_status status = hr_split_unpack(tail.split, packet, packet_bytes, &info, &error);
  require(status == HR_OK || (status == HR_BAD_PAYLOAD && error.message[0]));
  require(hr_split_unpack(float_tail.split, packet, packet_bytes, NULL, NULL) == status);
  require(hr_session_run(tail.open.session, NULL) == HR_OK);
  if (hr_answer_unpack(packet, packet_bytes, &answer, NULL) == HR_OK) require(answer.class_count <= HR_MAX_CLASSES);
  if (status == HR_OK) {
    cut(packet, packet_bytes, &tail, info.layers);
    require(hr_split_unpack(tail.split, packet, packet_bytes, NULL, NULL) == HR_OK);
    send_again(latent, &tail);
  }
  close_latent_end(&float_tail);
  close_latent_end(&tail);
  close_latent_end(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
  size_t length;
  if (byte_count >= HR_PACKET_HEADER_BYTES && hr_packet_length(bytes, &length, NULL) == HR_OK)
    require(length >= HR_PACKET_HEADER_BYTES && length <= HR_MAX_PACKET_BYTES);
  take(&latents[byte_count % LATENTS], bytes, byte_count);
  if (byte_count < HR_PACKET_HEADER_BYTES || byte_count > HR_MAX_PACKET_BYTES) return 0;
  uint8_t *sealed = malloc(byte_count);
  require(sealed != NULL);
  for (int i = 0; i < LATENTS; i++) {
    struct latent_end head = open_latent_end(&latents[i], NULL);
    memcpy(sealed, bytes, byte_count);
    seal(sealed, byte_count, hr_split_model_id(head.split));
    close_latent_end(&head);
    take(&latents[i], sealed, byte_count);
  }
  free(sealed);
  return 0;
}
