/* headrace-demo - the library's jobs on a board, from the command line. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "headrace_io.h"
#include "options.h"
#include "text.h"

static const struct command *const commands[] = {&camera_command, &send_command, &locate_command, &enhance_command,
                                               &deblur_command, &run_command, &bench_command};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out) {
  fprintf(out, "headrace-demo runs compressed networks and microphone arrays on this board.\n\n"
               "usage: headrace-demo COMMAND [ARGUMENT...]\n\ncommands:\n");
  for (int i = 0; i < COMMANDS; i++)
    fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
  fprintf(out, "\noptions:\n  --help     print this; after a command, its options\n"
               "  --version  print the version\n\nexample:\n  headrace-demo camera photo.jpg\n\n"
               "Exits with 0 on success, 1 on bad input, 2 on wrong usage, and where it was interrupted before it\n"
               "was done with 128 and the signal's number: 130 for Ctrl-C. What goes on until Ctrl-C, as from a\n"
               "camera or a sound card, ends with 0 then.\n");
}

/* The exit status, or that of a failure if what was printed did not get out: a full disk, a closed pipe. */
static int after_output(int status) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return status;
  perror("headrace-demo: the output could not be written");
  return EXIT_BAD_INPUT;
}

int main(int count, char **arguments) {
  setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* a message is one write */
  signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of write, not the end */
  const char *name = count > 1 ? arguments[1] : "";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    print_help(stdout);
    return after_output(EXIT_OK);
  }
  if (strcmp(name, "--version") == 0) {
    printf("headrace-demo %s\n", hr_version_string());
    return after_output(EXIT_OK);
  }
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(name, commands[i]->name) == 0)
      return after_output(commands[i]->run(count - 2, arguments + 2));
  if (*name) {
    complain("there is no command \"%s\"", name);
    fputs("\n", stderr);
  }
  print_help(stderr);
  return EXIT_WRONG_USAGE;
}
