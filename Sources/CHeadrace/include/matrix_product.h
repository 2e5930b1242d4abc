/* matrix_product.h - products of two activations as contractions: eight columns of b are packed as the weights of a
   block of output channels, and rows of a are listed as pixels. Outputs then come from a convolution's tiles. */
#ifndef HR_MATRIX_PRODUCT_H
#define HR_MATRIX_PRODUCT_H

#include <stddef.h>

#include "kernels_contraction.h"

/* Functions of their own, and small: tiles are what takes time. */
#define HR_APART static __attribute__((noinline, minsize, unused))

/* Pointers to rows of a that are listed at once: all of most products, for all of their columns. */
#define HR_LISTED_ROWS 512

/* Runs at most: two of a row, three times where an element of b is more than a weight holds. */
#define HR_PRODUCT_RUNS 6

/* Rows of a as the pixels of a strip, and eight columns of b as the channels of its one block. */
typedef struct hr_product_strip {
  hr_contraction contraction;
  hr_strip strip;
  size_t element_bytes;
  /* A row has one run, or two that overlap, this many bytes apart. */
  uint32_t parts;
  size_t part_step;
  /* Where rows are copied to, a few at a time, whose elements do not follow one another: they are `copied_step` bytes
     apart and begin with `front` bytes that are no elements. NULL: rows are listed where they lie. */
  int8_t *copied;
  size_t copied_step, front;
  size_t listed_row, listed_runs; /* what the list is good for */
  uint32_t offsets[HR_PRODUCT_RUNS];
  const void *list[HR_LISTED_ROWS];
} hr_product_strip;

/* Rows that are copied at once: a tile's. */
#define HR_COPIED_ROWS 4

/* Columns from `column` on that are done at once: a last eight moves back to full width where it can, and repeats
   some outputs. */
HR_INLINE size_t hr_first_of_eight(const hr_matrix_product *p, size_t column) {
  return p->columns < 8 ? 0 : column + 8 <= p->columns ? column : p->columns - 8;
}
HR_INLINE size_t hr_lanes_of_eight(const hr_matrix_product *p) { return p->columns < 8 ? p->columns : 8; }

HR_INLINE void hr_begin_product(hr_product_strip *s, const hr_matrix_product *p, size_t element_bytes) {
  s->contraction = (hr_contraction){.weights = p->panel, .channels = (uint32_t)hr_lanes_of_eight(p)};
  s->contraction.epilogue.output_zero = p->y_zero;
  s->contraction.epilogue.clamp_min = p->clamp_min;
  s->contraction.epilogue.clamp_max = p->clamp_max;
  s->strip = (hr_strip){.x = s->list, .weights = s->offsets, .end_block = 1, .y_step = p->columns};
  s->element_bytes = element_bytes;
  s->parts = 1;
  s->part_step = 0;
  s->copied = NULL;
  s->listed_row = s->listed_runs = 0; /* nothing */
}

/* Copies a tile's rows of int8. */
HR_INLINE void hr_copy_rows_i8(const hr_product_strip *s, const hr_matrix_product *p, size_t row, size_t rows) {
  const size_t depth = p->depth, step = p->a_step;
  for (size_t i = 0; i < rows; i++) {
    const int8_t *from = (const int8_t *)p->a + (row + i) * p->a_row_step;
    int8_t *to = s->copied + s->front + i * s->copied_step, *end = to + depth;
    do {
      *to++ = *from;
      from += step;
    } while (to < end);
  }
}

/* Outputs of the columns that are packed, from `column` on. */
HR_APART void hr_contract_rows(hr_product_strip *s, const hr_matrix_product *p, size_t column) {
  const size_t runs = s->strip.run_count;
  size_t capacity = HR_LISTED_ROWS / runs & ~(size_t)7, most = capacity;
  if (p->columns < 8) most = 48; /* as many as convolutions list: kernels have no room for parts of more */
  if (s->copied) most = HR_COPIED_ROWS;
  s->strip.capacity = (uint32_t)capacity;
  for (size_t row = p->first_row; row < p->end_row; row += most) {
    const size_t left = p->end_row - row, rows = left < most ? left : most;
    size_t step = p->a_row_step * s->element_bytes;
    const char *first = (const char *)p->a + row * step;
    if (s->copied) {
      hr_copy_rows_i8(s, p, row, rows);
      first = (const char *)s->copied;
      step = s->copied_step;
    }
    if (s->listed_row != row || s->listed_runs != runs) {
      s->listed_row = row;
      s->listed_runs = runs;
      for (size_t run = 0; run < runs; run++) {
        const char *x = first + run % s->parts * s->part_step;
        const void **list = s->list + run * capacity;
        for (size_t i = 0; i < ((rows + 7) & ~(size_t)7); i++) {
          list[i] = x;
          if (i + 1 < rows) x += step;
        }
      }
    }
    s->strip.pixels = (uint32_t)rows;
    s->strip.y = (char *)p->y + (row * p->columns + column) * s->element_bytes;
    p->contract(&s->contraction, &s->strip);
  }
}

#endif /* HR_MATRIX_PRODUCT_H */
