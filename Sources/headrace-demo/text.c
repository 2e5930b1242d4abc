#define _GNU_SOURCE
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The length of the UTF-8 sequence at text, 0 if it is none (RFC 3629). */
static size_t sequence(const unsigned char *text, size_t left) {
  unsigned char first = text[0];
  if (first < 0x80) return 1;
  size_t length = first >= 0xc2 && first <= 0xdf ? 2
                  : first >= 0xe0 && first <= 0xef ? 3
                  : first >= 0xf0 && first <= 0xf4 ? 4
                                                   : 0;
  if (length == 0 || length > left) return 0;
  for (size_t i = 1; i < length; i++)
    if ((text[i] & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
      (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
    return 0;
  return length;
}

/* The control character of `length` bytes of UTF-8: U+0000 ... U+001F, U+007F ... U+009F; else -1. */
static int control(const unsigned char *text, size_t length) {
  if (length == 1) return text[0] < 0x20 || text[0] == 0x7f ? text[0] : -1;
  return length == 2 && text[0] == 0xc2 && text[1] < 0xa0 ? text[1] : -1;
}

void write_printable(FILE *out, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  for (size_t i = 0; i < length;) {
    size_t step = sequence(bytes + i, length - i);
    if (step == 0) {
      fputs("\xef\xbf\xbd", out);
      step = 1;
    } else if (control(bytes + i, step) >= 0) {
      fprintf(out, "\\u{%X}", (unsigned)control(bytes + i, step));
    } else {
      fwrite(bytes + i, 1, step, out);
    }
    i += step;
  }
}

/* What is longer than a few names is cut off. */
void write_message(FILE *out, const char *format, va_list arguments) {
  char message[3 * 4096];
  vsnprintf(message, sizeof message, format, arguments);
  write_printable(out, message, strlen(message));
}

int complain(const char *format, ...) {
  va_list arguments;
  fputs("headrace-demo: ", stderr);
  va_start(arguments, format);
  write_message(stderr, format, arguments);
  va_end(arguments);
  fputs("\n", stderr);
  return 0;
}

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_message(stdout, format, arguments);
  va_end(arguments);
}

void write_json_string(FILE *out, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  putc('"', out);
  for (size_t i = 0; i < length;) {
    size_t step = sequence(bytes + i, length - i);
    if (step == 0) {
      fputs("\\ufffd", out);
      step = 1;
    } else if (bytes[i] == '"' || bytes[i] == '\\') {
      fprintf(out, "\\%c", bytes[i]);
    } else if (control(bytes + i, step) >= 0) {
      fprintf(out, "\\u%04x", (unsigned)control(bytes + i, step));
    } else {
      fwrite(bytes + i, 1, step, out);
    }
    i += step;
  }
  putc('"', out);
}

const char *grouped(unsigned long long number) {
  static char buffers[8][32];
  static unsigned next;
  char *end = buffers[next++ % 8] + 31;
  *end = 0;
  int digits = 0;
  do {
    if (digits && digits % 3 == 0) *--end = ',';
    *--end = (char)('0' + number % 10);
    number /= 10;
    digits++;
  } while (number);
  return end;
}

const char *plural(unsigned long long count) { return count == 1 ? "" : "s"; }

static const char *attribute(FILE *out, const char *code) {
  return isatty(fileno(out)) && !getenv("NO_COLOR") ? code : "";
}

const char *bold(FILE *out) { return attribute(out, "\033[1m"); }
const char *dim(FILE *out) { return attribute(out, "\033[2m"); }
const char *plain(FILE *out) { return attribute(out, "\033[0m"); }
