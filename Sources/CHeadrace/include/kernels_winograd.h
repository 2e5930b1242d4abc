/* kernels_winograd.h - kernels for Winograd convolution, float32: the transforms of tiles. The products
   between them are contractions (kernels_contraction.h), one for each point.

   A tile has 6 x 6 points; FORMAT.md gives the matrices. */
#ifndef HR_KERNELS_WINOGRAD_H
#define HR_KERNELS_WINOGRAD_H

#include <stddef.h>
#include <stdint.h>

#define HR_WINOGRAD_POINTS 36
#define HR_WINOGRAD_SCRATCH (8 * HR_WINOGRAD_POINTS) /* a tile's points, eight channels of each */

/* The points of a tile's inputs, of `channels` channels. Up to three floats more are written behind them. */
typedef struct hr_winograd_input {
  const float *const *x; /* [6][6]: channel 0 of each pixel */
  uint32_t channels;
  uint32_t reads_on;     /* whether three floats behind each pixel's channels can be read */
  float *v;              /* of the first point */
  size_t point_step;     /* elements from a point to the next */
  float *scratch;        /* HR_WINOGRAD_SCRATCH floats */
} hr_winograd_input;
typedef void (*hr_winograd_transform_input)(const hr_winograd_input *);

/* size x size outputs of a tile from the points of its products, of `channels` channels; those beyond
   `rows` and `columns` are not written. */
typedef struct hr_winograd_output {
  float *m;              /* of the first point; can be overwritten, up to a multiple of eight channels */
  size_t point_step;     /* elements from a point to the next */
  uint32_t size;         /* 3 or 4 */
  uint32_t rows, columns;
  uint32_t channels;
  float clamp_min, clamp_max;
  float *y;
  size_t row_step, column_step; /* elements */
  float *scratch;        /* HR_WINOGRAD_SCRATCH floats */
} hr_winograd_output;
typedef void (*hr_winograd_transform_output)(const hr_winograd_output *);

typedef struct hr_winograd_kernels {
  hr_winograd_transform_input transform_input;
  hr_winograd_transform_output transform_output;
} hr_winograd_kernels;

#endif /* HR_KERNELS_WINOGRAD_H */
