/* PacketSeeds.c - packet_seeds FOLDER - writes packets that the fuzzer starts from: of every latent at every rate, and
   answers. */
#include "latents.h"

#include <stdio.h>

static const char *folder;

static void write_seed(const char *name, unsigned number, unsigned rate, const uint8_t *packet, size_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s%u-rate%u", folder, name, number, rate);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(packet, 1, bytes, file) != bytes || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

enum contents { SILENCE, SMOOTH, NOISE };

static void pack(unsigned number, enum contents contents) {
  static uint8_t packet[HR_MAX_PACKET_BYTES];
  struct latent_end head = open_latent_end(&latents[number], NULL);
  uint8_t *data = latent_data(&head.open);
  uint32_t state = 1;
  for (size_t i = 0; i < latent_bytes(&latents[number]); i++) {
    state = state * 1664525u + 1013904223u; /* Numerical Recipes */
    data[i] = contents == SILENCE  ? 0
              : contents == SMOOTH ? (uint8_t)(i / 5 + (state >> 30))
                                   : (uint8_t)(state >> 24);
  }
  for (uint32_t rate = 0; rate < hr_split_rates(head.split); rate++) {
    hr_split_request request = {.struct_size = sizeof request, .rate = rate, .sequence = rate};
    size_t bytes;
    if (hr_split_pack(head.split, &request, packet, sizeof packet, &bytes, NULL, NULL) != HR_OK) abort();
    write_seed(contents == SILENCE ? "silence" : contents == SMOOTH ? "smooth" : "noise", number, rate, packet, bytes);
  }
  close_latent_end(&head);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  folder = argv[1];
  for (unsigned number = 0; number < LATENTS; number++)
    for (int contents = SILENCE; contents <= NOISE; contents++) pack(number, (enum contents)contents);
  uint8_t packet[HR_MAX_ANSWER_BYTES];
  size_t bytes;
  hr_answer answer = {.struct_size = sizeof answer, .class_count = 2, .classes = {{3, 0.9f}, {1, 0.1f}}};
  if (hr_answer_pack(&answer, packet, sizeof packet, &bytes, NULL) != HR_OK) abort();
  write_seed("answer", 0, 0, packet, bytes);
  answer.status = HR_NOT_FOUND;
  if (hr_answer_pack(&answer, packet, sizeof packet, &bytes, NULL) != HR_OK) abort();
  write_seed("refusal", 0, 0, packet, bytes);
  return 0;
}
