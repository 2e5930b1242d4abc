#include "peak.h"

#include <stdio.h>

#if defined __aarch64__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

struct peak {
  uint32_t cpu;
  double float32, int8, int16;
};

static double of_type(const struct peak *peak, hr_type type) {
  switch (type) {
    case HR_FLOAT32: return peak->float32;
    case HR_INT8: return peak->int8;
    case HR_INT16: return peak->int16;
    default: return 0;
  }
}

#if defined __aarch64__
/* By part number. int8 is smull and smlal with sadalp, or sdot where there is one; int16 is smlal. */
static const struct peak peaks[] = {
    {0xd03, 4, 5.3, 4},                          /* Cortex-A53 */
    {0xd07, 4, 8, 4},  {0xd08, 4, 8, 4},         /* Cortex-A57, A72 */
    {0xd0b, 8, 32, 4}, {0xd42, 8, 32, 4},        /* Cortex-A76, A78AE */
    {0xd0c, 8, 32, 4},                           /* Neoverse N1, which emulates an A78AE here */
};

double peak_macs_per_cycle(hr_type type) {
  if (!(getauxval(AT_HWCAP) & HWCAP_CPUID)) return 0; /* the kernel does not show the register */
  uint64_t identification;
  __asm__("mrs %0, midr_el1" : "=r"(identification));
  const uint32_t implementer = (identification >> 24) & 0xff, part = (identification >> 4) & 0xfff;
  enum { ARM = 0x41 };
  for (size_t i = 0; implementer == ARM && i < sizeof peaks / sizeof *peaks; i++)
    if (peaks[i].cpu == part) return of_type(&peaks[i], type);
  return 0;
}
#elif defined __x86_64__
/* By features, with two vector multipliers: Intel since Haswell, AMD since Zen 2. A CPU that splits
   512-bit vectors in halves reaches half of the last line. Integers: pmaddwd, or vpdpbusd and vpdpwssd. */
static const struct peak peaks[] = {
    {0, 8, 16, 16}, {HR_CPU_AVX2, 16, 32, 32}, {HR_CPU_VNNI, 32, 128, 64}};

double peak_macs_per_cycle(hr_type type) {
  const uint32_t features = hr_cpu_detect();
  double most = 0;
  for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++)
    if ((features & peaks[i].cpu) == peaks[i].cpu) most = of_type(&peaks[i], type);
  return most;
}
#else
double peak_macs_per_cycle(hr_type type) {
  static const struct peak unknown = {0, 0, 0, 0};
  return of_type(&unknown, type);
}
#endif

uint32_t system_clock_mhz(void) {
  double number = 0, unit = 1000; /* sysfs counts kHz, /proc/cpuinfo MHz */
  FILE *file = fopen("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "r");
  if (file) {
    if (fscanf(file, "%lf", &number) != 1) number = 0;
  } else if ((file = fopen("/proc/cpuinfo", "r"))) {
    char line[256];
    unit = 1;
    while (number == 0 && fgets(line, sizeof line, file)) sscanf(line, "cpu MHz : %lf", &number);
  }
  if (file) fclose(file);
  return number > 0 && number < 1e9 ? (uint32_t)(number / unit + 0.5) : 0;
}
