/* emulated_link.c - a slow link between two network namespaces, for kernels without netem.

       emulated_link NAMESPACE_A NAMESPACE_B MBIT_PER_S DELAY_MS LOSS_PERCENT [SEED]

   Makes a TUN device "slow0" in each namespace, prints "ready", and passes IP packets on both ways until it is ended:
   each direction is a queue of 200 ms, or at least ten packets, that drops what does not fit; what has taken its time
   on the wire is lost at random or arrives DELAY_MS later. A line on standard input is another MBIT_PER_S from now on,
   for what waits in queues too; 0: nothing passes. Needs root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKET_BYTES = 2048, PLACES = 4096, QUEUE_MS = 200, FEWEST = 10 };

struct packet {
  uint64_t due; /* ns of CLOCK_MONOTONIC */
  size_t byte_count;
  uint8_t bytes[PACKET_BYTES];
};

/* One direction. Packets are due in the order in which they came. */
struct direction {
  int from, to;
  uint64_t wire_free; /* when the wire has sent what it took */
  size_t first, count;
  struct packet packets[PLACES];
};

static struct direction ways[2];
static double bits_per_ns, loss;
static uint64_t delay_ns, random_state;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static double random_share(void) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (double)(random_state >> 11) / 9007199254740992.0;
}

static int tun_in(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  const int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) return perror(path), -1;
  close(space);
  const int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strcpy(request.ifr_name, "slow0");
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) != 0) return perror("/dev/net/tun"), -1;
  return tun;
}

/* Takes what has come into one end. */
static void take(struct direction *way) {
  uint8_t bytes[PACKET_BYTES];
  ssize_t received;
  while ((received = read(way->from, bytes, sizeof bytes)) > 0) {
    const uint64_t time = now();
    const uint64_t begin = way->wire_free > time ? way->wire_free : time;
    const uint64_t wire = (uint64_t)((double)received * 8 / bits_per_ns);
    const uint64_t most = (uint64_t)QUEUE_MS * 1000000;
    if (way->count == PLACES || (begin - time > most && begin - time > FEWEST * wire)) continue;
    way->wire_free = begin + wire;
    if (random_share() < loss) continue;
    struct packet *packet = &way->packets[(way->first + way->count++) % PLACES];
    packet->due = way->wire_free + delay_ns;
    packet->byte_count = (size_t)received;
    memcpy(packet->bytes, bytes, (size_t)received);
  }
}

/* Delivers what is due, and says when the next packet is; UINT64_MAX: there is none. */
static uint64_t deliver(struct direction *way) {
  while (way->count > 0) {
    struct packet *packet = &way->packets[way->first];
    if (packet->due > now()) return packet->due;
    if (write(way->to, packet->bytes, packet->byte_count) < 0 && errno != EAGAIN && errno != EIO) perror("slow0");
    way->first = (way->first + 1) % PLACES;
    way->count--;
  }
  return UINT64_MAX;
}

/* What is still to go over the wire takes `times` as long from now on. */
static void stretch(struct direction *way, double times, uint64_t time) {
  if (way->wire_free > time) way->wire_free = time + (uint64_t)((double)(way->wire_free - time) * times);
  for (size_t i = 0; i < way->count; i++) {
    struct packet *packet = &way->packets[(way->first + i) % PLACES];
    const uint64_t sent = packet->due - delay_ns;
    if (sent > time) packet->due = time + (uint64_t)((double)(sent - time) * times) + delay_ns;
  }
}

/* Takes another rate from standard input; 0: it has ended. */
static int change_rate(void) {
  char line[64];
  const ssize_t received = read(STDIN_FILENO, line, sizeof line - 1);
  if (received <= 0) return received < 0;
  line[received] = 0;
  /* One in ten years is none. */
  const double told = atof(line) / 1000, bits = told > 1e-9 ? told : 1e-9;
  for (int i = 0; i < 2; i++) stretch(&ways[i], bits_per_ns / bits, now());
  bits_per_ns = bits;
  return 1;
}

int main(int count, char **arguments) {
  if (count < 6) return fprintf(stderr, "usage: emulated_link A B MBIT_PER_S DELAY_MS LOSS_PERCENT [SEED]\n"), 2;
  bits_per_ns = atof(arguments[3]) / 1000;
  delay_ns = (uint64_t)(atof(arguments[4]) * 1e6);
  loss = atof(arguments[5]) / 100;
  random_state = count > 6 ? strtoull(arguments[6], NULL, 10) : 1;
  if (bits_per_ns <= 0) return fprintf(stderr, "emulated_link: no such rate\n"), 2;
  const int a = tun_in(arguments[1]), b = tun_in(arguments[2]);
  if (a < 0 || b < 0) return 1;
  ways[0].from = ways[1].to = a;
  ways[0].to = ways[1].from = b;
  /* A wire does not wait for a busy CPU. */
  sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
  int input = STDIN_FILENO;
  puts("ready");
  fflush(stdout);
  for (;;) {
    uint64_t next = deliver(&ways[0]), other = deliver(&ways[1]);
    if (other < next) next = other;
    const uint64_t time = now();
    uint64_t wait = next == UINT64_MAX ? 1000000000 : next > time ? next - time : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait / 1000000000), .tv_nsec = (long)(wait % 1000000000)};
    struct pollfd ends[3] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}, {.fd = input, .events = POLLIN}};
    if (ppoll(ends, 3, &timeout, NULL) < 0 && errno != EINTR) return perror("poll"), 1;
    if (ends[2].revents && !change_rate()) input = -1;
    take(&ways[0]);
    take(&ways[1]);
  }
}
