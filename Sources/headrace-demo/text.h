/* text.h - what is written on the terminal and in JSON. */
#ifndef DEMO_TEXT_H
#define DEMO_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Writes text out of an untrusted file, a name for instance: a control character, which would steer the
   terminal, becomes \u{1B}, and bytes that are not UTF-8 become U+FFFD. */
void write_printable(FILE *out, const char *text, size_t length);

/* A message, formatted and written so. */
void write_message(FILE *out, const char *format, va_list arguments);

/* Writes "headrace-demo: ", the message as write_printable does, and an end of line to standard error. Returns 0. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes the message as write_printable does to standard output. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes a JSON string with its quotes; control characters and bad bytes as above, but \u001b. */
void write_json_string(FILE *out, const char *text, size_t length);

/* "1,234,567" in one of a few buffers that are used in turn. */
const char *grouped(unsigned long long number);

/* What makes a word with an s the word for so many: "" for one, else "s". */
const char *plural(unsigned long long count);

/* Terminal attributes, or "" where out is no terminal or NO_COLOR is set. */
const char *bold(FILE *out);
const char *dim(FILE *out);
const char *plain(FILE *out);

#endif /* DEMO_TEXT_H */
