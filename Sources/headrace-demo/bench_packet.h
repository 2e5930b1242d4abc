/* bench_packet.h - what sending a head's latent costs after the network has run. */
#ifndef HEADRACE_DEMO_BENCH_PACKET_H
#define HEADRACE_DEMO_BENCH_PACKET_H

#include "network.h"

struct packet_cost {
  size_t bytes;        /* header and all */
  double milliseconds; /* the least of some */
};

/* Packs the latent of the last run `repeat` times at each rate, of which there are at most HR_MAX_RATES. Returns how
   many rates there are; 0 where output 0 is no latent: not int8 or int16, or of one place alone. */
uint32_t measure_packets(struct network *network, uint32_t repeat, struct packet_cost costs[HR_MAX_RATES]);

#endif
