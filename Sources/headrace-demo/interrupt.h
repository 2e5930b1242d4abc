/* interrupt.h - Ctrl-C, SIGTERM, or SIGHUP ends a job between two of its steps, so that what is open is closed. */
#ifndef DEMO_INTERRUPT_H
#define DEMO_INTERRUPT_H

/* From here on; a second Ctrl-C ends the program at once, should a device not answer. */
void catch_interrupt(void);
/* Whether there was one. */
int is_interrupted(void);

/* Whether the job at a path, or on standard input, which is -, is done only at its end: that of a file or a folder. A
   camera, a sound card or a pipe goes on until it is interrupted. */
int has_end(const char *path);
/* "PATH: interrupted after" so much, on stderr; returns 0. The job is cut short then. */
__attribute__((format(printf, 2, 3)))
int print_interrupted(const char *path, const char *format, ...);
/* A job's: 128 + the signal's number if it was cut short, as shells have it of programs that a signal ends. */
int exit_status(int done);

#endif /* DEMO_INTERRUPT_H */
