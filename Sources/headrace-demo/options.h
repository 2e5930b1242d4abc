/* options.h - reads a command's arguments by a table, and prints its help from the same table. */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum { EXIT_OK = 0, EXIT_BAD_INPUT = 1, EXIT_WRONG_USAGE = 2, MAX_VALUES = 16 };

/* The texts of an option that may be given more than once. */
struct text_list {
  const char *values[MAX_VALUES];
  uint32_t count;
};

enum option_kind { OPTION_END, OPTION_FLAG, OPTION_NUMBER, OPTION_TEXT, OPTION_LIST };

struct option {
  const char *name; /* "--rate" */
  enum option_kind kind;
  void *value;          /* uint32_t (flag, number), const char *, struct text_list */
  uint32_t least, most; /* of a number */
  const char *argument; /* "N" */
  const char *help;
};

struct command {
  const char *name;
  const char *summary;
  const char *arguments; /* "[SOURCE]" */
  const char *about;     /* what the positional argument is */
  const char *example;
  int (*run)(int count, char **arguments);
};

/* Fills the options' values and, for one positional argument, *positional, which is NULL if none is
   taken. Returns -1 to go on, else the exit status: 0 after --help, 2 after a mistake. */
int read_options(const struct command *command, const struct option *options,
                 const char **positional, int count, char **arguments);

/* "headrace-demo NAME: MESSAGE" and where to find help; returns EXIT_WRONG_USAGE. */
__attribute__((format(printf, 2, 3)))
int wrong_usage(const struct command *command, const char *format, ...);

extern const struct command camera_command;
extern const struct command run_command;
extern const struct command bench_command;
extern const struct command locate_command;
extern const struct command enhance_command;
extern const struct command deblur_command;
extern const struct command send_command;

#endif /* DEMO_OPTIONS_H */
