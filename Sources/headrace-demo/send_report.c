/* send_report.c - what became of a frame, and of all, for people and for programs. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "label.h"
#include "send.h"
#include "text.h"

static const char *health_name(hr_link_health health) {
  return health == HR_LINK_UP ? "up" : health == HR_LINK_DOWN ? "down" : "connecting";
}

static const char *place_name(enum place place) {
  return place == AT_EXIT ? "exit" : place == AT_TAIL ? "tail" : "fallback";
}

/* JSON has no NaN. */
static void write_number(const char *key, double value, int is_known, int digits) {
  if (is_known && isfinite(value)) printf(", \"%s\": %.*f", key, digits, value);
  else printf(", \"%s\": null", key);
}

static void write_count(const char *key, uint64_t value, int is_known) {
  if (is_known) printf(", \"%s\": %llu", key, (unsigned long long)value);
  else printf(", \"%s\": null", key);
}

void write_sent_as_json(const struct sent_frame *frame, const hr_link_state *link, const hr_model *labels) {
  const int is_sent = frame->sent.bytes > 0, is_packet = is_sent && !frame->is_tensor;
  const int is_answered = frame->place != AT_NOBODY;
  printf("{\"source\": ");
  write_json_string(stdout, frame->source, strlen(frame->source));
  printf(", \"width\": %u, \"height\": %u", frame->width, frame->height);
  printf(", \"input_width\": %u, \"input_height\": %u", frame->input_width, frame->input_height);
  write_count("jpeg_bytes", frame->jpeg_bytes, frame->jpeg_bytes > 0);
  write_count("payload_bytes", frame->sent.bytes, 1);
  if (is_sent) printf(", \"payload_crc32c\": \"%08x\"", frame->payload_crc32c);
  else printf(", \"payload_crc32c\": null");
  write_count("rate", frame->rate, is_packet);
  printf(", \"label\": ");
  if (is_answered) {
    struct label label;
    find_label(labels, frame->answer.index, &label);
    write_json_string(stdout, label.text, label.length);
  } else {
    printf("null");
  }
  write_number("probability", (double)frame->answer.probability, is_answered, 4);
  printf(", \"milliseconds\": {\"decode\": %.3f, \"prepare\": %.3f, \"head\": %.3f, \"code\": %.3f",
         frame->milliseconds.decode, frame->milliseconds.prepare, frame->milliseconds.head, frame->milliseconds.code);
  write_number("tail", frame->answer_ms, is_answered, 3);
  printf("}, \"where\": ");
  if (is_answered) printf("\"%s\"", place_name(frame->place));
  else printf("null");
  write_count("sequence", frame->sequence, 1);
  write_count("layers", frame->layers, is_packet);
  write_count("precision", frame->precision, is_packet);
  write_number("round_trip_ms", frame->round_trip_ms, frame->place == AT_TAIL, 3);
  write_number("latency_ms", frame->latency_ms, is_answered, 3);
  printf(", \"health\": \"%s\"}\n", health_name(link->health));
  fflush(stdout);
}

/* On a terminal one line that changes, elsewhere one for each frame. */
void write_sent_as_text(const struct sent_frame *frame, const hr_link_state *link, const hr_model *labels,
                        const struct send_totals *totals) {
  const int is_live = isatty(STDOUT_FILENO);
  const double seconds = (double)(hr_clock_monotonic(NULL) - totals->began_ns) / 1e9;
  if (is_live) printf("\r\033[K");
  printf("%6u  %-10s %s%-8s%s", frame->sequence, health_name(link->health), bold(stdout),
         frame->place == AT_NOBODY ? "nobody" : place_name(frame->place), plain(stdout));
  if (frame->place == AT_TAIL)
    printf("  %ux%u, %6s bytes, %.1f ms", frame->input_width, frame->input_height, grouped(frame->sent.bytes),
           frame->round_trip_ms);
  if (frame->place != AT_NOBODY) {
    struct label label;
    find_label(labels, frame->answer.index, &label);
    printf("  %s", bold(stdout));
    write_printable(stdout, label.text, label.length);
    printf("%s %.1f %%", plain(stdout), 100 * (double)frame->answer.probability);
  }
  if (is_live) {
    printf("  %s%.1f frames/s%s", dim(stdout), seconds > 0 ? (double)totals->frames / seconds : 0.0, plain(stdout));
    if (link->what[0]) {
      printf("  %s", dim(stdout));
      write_printable(stdout, link->what, strlen(link->what));
      printf("%s", plain(stdout));
    }
  } else {
    printf("\n");
  }
  fflush(stdout);
}

void write_summary_as_json(const struct send_totals *totals, const hr_link_state *link) {
  printf("{\"summary\": {\"frames\": %llu", (unsigned long long)totals->frames);
  const struct {
    const char *key;
    uint64_t value;
  } counts[] = {
      {"exit", totals->exit},         {"tail", totals->tail},          {"fallback", totals->fallback},
      {"unanswered", totals->unanswered}, {"refused_by_tail", totals->refused_by_tail},
      {"bad_pictures", totals->bad_pictures}, {"offered", link->offered}, {"refused", link->refused},
      {"replaced", link->replaced},   {"sent", link->sent},            {"answered", link->answered},
      {"lost", link->lost},           {"failed", link->failed},        {"waiting", link->waiting},
      {"in_flight", link->in_flight}, {"late", link->late},            {"damaged", link->damaged},
      {"reconnects", link->reconnects}, {"bytes_sent", link->bytes_sent}, {"bytes_received", link->bytes_received}};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) write_count(counts[i].key, counts[i].value, 1);
  write_number("bytes_per_second", (double)link->bytes_per_second, link->bytes_per_second > 0, 0);
  write_number("round_trip_ms", (double)link->round_trip_ms, link->round_trip_ms > 0, 3);
  printf(", \"health\": \"%s\", \"what\": ", health_name(link->health));
  write_json_string(stdout, link->what, strlen(link->what));
  printf("}}\n");
  fflush(stdout);
}

void write_summary_as_text(const struct send_totals *totals, const hr_link_state *link) {
  if (isatty(STDOUT_FILENO)) printf("\n");
  printf("%s frame%s: %s answered by the tail, %s by the exit, %s by the exit for want of the tail",
         grouped(totals->frames), plural(totals->frames), grouped(totals->tail), grouped(totals->exit),
         grouped(totals->fallback));
  if (totals->unanswered) printf(", %s by nobody", grouped(totals->unanswered));
  printf("\n%s of %s packet%s sent, %s bytes; %s lost, %s late, %s reconnect%s", grouped(link->sent),
         grouped(link->offered), plural(link->offered), grouped(link->bytes_sent), grouped(link->lost),
         grouped(link->late), grouped(link->reconnects), plural(link->reconnects));
  if (link->bytes_per_second > 0) printf("; %s bytes/s", grouped((unsigned long long)link->bytes_per_second));
  if (link->round_trip_ms > 0) printf(", round trip %.1f ms", (double)link->round_trip_ms);
  printf("\n");
  if (link->what[0]) {
    printf("the link is down: ");
    write_printable(stdout, link->what, strlen(link->what));
    printf("\n");
  }
  fflush(stdout);
}
