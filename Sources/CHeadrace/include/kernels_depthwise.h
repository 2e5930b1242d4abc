/* kernels_depthwise.h - kernels for depthwise convolution.

   An operator cuts a row of outputs into spans: outputs whose taps all move on by the same steps. A tap
   that is in the padding for all outputs of a span reads a row of zero points, 64 bytes or more, and does not
   move; so borders are exact and no kernel knows about them. float32 sums are in the order of the taps, whatever the
   kernel; integer sums are exact. */
#ifndef HR_KERNELS_DEPTHWISE_H
#define HR_KERNELS_DEPTHWISE_H

#include "kernels_contraction.h"

#define HR_SPANS 8 /* that a kernel gets at most */

typedef enum hr_taps_shape {
  HR_TAPS_ANY = 0,
  HR_TAPS_3 = 1,  /* three taps: 1x3, 3x1, whatever their distance */
  HR_TAPS_3X3 = 2 /* three rows of three neighbours, stride 1 or 2 along a row */
} hr_taps_shape;

typedef struct hr_depthwise {
  const void *weights;       /* [taps][weight_step]: float32, or int8 for both fixed-point types */
  size_t weight_step;        /* output channels, rounded up to a multiple of eight */
  uint32_t taps;
  uint32_t shape;            /* hr_taps_shape */
  uint32_t stride;           /* along a row */
  uint32_t channels;         /* output channels */
  uint32_t depth_multiplier; /* output channel o reads input channel o / this */
  hr_epilogue epilogue;
} hr_depthwise;

typedef struct hr_span {
  uint32_t pixels;    /* outputs */
  uint32_t is_inside; /* whether all taps of a row are in the input, or all are in the padding */
} hr_span;

typedef struct hr_depthwise_row {
  const hr_span *spans;   /* [span_count] */
  const void *const *x;   /* [span_count][taps]: channel 0 of what a tap reads for a span's first output */
  const uint32_t *steps;  /* [span_count][taps]: elements from there to what it reads for the next output */
  uint32_t span_count;    /* at most HR_SPANS */
  uint32_t first_channel; /* of the output, a multiple of eight */
  uint32_t end_channel;   /* the same, or all channels; where that is no multiple of eight, sixteen or
                             more above first_channel if there are as many */
  void *y;                /* channel 0 of the first output */
  size_t y_step;          /* elements from an output to the next */
#if defined(__x86_64__)
  /* Rows, at least one, that read the same spans, each `row_step` elements behind the one above where taps move. */
  uint32_t row_count;
  size_t row_step;
  size_t y_row_step; /* elements from a row of outputs to the next */
#endif
} hr_depthwise_row;

typedef void (*hr_depthwise_kernel)(const hr_depthwise *, const hr_depthwise_row *);

/* Computes as many channels as it is made for, from first_channel on; returns the first that is left. */
typedef uint32_t (*hr_depthwise_part)(const hr_depthwise *, const hr_depthwise_row *);

typedef struct hr_depthwise_kernels {
  hr_depthwise_part sixteens_i8; /* whole sixteens of channels, or NULL; i8 does the others */
  hr_depthwise_kernel f32, i8, i16;
} hr_depthwise_kernels;

#endif /* HR_KERNELS_DEPTHWISE_H */
