/* kernels_pointwise.h - kernels for element-wise operators, reduction, normalisation, resizing.

   The operator has verified what the arguments say; kernels trust them. y may be the memory of x (of a
   or b in hr_binary_args if that has y's shape) except in reduce, resize, quantize, dequantize and a
   requantize that changes the width. Strides and counts are in elements. Suffixes: f32, s8, s16.
   "zero" is a zero point; "parameters" are the records of hrm.h. */
#ifndef HR_KERNELS_POINTWISE_H
#define HR_KERNELS_POINTWISE_H

#include <stddef.h>
#include <stdint.h>

#include "hrm.h"

typedef struct hr_unary_args {
  const float *x;
  float *y;
  size_t count;
  hrm_unary parameters;
} hr_unary_args;

typedef struct hr_lookup_args {
  const void *x;
  const void *table;
  void *y;
  size_t count;
} hr_lookup_args;

typedef struct hr_prelu_args { /* x, y: [rows][channels] */
  const void *x;
  const void *slope;
  void *y;
  size_t rows, channels;
  int32_t zero_x, zero_y;
  hrm_prelu parameters;
} hr_prelu_args;

typedef struct hr_binary_args { /* y: [rows][count] */
  const void *a, *b;
  void *y;
  size_t rows, count;
  size_t a_row, b_row; /* from one row to the next; 0: the same row again */
  size_t a_step, b_step; /* along a row: 1, or 0: one element for all */
  int32_t zero_a, zero_b, zero_y;
  hrm_binary parameters;
} hr_binary_args;

typedef struct hr_softmax_args { /* x, y: [rows][count] */
  const void *x;
  const int32_t *table; /* s8, s16 */
  void *y;
  size_t rows, count;
  hrm_softmax parameters;
} hr_softmax_args;

/* Layer norm: x, y [rows][count]; gamma, beta [count].
   Group norm: x, y [rows][channels] of one image, of which `count` channels are done: x, y, gamma and
   beta point to the first of them, and every `group` channels are normalised together. */
typedef struct hr_norm_args {
  const void *x;
  const void *gamma, *beta;
  void *y;
  void *scratch; /* group norm: HR_GROUP_NORM_SCRATCH bytes for each of `count` channels */
  size_t rows, count;
  size_t channels, group;
  int32_t zero_x, zero_y;
  hrm_norm parameters;
} hr_norm_args;

#define HR_GROUP_NORM_SCRATCH 32

/* y[i] = the reduction over x[r0 * stride[0] + r1 * stride[1] + r2 * stride[2] + i], i < count. */
typedef struct hr_reduce_args {
  const void *x;
  void *y;
  void *scratch; /* HR_REDUCE_SCRATCH bytes, for sums and means */
  size_t count;
  size_t extent[3]; /* unused ones are 1 */
  size_t stride[3];
  int32_t zero_x, zero_y;
  hrm_reduce parameters;
} hr_reduce_args;

#define HR_REDUCE_SCRATCH 2048

typedef struct hr_resize_args { /* one row of the output, [width][channels] */
  const void *row0, *row1; /* rows of the input */
  void *y;
  const int32_t *columns; /* [width][3] */
  size_t width, channels;
  int32_t weight; /* of row1 */
} hr_resize_args;

typedef struct hr_convert_args { /* quantize, dequantize, requantize */
  const void *x;
  void *y;
  size_t count;
  float scale;
  int32_t zero_x, zero_y;
  hrm_requantize parameters;
} hr_convert_args;

typedef struct hr_pointwise_kernels {
  void (*unary_f32)(const hr_unary_args *args);
  void (*lookup_s8)(const hr_lookup_args *args);
  void (*lookup_s16)(const hr_lookup_args *args);
  void (*prelu_f32)(const hr_prelu_args *args);
  void (*prelu_s8)(const hr_prelu_args *args);
  void (*prelu_s16)(const hr_prelu_args *args);
  void (*binary_f32)(const hr_binary_args *args);
  void (*binary_s8)(const hr_binary_args *args);
  void (*binary_s16)(const hr_binary_args *args);
  void (*softmax_f32)(const hr_softmax_args *args);
  void (*softmax_s8)(const hr_softmax_args *args);
  void (*softmax_s16)(const hr_softmax_args *args);
  void (*layer_norm_f32)(const hr_norm_args *args);
  void (*layer_norm_s8)(const hr_norm_args *args);
  void (*layer_norm_s16)(const hr_norm_args *args);
  void (*group_norm_f32)(const hr_norm_args *args);
  void (*group_norm_s8)(const hr_norm_args *args);
  void (*group_norm_s16)(const hr_norm_args *args);
  void (*reduce_f32)(const hr_reduce_args *args);
  void (*reduce_s8)(const hr_reduce_args *args);
  void (*reduce_s16)(const hr_reduce_args *args);
  void (*resize_f32)(const hr_resize_args *args);
  void (*resize_s8)(const hr_resize_args *args);
  void (*resize_s16)(const hr_resize_args *args);
  void (*quantize_s8)(const hr_convert_args *args);
  void (*quantize_s16)(const hr_convert_args *args);
  void (*dequantize_s8)(const hr_convert_args *args);
  void (*dequantize_s16)(const hr_convert_args *args);
  void (*requantize_s8_s8)(const hr_convert_args *args);
  void (*requantize_s8_s16)(const hr_convert_args *args);
  void (*requantize_s16_s8)(const hr_convert_args *args);
  void (*requantize_s16_s16)(const hr_convert_args *args);
} hr_pointwise_kernels;

#endif /* HR_KERNELS_POINTWISE_H */
