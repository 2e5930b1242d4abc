/* pool.c - a fixed set of threads that share out the parts of one job at a time.

   A job is published as a ticket: its number in the upper half, how many parts are left to take in the
   lower. A thread takes a part by exchanging the ticket for the next lower one; that fails if the job
   has been replaced in the meantime, so a thread that comes late never takes a part of a job that it
   has not seen. Threads look for the next job for some microseconds, then sleep. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "internal/failure.h"

enum { MAX_THREADS = 64, SPINS = 4000 };

struct hr_pool {
  pthread_mutex_t callers; /* held during a run: one job at a time */
  pthread_mutex_t mutex;
  pthread_cond_t published;
  pthread_cond_t finished;
  _Atomic uint64_t ticket;
  atomic_uint pending; /* parts not yet done */
  atomic_bool stop;
  uint32_t count; /* parts of the job */
  hr_parallel_body body;
  void *context;
  uint32_t thread_count; /* without the caller's */
  bool spins;            /* false where there are more threads than CPUs */
  pthread_t threads[MAX_THREADS];
};

static void relax(void) {
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause();
#elif defined __aarch64__ || (defined __ARM_ARCH && __ARM_ARCH >= 7)
  __asm__ volatile("yield");
#endif
}

/* Does parts of the job that ticket belongs to until none is left. */
static void take_parts(hr_pool *pool, uint64_t ticket) {
  const uint64_t job = ticket >> 32;
  while (ticket >> 32 == job && (uint32_t)ticket != 0) {
    if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1)) continue;
    /* The job cannot end before this part has, so its count and body stay what they are. */
    pool->body(pool->context, pool->count - (uint32_t)ticket);
    if (atomic_fetch_sub(&pool->pending, 1) == 1) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->finished);
      pthread_mutex_unlock(&pool->mutex);
    }
    ticket = atomic_load(&pool->ticket);
  }
}

/* Waits until there is another job than `seen`, and returns its ticket. */
static uint64_t wait_for_job(hr_pool *pool, uint64_t seen) {
  uint64_t ticket = atomic_load(&pool->ticket);
  for (int i = 0; pool->spins && i < SPINS && ticket >> 32 == seen; i++) {
    relax();
    ticket = atomic_load(&pool->ticket);
  }
  if (ticket >> 32 != seen) return ticket;
  pthread_mutex_lock(&pool->mutex);
  while ((ticket = atomic_load(&pool->ticket)) >> 32 == seen && !atomic_load(&pool->stop))
    pthread_cond_wait(&pool->published, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
  return ticket;
}

static void *work(void *argument) {
  hr_pool *pool = argument;
  uint64_t seen = 0;
  while (!atomic_load(&pool->stop)) {
    uint64_t ticket = wait_for_job(pool, seen);
    seen = ticket >> 32;
    take_parts(pool, ticket);
  }
  return NULL;
}

hr_status hr_pool_create(hr_pool **out, uint32_t threads, hr_error *error) {
  if (!out) return hr_io_fail(error, HR_INVALID_ARGUMENT, "thread pool: out is NULL; pass a pointer to a handle");
  *out = NULL;
  if (threads == 0) threads = hr_cpu_count() < MAX_THREADS ? hr_cpu_count() : MAX_THREADS;
  if (threads > MAX_THREADS)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "thread pool: %u threads; the most is %d", threads,
                      MAX_THREADS);
  hr_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return hr_io_fail(error, HR_OUT_OF_MEMORY, "thread pool: no memory left");
  pthread_mutex_init(&pool->callers, NULL);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->published, NULL);
  pthread_cond_init(&pool->finished, NULL);
  pool->spins = threads <= hr_cpu_count();
  for (uint32_t i = 0; i + 1 < threads; i++) {
    int number = pthread_create(&pool->threads[i], NULL, work, pool);
    if (number != 0) {
      hr_pool_destroy(pool);
      return hr_io_fail_errno(error, HR_DEVICE_ERROR, number,
                              "thread pool: cannot start thread %u of %u", i + 2, threads);
    }
    pool->thread_count++;
  }
  *out = pool;
  return HR_OK;
}

void hr_pool_destroy(hr_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->stop, true);
  pthread_cond_broadcast(&pool->published);
  pthread_mutex_unlock(&pool->mutex);
  for (uint32_t i = 0; i < pool->thread_count; i++) pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->published);
  pthread_mutex_destroy(&pool->mutex);
  pthread_mutex_destroy(&pool->callers);
  free(pool);
}

void hr_pool_run(void *context, uint32_t count, hr_parallel_body body, void *body_context) {
  hr_pool *pool = context;
  if (count <= 1 || !pool || pool->thread_count == 0) {
    for (uint32_t i = 0; i < count; i++) body(body_context, i);
    return;
  }
  pthread_mutex_lock(&pool->callers);
  pthread_mutex_lock(&pool->mutex);
  /* Job 0 is what threads have seen when they start. */
  uint64_t job = (uint32_t)((atomic_load(&pool->ticket) >> 32) + 1);
  uint64_t ticket = (job ? job : 1) << 32 | count;
  pool->count = count;
  pool->body = body;
  pool->context = body_context;
  atomic_store(&pool->pending, count);
  atomic_store(&pool->ticket, ticket);
  pthread_cond_broadcast(&pool->published);
  pthread_mutex_unlock(&pool->mutex);

  take_parts(pool, ticket);
  for (int i = 0; pool->spins && i < SPINS && atomic_load(&pool->pending) != 0; i++) relax();
  if (atomic_load(&pool->pending) != 0) {
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->pending) != 0) pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
  }
  pthread_mutex_unlock(&pool->callers);
}

void hr_pool_configure(hr_pool *pool, hr_session_config *config) {
  if (!config) return;
  config->threads = pool ? pool->thread_count + 1 : 1;
  config->parallel = pool ? hr_pool_run : NULL;
  config->parallel_context = pool;
  config->clock = hr_clock_monotonic;
  config->clock_context = NULL;
  config->cpu_features = hr_cpu_detect();
}
