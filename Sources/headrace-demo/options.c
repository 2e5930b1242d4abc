#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

int wrong_usage(const struct command *command, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "headrace-demo %s: ", command->name);
  write_message(stderr, format, arguments);
  fprintf(stderr, "\nTry headrace-demo %s --help\n", command->name);
  va_end(arguments);
  return EXIT_WRONG_USAGE;
}

static void print_help(const struct command *command, const struct option *options) {
  printf("%s\n\nusage: headrace-demo %s %s [OPTION...]\n", command->summary, command->name,
         command->arguments);
  printf("\n%s\n\noptions:\n", command->about);
  for (const struct option *option = options; option->kind != OPTION_END; option++) {
    char left[40];
    snprintf(left, sizeof left, "%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-22s %s\n", left, option->help);
  }
  printf("  %-22s %s\n\nexample:\n  %s\n", "--help", "print this", command->example);
}

static const struct option *find(const struct option *options, const char *name, size_t length) {
  for (; options->kind != OPTION_END; options++)
    if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
      return options;
  return NULL;
}

/* The option that a mistyped name most likely means: one that begins alike. */
static const char *alike(const struct option *options, const char *name) {
  for (; options->kind != OPTION_END; options++)
    if (strncmp(options->name, name, 4) == 0) return options->name;
  return NULL;
}

static int set(const struct command *command, const struct option *option, const char *text) {
  if (!*text) return wrong_usage(command, "%s is empty; it takes %s", option->name, option->argument);
  if (option->kind == OPTION_TEXT) {
    *(const char **)option->value = text;
  } else if (option->kind == OPTION_LIST) {
    struct text_list *list = option->value;
    if (list->count == MAX_VALUES)
      return wrong_usage(command, "%s is given more than %d times", option->name, MAX_VALUES);
    list->values[list->count++] = text;
  } else {
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || number < option->least || number > option->most)
      return wrong_usage(command, "%s takes a number from %u to %u, not \"%s\"", option->name,
                         option->least, option->most, text);
    *(uint32_t *)option->value = (uint32_t)number;
  }
  return -1;
}

int read_options(const struct command *command, const struct option *options,
                 const char **positional, int count, char **arguments) {
  int options_end = 0;
  for (int i = 0; i < count; i++) {
    const char *argument = arguments[i];
    if (options_end || argument[0] != '-' || !argument[1]) { /* "-" is standard input */
      if (!*argument) return wrong_usage(command, "an argument is empty; it takes %s", command->arguments);
      if (!positional || *positional)
        return wrong_usage(command, "\"%s\" is one argument too many", argument);
      *positional = argument;
      continue;
    }
    if (strcmp(argument, "--") == 0) {
      options_end = 1;
      continue;
    }
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
      print_help(command, options);
      return EXIT_OK;
    }
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    const struct option *option = find(options, argument, length);
    if (!option) {
      const char *meant = alike(options, argument);
      return wrong_usage(command, "there is no option %.*s%s%s%s", (int)length, argument,
                         meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    }
    if (option->kind == OPTION_FLAG) {
      if (equals) return wrong_usage(command, "%s takes no value", option->name);
      *(uint32_t *)option->value = 1;
      continue;
    }
    if (!equals && i + 1 == count)
      return wrong_usage(command, "%s needs a value: %s", option->name, option->argument);
    int result = set(command, option, equals ? equals + 1 : arguments[++i]);
    if (result >= 0) return result;
  }
  return -1;
}
