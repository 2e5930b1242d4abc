#define _POSIX_C_SOURCE 200809L
#include "array_file.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "text.h"

enum { LONGEST_LINE = 256, MOST_BYTES = 65536 };

static int bad_line(const char *path, int line, const char *problem) {
  return complain("%s: line %d: %s", path, line, problem);
}

/* 1 if spaces are between numbers and a comma between digits: then it is in a number, as many countries write it. */
static int has_decimal_comma(const char *text) {
  int has_spaces = 0, has_comma = 0, is_after_space = 0;
  char last = ',';
  for (; *text; text++) {
    if (strchr(" \t\r", *text)) {
      is_after_space = 1;
      continue;
    }
    if (*text == ',') has_comma |= !is_after_space && isdigit((unsigned char)text[1]);
    else has_spaces |= is_after_space && last != ',';
    last = *text;
    is_after_space = 0;
  }
  return has_spaces && has_comma;
}

/* What is wrong with a line, NULL if it is a microphone or nothing. */
static const char *read_line(char *text, hr_array *out) {
  char *comment = strchr(text, '#');
  if (comment) *comment = 0;
  if (has_decimal_comma(text)) return "a comma inside a number; write decimals with a point";
  double numbers[4] = {0};
  int count = 0;
  for (char *word = strtok(text, " \t\r,"); word; word = strtok(NULL, " \t\r,")) {
    char *end;
    if (count == 4) return "more than a channel and three coordinates";
    errno = 0;
    numbers[count] = strtod(word, &end);
    if (*end || end == word || errno || !isfinite(numbers[count])) return "not a number";
    count++;
  }
  if (count == 0) return NULL;
  if (count < 3) return "a microphone is a channel, x, y and perhaps z in metres";
  if (numbers[0] < 0 || numbers[0] > 63 || numbers[0] != floor(numbers[0]))
    return "a channel is a whole number from 0 to 63";
  if (out->microphone_count == HR_MAX_MICROPHONES) return "more microphones than 16";
  out->channels[out->microphone_count] = (uint32_t)numbers[0];
  for (int axis = 0; axis < 3; axis++)
    out->positions[out->microphone_count][axis] = (float)numbers[axis + 1];
  out->microphone_count++;
  return NULL;
}

int read_array_file(const char *path, hr_array *out) {
  hr_error error = new_error();
  hr_file file;
  if (hr_file_map(&file, path, &error) != HR_OK) return print_error(path, &error);
  memset(out, 0, sizeof *out);
  out->struct_size = sizeof *out;
  const char *problem = file.byte_count > MOST_BYTES ? "too long for a description of microphones" : NULL;
  int line = 1;
  const char *at = file.bytes, *end = at + file.byte_count;
  while (!problem && at < end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const size_t length = (size_t)((newline ? newline : end) - at);
    char text[LONGEST_LINE];
    if (length >= sizeof text || memchr(at, 0, length)) {
      problem = "no text, or longer than 255 bytes";
      break;
    }
    memcpy(text, at, length);
    text[length] = 0;
    problem = read_line(text, out);
    if (!problem) line++;
    at += length + 1;
  }
  hr_file_unmap(&file);
  if (problem) return bad_line(path, line, problem);
  if (out->microphone_count < 2) return bad_line(path, line, "fewer than two microphones");
  return 1;
}
