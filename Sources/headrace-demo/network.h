/* network.h - a model file that is ready to run: mapped, verified, with a session and its memory. */
#ifndef DEMO_NETWORK_H
#define DEMO_NETWORK_H

#include "headrace_io.h"

struct network {
  const char *path;
  hr_file file;
  hr_model model;
  hr_requirements requirements;
  void *memory;
  hr_session *session;
  void *split_memory;
  hr_split *split; /* of a head or a tail whose end was opened */
};

/* Prints what is wrong and returns 0 on failure. A network that was opened, or zeroed, may be closed. */
int open_network(struct network *network, const char *path, const hr_session_config *config);
void close_network(struct network *network);

/* A head's end of the link, or a tail's, which may know its head itself: then head is NULL. They print what is wrong
   and return 0 on failure. */
int open_head_end(struct network *head);
int open_tail_end(struct network *tail, const struct network *head);

/* The path of a model that came with the program, to be freed; NULL if that cannot be told: in $HEADRACE_MODELS,
   or else ../share/headrace/models beside the program's folder. */
char *shipped_model(const char *name);

/* An hr_error that is ready to be filled in. */
hr_error new_error(void);
/* That there is not enough memory for SUBJECT, on stderr; returns 0. */
int print_no_memory(const char *subject);
/* "headrace-demo: SUBJECT: MESSAGE" on stderr; returns 0. */
int print_error(const char *subject, const hr_error *error);

#endif /* DEMO_NETWORK_H */
