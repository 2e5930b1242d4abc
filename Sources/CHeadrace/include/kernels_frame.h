/* kernels_frame.h - kernels for pixels. */
#ifndef HR_KERNELS_FRAME_H
#define HR_KERNELS_FRAME_H

#include <stddef.h>
#include <stdint.h>

typedef struct hr_frame_kernels {
  void (*reserved)(void);
} hr_frame_kernels;

#endif /* HR_KERNELS_FRAME_H */
