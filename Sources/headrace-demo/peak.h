/* peak.h - the least time in which a CPU could do multiply-accumulates. */
#ifndef DEMO_PEAK_H
#define DEMO_PEAK_H

#include "headrace_io.h"

/* The most multiply-accumulates a cycle that one core of this CPU can do on a type; 0: not known. */
double peak_macs_per_cycle(hr_type type);

/* The clock in MHz as the system tells it: the highest of the first CPU, or where that is not to be
   had the present one; 0: not known. */
uint32_t system_clock_mhz(void);

#endif /* DEMO_PEAK_H */
