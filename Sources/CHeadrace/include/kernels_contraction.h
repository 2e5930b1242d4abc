/* kernels_contraction.h - kernels for convolution, dense, matrix product, pooling.

   Operators cut their work into strips: some output pixels whose inputs are listed together, tap by tap
   (an indirection buffer, as XNNPACK's); taps in the padding point to a row of zero points. Kernels cut a
   strip into tiles that registers hold, sum, requantize, clamp and store, for a range of blocks of eight
   output channels. float32 sums are in the order of the taps, whatever the tiles; integer sums are exact.

   Everything is verified before it gets here: no kernel checks anything. */
#ifndef HR_KERNELS_CONTRACTION_H
#define HR_KERNELS_CONTRACTION_H

#include <stddef.h>
#include <stdint.h>

/* What happens to a sum: + bias, requantized (fixed point), + output_zero, clamped. */
typedef struct hr_epilogue {
  const void *bias;           /* per channel: float32, int32 (int8) or int64 (int16); NULL: 0 */
  const int32_t *multipliers; /* per channel; NULL for float32 */
  const int32_t *shifts;
  int32_t output_zero;
  int32_t clamp_min, clamp_max; /* float32 bits for float32 */
} hr_epilogue;

typedef struct hr_contraction {
  const void *weights;      /* float32, or int8 for both fixed-point types */
  size_t block_weights;     /* elements from one block of eight output channels to the next */
  uint32_t channels;        /* output channels; the last block may have fewer than eight */
  const int32_t *begin;     /* NULL, or what begin_i8 made of these blocks */
  hr_epilogue epilogue;
} hr_contraction;

typedef struct hr_strip {
  const void *const *x;    /* [run_count][capacity]: first input element of each run and pixel */
  const uint32_t *weights; /* [run_count]: first weight of each run, in elements within a block */
  uint32_t capacity;       /* a multiple of 8 */
  uint32_t run_count;
  uint32_t run_length;     /* input elements that follow one another; in fixed point a multiple of 4 */
  uint32_t pixels;         /* 1 ... capacity; pointers up to a multiple of 8 repeat the last pixel's */
  uint32_t first_block, end_block;
  void *y;                 /* channel 0 of the first pixel */
  size_t y_step;           /* elements from a pixel to the next */
  const void *addend;      /* float32 on x86_64: what is added to a sum before it is clamped, from the first
                              pixel's channel 0 on in steps like y's; it may be y. NULL: nothing is */
} hr_strip;

/* Sum over runs r and k < run_length of x[r][k] * w[r][k], for the weights w of each output channel: in a
   block, weight k of channel c is at k * 8 + c (float32) or (k / 4 * 8 + c) * 4 + k % 4 (int8). */
typedef void (*hr_contract)(const hr_contraction *, const hr_strip *);

/* What sums of each channel of a strip's blocks begin with, for runs that read each weight once: what a kernel
   would compute for every strip of a picture. NULL where there is nothing to compute. */
typedef void (*hr_begin_sums)(const hr_contraction *, const hr_strip *, int32_t *begin);

/* One output pixel of a pool: the taps of its window that lie inside the input. */
typedef struct hr_pool_window {
  const void *x;                /* channel 0 of the first tap */
  size_t row_step, column_step; /* elements */
  uint32_t rows, columns;       /* at least 1 */
  uint32_t channels;
  uint32_t count;               /* averages: what to divide by */
  int32_t x_zero, y_zero;       /* fixed-point averages */
  int32_t multiplier, shift;    /* fixed-point averages */
  int32_t clamp_min, clamp_max; /* float32 bits for float32 */
  void *y;
} hr_pool_window;
typedef void (*hr_pool_kernel)(const hr_pool_window *);

/* y[m][n] = sum over k of (a - a_zero) * (b - b_zero), for some rows and all columns. */
typedef struct hr_matrix_product {
  const void *a, *b;
  void *y;                   /* row m at y + m * columns */
  size_t a_row_step, a_step; /* elements from row to row, and along k */
  size_t b_column_step, b_step;
  uint32_t first_row, end_row, columns, depth;
  int32_t a_zero, b_zero, y_zero;
  int32_t multiplier, shift;
  int32_t clamp_min, clamp_max;
  void *panel;          /* scratch: depth * 32 bytes, rounded up to 64, on a multiple of 64 */
  hr_contract contract; /* float32 and int8: the kernel that multiplies with columns packed as weights */
} hr_matrix_product;
typedef void (*hr_multiply_matrices)(const hr_matrix_product *);

/* Kernels for each activation type: float32, int8, int16. */
typedef struct hr_contraction_kernels {
  hr_contract contract_f32, contract_i8, contract_i16;
  hr_begin_sums begin_i8;
  hr_pool_kernel max_pool_f32, max_pool_i8, max_pool_i16;
  hr_pool_kernel average_pool_f32, average_pool_i8, average_pool_i16;
  hr_multiply_matrices multiply_f32, multiply_i8, multiply_i16;
} hr_contraction_kernels;

#endif /* HR_KERNELS_CONTRACTION_H */
