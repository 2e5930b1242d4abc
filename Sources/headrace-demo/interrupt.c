#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include "interrupt.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "text.h"

static volatile sig_atomic_t interrupted; /* the first signal's number */
static int is_cut_short;

static void interrupt(int number) {
  if (!interrupted) interrupted = number;
}

void catch_interrupt(void) {
  struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  /* A terminal that goes away; nohup has it ignored already. */
  struct sigaction before;
  if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, NULL);
}

int is_interrupted(void) { return interrupted != 0; }

int has_end(const char *path) {
  struct stat status;
  const int found = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(path, &status);
  return found == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

int print_interrupted(const char *path, const char *format, ...) {
  va_list arguments;
  char done[64];
  va_start(arguments, format);
  vsnprintf(done, sizeof done, format, arguments);
  va_end(arguments);
  is_cut_short = 1;
  return complain("%s: interrupted after %s; run it again", path, done);
}

int exit_status(int done) { return is_cut_short ? 128 + interrupted : done ? EXIT_OK : EXIT_BAD_INPUT; }
