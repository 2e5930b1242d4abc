/* camera_report.c - a frame's report, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "camera.h"
#include "text.h"

/* The class's name, or its number where the model has no labels. */
static void find_label(const hr_model *tail, uint32_t index, char *text, size_t capacity) {
  const char *label;
  size_t length;
  if (hr_model_label(tail, index, &label, &length) == HR_OK)
    snprintf(text, capacity, "%.*s", (int)length, label);
  else
    snprintf(text, capacity, "class %u", index);
}

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
  if (report->answer_count) {
    char label[256];
    find_label(tail, report->answers[0].index, label, sizeof label);
    write_json_string(stdout, label, strlen(label));
    printf(", \"probability\": %.4f", (double)report->answers[0].probability);
  } else {
    printf("null, \"probability\": null");
  }
  printf(", \"milliseconds\": {\"decode\": %.3f, \"prepare\": %.3f, \"head\": %.3f, \"code\": %.3f, "
         "\"tail\": %.3f}}\n",
         report->milliseconds.decode, report->milliseconds.prepare, report->milliseconds.head,
         report->milliseconds.code, report->milliseconds.tail);
  fflush(stdout);
}

void write_report_as_text(const struct frame_report *report, const hr_model *tail) {
  printf("%s%s%s  %u x %u\n", bold(stdout), report->source, plain(stdout), report->width,
         report->height);
  printf("  %stime%s     decode %.2f ms, prepare %.2f, head %.2f, code %.2f", dim(stdout),
         plain(stdout), report->milliseconds.decode, report->milliseconds.prepare,
         report->milliseconds.head, report->milliseconds.code);
  if (report->answer_count) printf(", tail %.2f", report->milliseconds.tail);
  printf("\n  %spayload%s  %s bytes", dim(stdout), plain(stdout), grouped(report->payload_bytes));
  if (report->jpeg_bytes)
    printf("; the JPEG has %s, %.1f times as many", grouped(report->jpeg_bytes),
           (double)report->jpeg_bytes / (double)report->payload_bytes);
  printf("\n");
  if (report->answer_count) {
    printf("  %slabel%s    ", dim(stdout), plain(stdout));
    for (uint32_t i = 0; i < report->answer_count; i++) {
      char label[256];
      find_label(tail, report->answers[i].index, label, sizeof label);
      const char *weight = i == 0 ? bold(stdout) : "";
      printf("%s%s%s %.1f %%%s", i ? ", " : "", weight, label,
             100 * (double)report->answers[i].probability, i == 0 ? plain(stdout) : "");
    }
    printf("\n");
  }
  fflush(stdout);
}
