/* matrix_product_f32.h - products of two float32 activations. */
#ifndef HR_MATRIX_PRODUCT_F32_H
#define HR_MATRIX_PRODUCT_F32_H

#include "matrix_product.h"
#include "simd.h"

HR_APART void hr_pack_columns_f32(const hr_matrix_product *p, size_t column) {
  const size_t lanes = hr_lanes_of_eight(p);
  const float *b = (const float *)p->b + column * p->b_column_step;
  const size_t depth = p->depth, step = p->b_step;
  float *w = p->panel;
  if (lanes == 8 && p->b_column_step == 1) {
    for (size_t k = depth; k; k--, b += step, w += 8) __builtin_memcpy(w, b, 32);
    return;
  }
  for (size_t lane = 0; lane < 8; lane++) {
    const float *from = b;
    float *to = w + lane, *end = to + 8 * depth;
    do {
      *to = *from;
      from += step;
      to += 8;
    } while (to < end);
    /* Fewer columns repeat the last of them. */
    if (lane + 1 < lanes) b += p->b_column_step;
  }
}

/* Outputs of the columns that are packed, where elements of a row of a do not follow one another. Sums are in the
   order of a contraction's. */
HR_APART void hr_multiply_walking_f32(const hr_matrix_product *p, size_t column) {
  float low, high;
  __builtin_memcpy(&low, &p->clamp_min, sizeof low);
  __builtin_memcpy(&high, &p->clamp_max, sizeof high);
  float *y = (float *)p->y + p->first_row * p->columns + column;
  for (size_t row = p->first_row; row < p->end_row; row += 4) {
    const size_t left = p->end_row - row, rows = left < 4 ? left : 4;
    /* A last tile of fewer rows repeats the last of them. */
    const float *x0 = (const float *)p->a + row * p->a_row_step, *w = p->panel;
    const float *x1 = x0 + (rows > 1 ? p->a_row_step : 0);
    const float *x2 = x1 + (rows > 2 ? p->a_row_step : 0);
    const float *x3 = x2 + (rows > 3 ? p->a_row_step : 0);
    hr_f32x8 sums[4] = {0};
    const size_t step = p->a_step;
    /* Each moves on as it is loaded from, if the compiler does not see that all move alike. */
    __asm__("" : "+r"(x1), "+r"(x2), "+r"(x3));
    for (size_t k = p->depth; k; k--, w += 8) {
      hr_f32x8 w8;
      __builtin_memcpy(&w8, w, sizeof w8);
      sums[0] = hr_mac_f32x8(sums[0], w8, *x0);
      sums[1] = hr_mac_f32x8(sums[1], w8, *x1);
      sums[2] = hr_mac_f32x8(sums[2], w8, *x2);
      sums[3] = hr_mac_f32x8(sums[3], w8, *x3);
      x0 += step;
      x1 += step;
      x2 += step;
      x3 += step;
    }
    for (size_t i = 0; i < rows; i++, y += p->columns) {
      const hr_f32x8 outputs = hr_clamp_f32x8(sums[i], low, high);
      if (p->columns >= 8) {
        __builtin_memcpy(y, &outputs, sizeof outputs);
        continue;
      }
      for (size_t lane = 0; lane < p->columns; lane++) y[lane] = outputs[lane];
    }
  }
}

HR_APART void hr_multiply_f32(const hr_matrix_product *p) {
  hr_product_strip s;
  hr_begin_product(&s, p, sizeof(float));
  s.strip.run_count = 1;
  s.strip.run_length = p->depth;
  s.offsets[0] = 0;
  for (size_t next = 0; next < p->columns; next += 8) {
    const size_t column = hr_first_of_eight(p, next);
    hr_pack_columns_f32(p, column);
    if (p->a_step == 1)
      hr_contract_rows(&s, p, column);
    else
      hr_multiply_walking_f32(p, column);
  }
}

#endif /* HR_MATRIX_PRODUCT_F32_H */
