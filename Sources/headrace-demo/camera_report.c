/* camera_report.c - a frame's report, for people and for programs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "camera.h"
#include "label.h"
#include "text.h"

void write_report_as_json(const struct frame_report *report, const hr_model *tail) {
  printf("{\"source\": ");
  write_json_string(stdout, report->source, strlen(report->source));
  printf(", \"width\": %u, \"height\": %u, \"jpeg_bytes\": ", report->width, report->height);
  if (report->jpeg_bytes)
    printf("%zu", report->jpeg_bytes);
  else
    printf("null");
  printf(", \"payload_bytes\": %zu, \"payload_crc32c\": \"%08x\", \"rate\": %u, \"label\": ",
         report->payload_bytes, report->payload_crc32c, report->rate);
  if (report->answer.class_count) {
    struct label label;
    find_label(tail, report->answer.classes[0].index, &label);
    write_json_string(stdout, label.text, label.length);
    const double probability = (double)report->answer.classes[0].probability;
    /* JSON has no NaN. */
    printf(isfinite(probability) ? ", \"probability\": %.4f" : ", \"probability\": null", probability);
  } else {
    printf("null, \"probability\": null");
  }
  printf(", \"milliseconds\": {\"decode\": %.3f, \"prepare\": %.3f, \"head\": %.3f, \"code\": %.3f, "
         "\"tail\": ",
         report->milliseconds.decode, report->milliseconds.prepare, report->milliseconds.head,
         report->milliseconds.code);
  if (tail)
    printf("%.3f}}\n", report->milliseconds.tail);
  else
    printf("null}}\n");
  fflush(stdout);
}

void write_report_as_text(const struct frame_report *report, const hr_model *tail) {
  printf("%s", bold(stdout));
  write_printable(stdout, report->source, strlen(report->source));
  printf("%s  %u x %u\n", plain(stdout), report->width, report->height);
  printf("  %stime%s     decode %.2f ms, prepare %.2f, head %.2f, code %.2f", dim(stdout),
         plain(stdout), report->milliseconds.decode, report->milliseconds.prepare,
         report->milliseconds.head, report->milliseconds.code);
  if (report->answer.class_count) printf(", tail %.2f", report->milliseconds.tail);
  printf("\n  %spayload%s  %s bytes", dim(stdout), plain(stdout), grouped(report->payload_bytes));
  if (report->jpeg_bytes)
    printf("; the JPEG has %s, %.1f times as many", grouped(report->jpeg_bytes),
           (double)report->jpeg_bytes / (double)report->payload_bytes);
  printf("\n");
  if (report->answer.class_count) {
    printf("  %slabel%s    ", dim(stdout), plain(stdout));
    for (uint32_t i = 0; i < report->answer.class_count; i++) {
      struct label label;
      find_label(tail, report->answer.classes[i].index, &label);
      printf("%s%s", i ? ", " : "", i == 0 ? bold(stdout) : "");
      write_printable(stdout, label.text, label.length);
      printf(" %.1f %%%s", 100 * (double)report->answer.classes[i].probability,
             i == 0 ? plain(stdout) : "");
    }
    printf("\n");
  }
  fflush(stdout);
}
