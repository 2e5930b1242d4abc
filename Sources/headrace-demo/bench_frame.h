/* bench_frame.h - what a camera's frame costs before the network sees it. */
#ifndef HEADRACE_DEMO_BENCH_FRAME_H
#define HEADRACE_DEMO_BENCH_FRAME_H

#include "network.h"

enum { FRAME_FORMATS = 3 };
extern const char *const frame_format_names[FRAME_FORMATS];

/* The least milliseconds of `repeat` conversions of a frame of 640 x 480 pixels into input 0, one for each
   format. Returns 0 where the input is no picture, or memory is short. */
int measure_frames(const struct network *network, uint32_t repeat, double *milliseconds);

#endif
