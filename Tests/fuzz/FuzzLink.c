/* FuzzLink.c - libFuzzer's entry for what comes over links: a stream that is cut into packets, wherever it breaks; what
   an inference server says of itself, its model and a latent; and addresses. All of it is looked at by the same code
   that links and listeners run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal/address.h"
#include "internal/framing.h"
#include "internal/inference.h"

enum { CAPACITY = 4096, PLACE = 1 << 16 };

static void require(int holds) {
  if (!holds) abort();
}

/* The first byte says how long the pieces are. The buffer is exactly as large as it says, so that AddressSanitizer sees
   a byte too many. */
static void cut_stream(const uint8_t *bytes, size_t byte_count) {
  struct hr_framing framing = {.bytes = malloc(CAPACITY), .capacity = CAPACITY};
  const size_t piece = byte_count ? bytes[0] + 1u : 1;
  int is_in_step = 1;
  for (size_t at = 0; at < byte_count && is_in_step;) {
    size_t room;
    uint8_t *place = hr_framing_room(&framing, &room);
    require(room > 0);
    size_t count = piece < byte_count - at ? piece : byte_count - at;
    if (count > room) count = room;
    memcpy(place, bytes + at, count);
    hr_framing_add(&framing, count);
    at += count;
    const uint8_t *packet;
    size_t packet_bytes;
    enum hr_framed framed;
    while ((framed = hr_framing_next(&framing, &packet, &packet_bytes)) == HR_FRAMED_PACKET) {
      require(packet >= framing.bytes && packet + packet_bytes <= framing.bytes + framing.filled);
      hr_answer answer = {.struct_size = sizeof answer};
      if (hr_answer_unpack(packet, packet_bytes, &answer, NULL) == HR_OK)
        require(answer.class_count <= HR_MAX_CLASSES);
    }
    is_in_step = framed != HR_FRAMED_OUT_OF_STEP;
  }
  free(framing.bytes);
}

/* Of a model whose outputs are not known, and of one with three classes. */
static void read_response(const uint8_t *bytes, size_t byte_count, const struct hr_inference_model *model) {
  hr_answer answer = {.struct_size = sizeof answer};
  /* JSON ends where its last brace is, as a header would say; and at the end, and beyond it. */
  size_t json_bytes = byte_count;
  while (json_bytes > 0 && bytes[json_bytes - 1] != '}') json_bytes--;
  const size_t ends[] = {json_bytes, byte_count, byte_count + 1};
  for (int i = 0; i < 3; i++) {
    if (hr_inference_read_response(model, bytes, byte_count, ends[i], &answer, NULL) != HR_OK) continue;
    require(answer.class_count >= 1 && answer.class_count <= HR_MAX_CLASSES);
    for (uint32_t k = 0; k < answer.class_count; k++)
      require(isfinite(answer.classes[k].probability) && answer.classes[k].probability > -0.01f &&
              answer.classes[k].probability < 1.01f);
  }
}

static void read_model(const uint8_t *bytes, size_t byte_count) {
  static uint8_t place[PLACE];
  static float elements[2 * 3 * 4];
  struct hr_inference_model model;
  hr_error error = {.struct_size = sizeof error};
  const int has_binary = hr_inference_has_binary((const char *)bytes, byte_count);
  if (hr_inference_read_model((const char *)bytes, byte_count, &model, &error) != HR_OK) {
    require(error.message[0]);
    return;
  }
  const hr_tensor latent = {.struct_size = sizeof latent, .type = HR_FLOAT32, .rank = 4, .dims = {1, 2, 3, 4, 1, 1},
                            .data = elements, .bytes = sizeof elements};
  for (model.takes_binary = 0; model.takes_binary < 2; model.takes_binary++) {
    size_t request_bytes = 0;
    if (model.content == HR_LINK_PACKETS) {
      const size_t packet_bytes = byte_count < 1000 ? byte_count : 1000;
      require(hr_inference_write_packet(&model, bytes, packet_bytes, place, PLACE, &request_bytes) == HR_OK);
      require(request_bytes > packet_bytes && request_bytes <= PLACE && place[0] == '{');
    } else if (hr_inference_write_tensor(&model, &latent, place, PLACE, &request_bytes, &error) == HR_OK) {
      require(request_bytes > 24 && request_bytes <= PLACE && place[0] == '{');
    }
  }
  (void)has_binary;
}

static void read_address(const uint8_t *bytes, size_t byte_count) {
  static const char *const prefixes[] = {"", "udp://", "tcp://", "mqtt://", "http://"};
  if (byte_count > 500) return;
  for (int i = 0; i < 5; i++) {
    char text[600];
    hr_error error = {.struct_size = sizeof error};
    const size_t length = strlen(prefixes[i]);
    memcpy(text, prefixes[i], length);
    memcpy(text + length, bytes, byte_count);
    text[length + byte_count] = 0;
    struct hr_address address;
    if (hr_address_parse(&address, text, i % 2, &error) == HR_OK)
      require(address.host[0] && address.port[0] && strlen(address.text) == strlen(text));
    else
      require(error.message[0]);
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  require(hr_inference_load(NULL) == HR_OK);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
  cut_stream(bytes, byte_count);
  static const struct hr_inference_model any, one = {.output = "p", .output_rank = 2, .output_shape = {1, 3}};
  read_response(bytes, byte_count, &any);
  read_response(bytes, byte_count, &one);
  read_model(bytes, byte_count);
  read_address(bytes, byte_count);
  return 0;
}
