/* interrupt.h - Ctrl-C, SIGTERM, or SIGHUP ends a job between two of its steps, so that what is open is closed. */
#ifndef DEMO_INTERRUPT_H
#define DEMO_INTERRUPT_H

/* From here on; a second Ctrl-C ends the program at once, should a device not answer. */
void catch_interrupt(void);
/* Whether there was one. */
int is_interrupted(void);

#endif /* DEMO_INTERRUPT_H */
