/* jpeg_offload.c - what split computing is compared with: pictures go whole, as JPEGs over TCP, to a server that runs
   the unsplit network.

       jpeg_offload serve ADDRESS PORT UNSPLIT.hrm
       jpeg_offload send ADDRESS PORT SIDE QUALITY FRAMES PER_SECOND PICTURE...

   A request is the JPEG behind its length (u32, this machine's order), an answer the likeliest class and what the
   server spent, in microseconds (both u32). `send` prints a line for each frame: milliseconds from pixels to answer,
   those of the link, and the JPEG's bytes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "headrace_io.h"

enum { LARGEST_JPEG = 1 << 22 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void check(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "jpeg_offload: %s\n", error->message);
  exit(1);
}

static struct sockaddr_in address_of(char **arguments) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
  if (inet_pton(AF_INET, arguments[0], &address.sin_addr) != 1) fail(arguments[0]);
  return address;
}

static int transfer_all(int socket, void *bytes, size_t byte_count, int sends) {
  for (size_t done = 0; done < byte_count;) {
    const ssize_t some = sends ? send(socket, (char *)bytes + done, byte_count - done, MSG_NOSIGNAL)
                               : recv(socket, (char *)bytes + done, byte_count - done, 0);
    if (some <= 0) return 0;
    done += (size_t)some;
  }
  return 1;
}

static uint32_t likeliest(hr_session *session) {
  hr_tensor tensor = {.struct_size = sizeof tensor};
  hr_session_output(session, 0, &tensor);
  size_t count = 1;
  for (uint32_t i = 0; i < tensor.rank; i++) count *= tensor.dims[i];
  float *values = malloc(count * sizeof *values);
  hr_tensor_read_float(&tensor, values, count);
  uint32_t best = 0;
  for (uint32_t i = 1; i < count; i++)
    if (values[i] > values[best]) best = i;
  free(values);
  return best;
}

static _Noreturn void serve(char **arguments) {
  hr_error error;
  hr_error_init(&error);
  hr_file file;
  hr_model model;
  hr_session_config config;
  hr_session *session;
  check(hr_file_map(&file, arguments[2], &error), &error);
  check(hr_model_open(&model, file.bytes, file.byte_count, &error), &error);
  hr_session_config_init(&config);
  config.cpu_features = hr_cpu_detect();
  const size_t memory_bytes = hr_session_bytes(&model, &config);
  check(hr_session_init(&session, aligned_alloc(64, memory_bytes), memory_bytes, &model, &config, &error), &error);

  const struct sockaddr_in address = address_of(arguments);
  const int on = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listening, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listening, 1) != 0)
    fail("listen");
  puts("ready");
  fflush(stdout);
  uint8_t *jpeg = malloc(LARGEST_JPEG);
  for (;;) {
    const int connection = accept(listening, NULL, NULL);
    if (connection < 0) fail("accept");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    uint32_t byte_count;
    while (transfer_all(connection, &byte_count, sizeof byte_count, 0) && byte_count <= LARGEST_JPEG &&
           transfer_all(connection, jpeg, byte_count, 0)) {
      const uint64_t began = hr_clock_monotonic(NULL);
      hr_jpeg_info info = {.struct_size = sizeof info};
      check(hr_jpeg_inspect(jpeg, byte_count, 0, 0, &info, &error), &error);
      uint8_t *rgb = malloc(info.rgb_bytes);
      check(hr_jpeg_decode(jpeg, byte_count, &info, rgb, info.rgb_bytes, &error), &error);
      hr_frame frame;
      check(hr_frame_wrap(&frame, HR_RGB24, info.decoded_width, info.decoded_height, rgb, info.rgb_bytes, &error),
            &error);
      check(hr_session_set_frame(session, 0, &frame, &error), &error);
      check(hr_session_run(session, &error), &error);
      free(rgb);
      uint32_t answer[2] = {likeliest(session)};
      answer[1] = (uint32_t)((hr_clock_monotonic(NULL) - began) / 1000);
      if (!transfer_all(connection, answer, sizeof answer, 1)) break;
    }
    close(connection);
  }
}

static void sleep_until(uint64_t ns) {
  const struct timespec time = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) continue;
}

static int send_pictures(int count, char **arguments) {
  const uint32_t side = (uint32_t)atoi(arguments[2]), quality = (uint32_t)atoi(arguments[3]);
  const int frames = atoi(arguments[4]);
  const uint64_t period = (uint64_t)(1e9 / atof(arguments[5]));
  hr_error error;
  hr_error_init(&error);
  const struct sockaddr_in address = address_of(arguments);
  const int on = 1, connection = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection, (const struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  uint8_t *rgb = malloc((size_t)side * side * 3);
  uint64_t next = hr_clock_monotonic(NULL);
  for (int i = 0; i < frames; i++, next += period) {
    hr_source *source;
    hr_source_frame picture = {.struct_size = sizeof picture};
    check(hr_source_open(&source, arguments[6 + i % (count - 6)], NULL, &error), &error);
    check(hr_source_next(source, &picture, &error), &error);
    sleep_until(next);
    const uint64_t began = hr_clock_monotonic(NULL);
    check(hr_frame_to_rgb(&picture.frame, HR_FIT_CROP, HR_FILTER_AUTO, rgb, 3 * side, side, side, &error), &error);
    uint8_t *jpeg;
    size_t jpeg_bytes;
    check(hr_jpeg_encode(rgb, 3 * side, side, side, quality, &jpeg, &jpeg_bytes, &error), &error);
    const uint64_t encoded = hr_clock_monotonic(NULL);
    uint32_t byte_count = (uint32_t)jpeg_bytes, answer[2];
    if (!transfer_all(connection, &byte_count, sizeof byte_count, 1) ||
        !transfer_all(connection, jpeg, jpeg_bytes, 1) || !transfer_all(connection, answer, sizeof answer, 0))
      fail("the server is gone");
    const uint64_t ended = hr_clock_monotonic(NULL);
    printf("%.3f %.3f %u\n", (double)(ended - began) / 1e6, (double)(ended - encoded) / 1e6 - answer[1] / 1e3,
           byte_count);
    hr_jpeg_free(jpeg);
    hr_source_close(source);
  }
  return 0;
}

int main(int count, char **arguments) {
  if (count == 5 && strcmp(arguments[1], "serve") == 0) serve(arguments + 2);
  if (count > 8 && strcmp(arguments[1], "send") == 0) return send_pictures(count - 2, arguments + 2);
  fprintf(stderr, "usage: jpeg_offload serve|send ADDRESS PORT ...\n");
  return 2;
}
