/* matrix_product_i8.h - products of two int8 activations. The zero point of b is subtracted from its elements, which
   are weights then; that of a, times the sum of a column's weights, is subtracted from sums as a bias. */
#ifndef HR_MATRIX_PRODUCT_I8_H
#define HR_MATRIX_PRODUCT_I8_H

#include "dot.h"
#include "matrix_product.h"

typedef int8_t hr_row_i8x16 __attribute__((ext_vector_type(16)));
typedef int8_t hr_quads_i8x32 __attribute__((ext_vector_type(32)));

/* How a row of int8 is cut into runs of a multiple of four elements: one, or two that overlap. Weights of the first
   `skipped` elements of the last run are zero: the run before has them, or there are none. */
typedef struct hr_cut_i8 {
  size_t parts, length, skipped;
} hr_cut_i8;

HR_INLINE hr_cut_i8 hr_cut_row_i8(size_t depth) {
  hr_cut_i8 cut = {1, depth, 0};
  if (depth & 3) {
    cut.parts = depth < 4 ? 1 : 2;
    cut.length = ((depth + 1) / cut.parts + 3) & ~(size_t)3;
    cut.skipped = cut.parts * cut.length - depth;
  }
  return cut;
}

/* Copies eight columns of b from `column` on to where their weights belong. What is skipped, or of columns that there
   are none of, becomes the zero point. */
HR_APART void hr_pack_columns_i8(const hr_matrix_product *p, size_t column, hr_cut_i8 cut, int8_t *w) {
  const size_t lanes = hr_lanes_of_eight(p), end = cut.parts * cut.length, last = end - cut.length;
  const int8_t *b = (const int8_t *)p->b + column * p->b_column_step;
  const ptrdiff_t step = (ptrdiff_t)p->b_step, column_step = (ptrdiff_t)p->b_column_step;
  const int8_t zero = (int8_t)p->b_zero;
  const _Bool is_whole = lanes == 8 && p->depth >= 4;
  int8_t *quad = w;
  if (lanes < 8) __builtin_memset(w, zero, 8 * end);
  for (size_t at = 0; at < end; at += 4, quad += 32) {
    const ptrdiff_t k = (ptrdiff_t)at - (ptrdiff_t)(at < last ? 0 : cut.skipped);
    const int8_t *from = b + k * step;
    if (is_whole && step == 1) {
#pragma clang loop unroll(full)
      for (int lane = 0; lane < 8; lane++, from += column_step) __builtin_memcpy(quad + 4 * lane, from, 4);
    } else if (is_whole && column_step == 1) {
      hr_i8x8 r[4];
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++, from += step) __builtin_memcpy(&r[i], from, 8);
#if defined(__ARM_NEON)
      const int8x8x4_t rows = {{(int8x8_t)r[0], (int8x8_t)r[1], (int8x8_t)r[2], (int8x8_t)r[3]}};
      vst4_s8(quad, rows);
#else
      hr_row_i8x16 low = __builtin_shufflevector(r[0], r[1], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
      hr_row_i8x16 high = __builtin_shufflevector(r[2], r[3], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
      hr_quads_i8x32 all = __builtin_shufflevector(low, high, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23, 8,
                                                   9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
      __builtin_memcpy(quad, &all, 32);
#endif
    } else {
      int8_t *to = quad;
      for (size_t lane = 0; lane < lanes; lane++, from += column_step) {
        const int8_t *element = from;
        for (ptrdiff_t i = k; i < k + 4; i++, element += step) *to++ = i >= 0 ? *element : zero;
      }
    }
  }
  for (size_t i = 0; i < 8 * cut.skipped; i++) {
    const size_t at = last + i / 8;
    w[at / 4 * 32 + i % 8 * 4 + at % 4] = zero;
  }
}

/* Makes weights, -127 ... 127, of elements of b less their zero point, -255 ... 255. What one cannot hold goes to
   another, `bytes` behind, for the same input, and what that cannot to a third. Returns how many each element has. */
HR_INLINE uint32_t hr_subtract_zero_i8(int8_t *w, size_t bytes, int8_t zero_point) {
  const hr_row_i8x16 zero = (hr_row_i8x16)zero_point;
  for (uint32_t weights = 1;; weights++, w += bytes) {
    hr_row_i8x16 left = 0;
    /* 255 is 127 + 127 + 1: a third leaves nothing. */
    int8_t *further = weights < 3 ? w + bytes : w;
    size_t i = 0;
    do {
      hr_row_i8x16 b;
      __builtin_memcpy(&b, w + i, 16);
      const hr_row_i8x16 weight = __builtin_elementwise_max(__builtin_elementwise_sub_sat(b, zero), (hr_row_i8x16)-127);
      const hr_row_i8x16 rest = b - weight;
      left |= rest ^ zero;
      __builtin_memcpy(further + i, &rest, 16);
      __builtin_memcpy(w + i, &weight, 16);
      i += 16;
    } while (i < bytes);
    uint64_t bits[2];
    __builtin_memcpy(bits, &left, 16);
    if (!(bits[0] | bits[1])) return weights;
  }
}

HR_APART void hr_multiply_i8(const hr_matrix_product *p) {
  /* Three weights of each of eight columns and up to seven that are skipped, and four rows: 28 K + 168 bytes, which
     are more than the panel has where rows are short. */
  enum { short_row = 42 };
  int8_t short_panel[28 * short_row + 168];
  int32_t bias[8], multipliers[8], shifts[8];
  hr_product_strip s;
  const hr_cut_i8 cut = hr_cut_row_i8(p->depth);
  const size_t bytes = 8 * cut.parts * cut.length;
  int8_t *panel = p->depth < short_row ? short_panel : p->panel;
  hr_begin_product(&s, p, 1);
  s.contraction.weights = panel;
  s.contraction.epilogue.bias = bias;
  s.contraction.epilogue.multipliers = multipliers;
  s.contraction.epilogue.shifts = shifts;
  for (int lane = 0; lane < 8; lane++) {
    multipliers[lane] = p->multiplier;
    shifts[lane] = p->shift;
  }
  for (uint32_t run = 0; run < HR_PRODUCT_RUNS; run++) s.offsets[run] = (uint32_t)(run * 8 * cut.length);
  s.parts = (uint32_t)cut.parts;
  s.part_step = cut.length - cut.skipped;
  s.strip.run_length = (uint32_t)cut.length;
  if (p->a_step != 1 || p->depth < 4) {
    s.copied = panel + 3 * bytes;
    s.front = p->depth < 4 ? cut.skipped : 0;
    s.copied_step = p->depth + s.front;
    for (size_t i = 0; i < HR_COPIED_ROWS * s.copied_step; i++) s.copied[i] = 0;
  }
  for (size_t next = 0; next < p->columns; next += 8) {
    const size_t column = hr_first_of_eight(p, next);
    hr_pack_columns_i8(p, column, cut, panel);
    const uint32_t weights = hr_subtract_zero_i8(panel, bytes, (int8_t)p->b_zero);
    static const int8_t ones[4] = {1, 1, 1, 1};
    hr_sums_i8 sums = hr_no_sums_i8();
    for (size_t i = 0; i < weights * bytes; i += 32) sums = hr_dot4(sums, panel + i, ones);
    const hr_i32x8 offset = hr_dot_totals(sums) * -p->a_zero;
    __builtin_memcpy(bias, &offset, sizeof bias);
    s.contraction.block_weights = weights * bytes;
    s.strip.run_count = weights * s.parts;
    hr_contract_rows(&s, p, column);
  }
}

#endif /* HR_MATRIX_PRODUCT_I8_H */
