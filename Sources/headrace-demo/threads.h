/* threads.h - the threads that networks run on, and how their sessions use them. */
#ifndef DEMO_THREADS_H
#define DEMO_THREADS_H

#include "headrace_io.h"

/* Creates a pool of so many threads, which hr_pool_destroy ends; 0: of as many as there are CPUs, which is put in
   *threads. config is for sessions that use it, on a CPU with these features. Prints what is wrong and returns 0 on
   failure. */
int open_threads(hr_pool **pool, uint32_t *threads, uint32_t features, hr_session_config *config);

#endif /* DEMO_THREADS_H */
