/* bench_packet.c - times the way from a head's latent to the packet. */
#include "bench_packet.h"

static int is_latent(const struct network *network) {
  hr_tensor output = {.struct_size = sizeof output};
  return hr_model_output(&network->model, 0, &output) == HR_OK && output.rank == 4 &&
         output.dims[1] * output.dims[2] > 1 && hr_split_bytes(&network->model) > 0;
}

uint32_t measure_packets(struct network *network, uint32_t repeat, struct packet_cost costs[HR_MAX_RATES]) {
  static uint8_t packet[HR_MAX_PACKET_BYTES];
  if (!is_latent(network) || !open_head_end(network)) return 0;
  hr_error error = new_error();
  const uint32_t rates = hr_split_rates(network->split);
  for (uint32_t rate = 0; rate < rates; rate++) {
    hr_split_request request = {.struct_size = sizeof request, .rate = rate};
    for (uint32_t k = 0; k < repeat; k++) {
      const uint64_t start = hr_clock_monotonic(NULL);
      hr_status status = hr_split_pack(network->split, &request, packet, sizeof packet, &costs[rate].bytes, NULL, &error);
      const double taken = (double)(hr_clock_monotonic(NULL) - start) / 1e6;
      if (status != HR_OK) {
        print_error(network->path, &error);
        return 0;
      }
      if (k == 0 || taken < costs[rate].milliseconds) costs[rate].milliseconds = taken;
    }
  }
  return rates;
}
