/* cpu.c - what the CPU can do, how many there are, what time it is. */
#define _GNU_SOURCE
#include "headrace_io.h"

#include <sched.h>
#include <time.h>

#if defined __aarch64__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

uint32_t hr_cpu_detect(void) {
  uint32_t features = 0;
#if defined __aarch64__
  if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) features |= HR_CPU_DOTPROD;
  if (getauxval(AT_HWCAP2) & HWCAP2_I8MM) features |= HR_CPU_I8MM;
#elif defined __x86_64__
  __builtin_cpu_init();
  /* The features of x86-64-v3 that a hypervisor may hide one by one. */
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
    features |= HR_CPU_AVX2;
  if ((features & HR_CPU_AVX2) && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni"))
    features |= HR_CPU_VNNI;
#endif
  return features;
}

uint32_t hr_cpu_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : (uint32_t)count;
}

uint64_t hr_clock_monotonic(void *unused) {
  (void)unused;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
