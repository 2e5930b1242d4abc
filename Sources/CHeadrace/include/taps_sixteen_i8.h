/* taps_sixteen_i8.h - depthwise convolutions, int8, sixteen channels at a time with dot products.

   tbl brings the taps of a column of the kernel side by side: one dot product sums them for four channels.
   A column is thus three loads and four tbl, whatever outputs it serves. */
#ifndef HR_TAPS_SIXTEEN_I8_H
#define HR_TAPS_SIXTEEN_I8_H

#include "kernels_depthwise.h"
#include "sixteen_i8.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)

/* Of three taps of four channels in three registers; 128 for a fourth, which there is not. The next channels'
   follow. */
static const uint8_t hr_tap_places[4][16] = {
    {0, 16, 32, 128, 1, 17, 33, 128, 2, 18, 34, 128, 3, 19, 35, 128},
    {4, 20, 36, 128, 5, 21, 37, 128, 6, 22, 38, 128, 7, 23, 39, 128},
    {8, 24, 40, 128, 9, 25, 41, 128, 10, 26, 42, 128, 11, 27, 43, 128},
    {12, 28, 44, 128, 13, 29, 45, 128, 14, 30, 46, 128, 15, 31, 47, 128}};

/* Sixteen channels of a depthwise convolution. */
typedef struct hr_taps_sixteen_i8 {
  hr_sixteen_i8 outputs;
  int8_t weights[3][4][16]; /* [columns of the kernel][fours of channels]: three taps of each */
} hr_taps_sixteen_i8;

/* For the channels from `channel` on; `columns` of three taps: 3 where taps are 3x3, else 1. */
HR_INLINE void hr_prepare_taps_sixteen_i8(hr_taps_sixteen_i8 *s, hr_depthwise work, size_t channel,
                                          size_t columns) {
  hr_prepare_sixteen_i8(&s->outputs, work.epilogue, channel, 16, columns * 3);
  const int8_t *weights = (const int8_t *)work.weights + channel;
  uint8x16x4_t places = vld1q_u8_x4(hr_tap_places[0]);
  size_t row = columns * work.weight_step;
#pragma clang loop unroll(disable)
  for (size_t column = 0; column < columns; column++) {
    const int8_t *w = weights + column * work.weight_step;
    int8x16x3_t taps = {{vld1q_s8(w), vld1q_s8(w + row), vld1q_s8(w + 2 * row)}};
#pragma clang loop unroll(full)
    for (size_t four = 0; four < 4; four++)
      vst1q_s8(s->weights[column][four], vqtbl3q_s8(taps, places.val[four]));
  }
}

#define HR_TAKE(v, x, step) "ld1 {" v ".16b}, [%[" x "]], %[" step "]\n\t"
/* Three taps of sixteen channels from v28 ... v30, whose places are in p0 ... p3. */
#define HR_SIDE_BY_SIDE(a, b, c, d, p0, p1, p2, p3)                                                    \
  "tbl " a ".16b, {v28.16b, v29.16b, v30.16b}, " p0 ".16b\n\t"                                         \
  "tbl " b ".16b, {v28.16b, v29.16b, v30.16b}, " p1 ".16b\n\t"                                         \
  "tbl " c ".16b, {v28.16b, v29.16b, v30.16b}, " p2 ".16b\n\t"                                         \
  "tbl " d ".16b, {v28.16b, v29.16b, v30.16b}, " p3 ".16b\n\t"
/* v24 ... v27 + a column with its weights. */
#define HR_DOT_COLUMN(a, b, c, d, w0, w1, w2, w3)                                                      \
  "sdot v24.4s, " a ".16b, " w0 ".16b\n\tsdot v25.4s, " b ".16b, " w1 ".16b\n\t"                       \
  "sdot v26.4s, " c ".16b, " w2 ".16b\n\tsdot v27.4s, " d ".16b, " w3 ".16b\n\t"
#define HR_LOAD4(a, b, c, d, from) "ld1 {" a ".4s, " b ".4s, " c ".4s, " d ".4s}, [%[" from "]]\n\t"
/* An output of three columns of a kernel whose weights are in v12 ... v23. `label` is this one's own. */
#define HR_OUTPUT_3X3(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, label)                           \
  HR_LOAD4("v24", "v25", "v26", "v27", "bias")                                                         \
  HR_DOT_COLUMN(a0, a1, a2, a3, "v12", "v13", "v14", "v15")                                            \
  HR_DOT_COLUMN(b0, b1, b2, b3, "v16", "v17", "v18", "v19")                                            \
  HR_DOT_COLUMN(c0, c1, c2, c3, "v20", "v21", "v22", "v23")                                            \
  HR_LOAD4("v28", "v29", "v30", "v31", "multipliers")                                                  \
  HR_SCALE4("sqdmulh", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31")                         \
  HR_LOAD4("v28", "v29", "v30", "v31", "lefts")                                                        \
  HR_SCALE4("srshl", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31")                           \
  "ldr q28, [%[limits]]\n\tcbz %[is_plain], " label "f\n\t"                                            \
  HR_HALVE4("v24", "v25", "v26", "v27") HR_OUTPUTS("v24", "v26", "v28")                                \
  label "0:\n\tst1 {v24.16b}, [%[y]], %[y_step]\n\tsubs %[pixels], %[pixels], #1\n\t"
/* Its other way. */
#define HR_OTHER_OUTPUT(label)                                                                         \
  label ":\n\tldp q29, q30, [%[limits], #16]\n\t"                                                      \
  HR_NARROW4("v24", "v25", "v26", "v27") HR_OUTPUTS("v24", "v26", "v28") HR_CLAMP("v24", "v29", "v30")  \
  "b " label "0b\n"
#define HR_OUTPUT_OPERANDS(s, step)                                                                    \
  [bias] "r"(s->outputs.bias), [multipliers] "r"(s->outputs.multipliers),                              \
      [lefts] "r"(s->outputs.lefts), [limits] "r"(s->outputs.zeros),                                   \
      [is_plain] "r"((size_t)s->outputs.is_plain), [places] "r"(hr_tap_places), [y_step] "r"(step)
/* Three taps: `pixels` outputs, a tap's inputs steps[tap] apart. Two in an iteration, of which the first time
   only the second is done where pixels are odd. */
HR_INLINE void hr_sum_taps3_sixteen_i8(const hr_taps_sixteen_i8 *s, const void *const *x,
                                       const uint32_t *steps, size_t channel, size_t pixels, int8_t *y,
                                       size_t y_step) {
  const int8_t *x0 = (const int8_t *)x[0] + channel, *x1 = (const int8_t *)x[1] + channel;
  const int8_t *x2 = (const int8_t *)x[2] + channel;
#define HR_SCALED_3                                                                                    \
  HR_TAKE("v28", "x0", "step0") HR_TAKE("v29", "x1", "step1") HR_TAKE("v30", "x2", "step2")            \
  HR_LOAD4("v24", "v25", "v26", "v27", "bias")                                                         \
  HR_SIDE_BY_SIDE("v0", "v1", "v2", "v3", "v12", "v13", "v14", "v15")                                  \
  HR_DOT_COLUMN("v0", "v1", "v2", "v3", "v8", "v9", "v10", "v11")                                      \
  HR_SCALE4("sqdmulh", "v24", "v25", "v26", "v27", "v16", "v17", "v18", "v19")                         \
  HR_SCALE4("srshl", "v24", "v25", "v26", "v27", "v20", "v21", "v22", "v23")
#define HR_STORE_3 "st1 {v24.16b}, [%[y]], %[y_step]\n\t"
#define HR_PLAIN_3                                                                                     \
  HR_SCALED_3 HR_HALVE4("v24", "v25", "v26", "v27") HR_OUTPUTS("v24", "v26", "v4") HR_STORE_3
  __asm__ volatile(HR_LOAD4("v8", "v9", "v10", "v11", "weights") HR_LOAD4("v12", "v13", "v14", "v15", "places")
                   HR_LOAD4("v16", "v17", "v18", "v19", "multipliers")
                   HR_LOAD4("v20", "v21", "v22", "v23", "lefts")
                   "ld1 {v4.16b, v5.16b, v6.16b}, [%[limits]]\n\tcbz %[is_plain], 3f\n\t"
                   "tbz %[pixels], #0, 1f\n\tadd %[pixels], %[pixels], #1\n\tb 2f\n"
                   "1:\n\t" HR_PLAIN_3 "2:\n\t" HR_PLAIN_3
                   "subs %[pixels], %[pixels], #2\n\tb.ne 1b\n\tb 4f\n"
                   "3:\n\t" HR_SCALED_3 HR_NARROW4("v24", "v25", "v26", "v27")
                   HR_OUTPUTS("v24", "v26", "v4") HR_CLAMP("v24", "v5", "v6") HR_STORE_3
                   "subs %[pixels], %[pixels], #1\n\tb.ne 3b\n"
                   "4:"
                   : [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [pixels] "+r"(pixels), [y] "+r"(y)
                   : [step0] "r"((size_t)steps[0]), [step1] "r"((size_t)steps[1]), [step2] "r"((size_t)steps[2]),
                     [weights] "r"(s->weights), HR_OUTPUT_OPERANDS(s, y_step)
                   : HR_ALL_VECTORS, "cc", "memory");
#undef HR_SCALED_3
#undef HR_STORE_3
#undef HR_PLAIN_3
}

/* Loads the weights of a 3x3 kernel; %[w] moves on. */
#define HR_WEIGHTS_3X3                                                                                 \
  "ld1 {v12.16b, v13.16b, v14.16b, v15.16b}, [%[w]], #64\n\t"                                          \
  "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[w]], #64\n\t"                                          \
  "ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[w]]\n\t"

/* Outputs of 3x3, stride 1, that follow one another: the columns of their taps, one after the other. */
typedef struct hr_columns_i8 {
  const int8_t *first[3]; /* where the three rows begin, of the first column */
  const int8_t *then[3];  /* of the second; from there on columns are steps apart */
  const int8_t *last[3];  /* of the last output's third column, if it is apart from those before it */
} hr_columns_i8;

/* `pixels` outputs, and one more if `more` is 1, whose third column is the last. */
HR_INLINE void hr_sum_columns_sixteen_i8(const hr_taps_sixteen_i8 *s, const hr_columns_i8 *columns,
                                         const uint32_t *steps, size_t pixels, size_t more, int8_t *y,
                                         size_t y_step) {
  const int8_t *w = s->weights[0][0], *x0, *x1, *x2;
#define HR_ROWS(offset, end) "ldp %[x0], %[x1], [%[columns], #" offset "]\n\tldr %[x2], [%[columns], #" end "]\n\t"
#define HR_COLUMN(a, b, c, d)                                                                          \
  HR_TAKE("v28", "x0", "step0") HR_TAKE("v29", "x1", "step1") HR_TAKE("v30", "x2", "step2")            \
  HR_LOAD4("v24", "v25", "v26", "v27", "places")                                                       \
  HR_SIDE_BY_SIDE(a, b, c, d, "v24", "v25", "v26", "v27")
#define HR_FIRST "v0", "v1", "v2", "v3"
#define HR_SECOND "v4", "v5", "v6", "v7"
#define HR_THIRD "v8", "v9", "v10", "v11"
#define HR_NEXT(a, b, c, label) HR_NEXT_OF(a, b, c, label)
#define HR_NEXT_OF(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, label)                              \
  HR_COLUMN(c0, c1, c2, c3) HR_OUTPUT_3X3(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, label)
/* Behind the pixels: the one more, or the end. */
#define HR_MORE(back) "cbz %[more], 5f\n\tmov %[more], #0\n\tmov %[pixels], #1\n\t" HR_ROWS("48", "64") "b " back "\n"
  __asm__ volatile(HR_WEIGHTS_3X3 HR_ROWS("0", "16") HR_COLUMN("v0", "v1", "v2", "v3") HR_ROWS("24", "40")
                   HR_COLUMN("v4", "v5", "v6", "v7")
                   "1:\n\t" HR_NEXT(HR_FIRST, HR_SECOND, HR_THIRD, "2") "b.eq 7f\n"
                   "11:\n\t" HR_NEXT(HR_SECOND, HR_THIRD, HR_FIRST, "3") "b.eq 8f\n"
                   "12:\n\t" HR_NEXT(HR_THIRD, HR_FIRST, HR_SECOND, "4") "b.ne 1b\n\t"
                   HR_MORE("1b")
                   "7:\n\t" HR_MORE("11b")
                   "8:\n\t" HR_MORE("12b")
                   HR_OTHER_OUTPUT("2") HR_OTHER_OUTPUT("3") HR_OTHER_OUTPUT("4")
                   "5:"
                   : [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [pixels] "+r"(pixels), [more] "+r"(more),
                     [y] "+r"(y), [w] "+r"(w)
                   : [columns] "r"(columns), [step0] "r"((size_t)steps[0]), [step1] "r"((size_t)steps[3]),
                     [step2] "r"((size_t)steps[6]), HR_OUTPUT_OPERANDS(s, y_step)
                   : HR_ALL_VECTORS, "cc", "memory");
#undef HR_ROWS
#undef HR_COLUMN
#undef HR_FIRST
#undef HR_SECOND
#undef HR_THIRD
#undef HR_NEXT
#undef HR_NEXT_OF
#undef HR_MORE
}

/* 3x3: `pixels` outputs; tap t's input is x[t], and moves on by steps of its row: those of taps 0, 3 and 6. */
HR_INLINE void hr_sum_taps9_sixteen_i8(const hr_taps_sixteen_i8 *s, const int8_t *const *x,
                                       const uint32_t *steps, size_t pixels, int8_t *y, size_t y_step) {
  const int8_t *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3], *x4 = x[4], *x5 = x[5], *x6 = x[6], *x7 = x[7];
  const int8_t *x8 = x[8], *w = s->weights[0][0];
  __asm__ volatile(HR_WEIGHTS_3X3
                   "1:\n\t" HR_LOAD4("v24", "v25", "v26", "v27", "places")
                   HR_TAKE("v28", "x0", "step0") HR_TAKE("v29", "x3", "step1") HR_TAKE("v30", "x6", "step2")
                   HR_SIDE_BY_SIDE("v0", "v1", "v2", "v3", "v24", "v25", "v26", "v27")
                   HR_TAKE("v28", "x1", "step0") HR_TAKE("v29", "x4", "step1") HR_TAKE("v30", "x7", "step2")
                   HR_SIDE_BY_SIDE("v4", "v5", "v6", "v7", "v24", "v25", "v26", "v27")
                   HR_TAKE("v28", "x2", "step0") HR_TAKE("v29", "x5", "step1") HR_TAKE("v30", "x8", "step2")
                   HR_SIDE_BY_SIDE("v8", "v9", "v10", "v11", "v24", "v25", "v26", "v27")
                   HR_OUTPUT_3X3("v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "2")
                   "b.ne 1b\n\tb 3f\n"
                   HR_OTHER_OUTPUT("2")
                   "3:"
                   : [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [x3] "+r"(x3), [x4] "+r"(x4), [x5] "+r"(x5),
                     [x6] "+r"(x6), [x7] "+r"(x7), [x8] "+r"(x8), [pixels] "+r"(pixels), [y] "+r"(y), [w] "+r"(w)
                   : [step0] "r"((size_t)steps[0]), [step1] "r"((size_t)steps[3]), [step2] "r"((size_t)steps[6]),
                     HR_OUTPUT_OPERANDS(s, y_step)
                   : HR_ALL_VECTORS, "cc", "memory");
}

/* Sixteen channels of a span's taps, for its output `pixel`. */
HR_INLINE void hr_list_taps_i8(const int8_t **to, const void *const *x, const uint32_t *steps, size_t taps,
                               size_t channel, size_t pixel) {
#pragma clang loop unroll(disable) vectorize(disable)
  for (size_t t = 0; t < taps; t++) to[t] = (const int8_t *)x[t] + channel + pixel * steps[t];
}

/* A row of outputs with three taps. */
HR_INLINE void hr_sum_row3_sixteen_i8(const hr_taps_sixteen_i8 *s, hr_depthwise_row row, size_t channel,
                                      int8_t *y) {
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < row.span_count; i++) {
    hr_sum_taps3_sixteen_i8(s, row.x + 3 * i, row.steps + 3 * i, channel, row.spans[i].pixels, y, row.y_step);
    y += row.spans[i].pixels * row.y_step;
  }
}

/* A row of outputs with 3x3 taps. */
HR_INLINE void hr_sum_row9_sixteen_i8(const hr_taps_sixteen_i8 *s, hr_depthwise_row row, size_t stride,
                                      size_t channel, int8_t *y) {
  const hr_span *span = row.spans, *end = span + row.span_count;
  const void *const *x = row.x;
  const uint32_t *steps = row.steps;
  while (span < end) {
    /* The output before those inside and the one behind them have all columns but one in common with them. */
    size_t before = !span->is_inside && span->pixels == 1 && span + 1 < end && span[1].is_inside;
    const hr_span *inside = span + before;
    if (stride == 1 && inside->is_inside) {
      size_t more = inside + 1 < end && inside[1].pixels == 1;
      size_t spans = before + 1 + more;
      const void *const *last = x + 9 * (spans - 1);
      hr_columns_i8 columns;
#pragma clang loop unroll(full)
      for (size_t r = 0; r < 3; r++) {
        columns.first[r] = (const int8_t *)x[3 * r] + channel;
        columns.then[r] = (const int8_t *)x[3 * r + 1] + channel;
        columns.last[r] = (const int8_t *)last[3 * r + 2] + channel;
      }
      size_t pixels = before + inside->pixels;
      hr_sum_columns_sixteen_i8(s, &columns, steps + 9 * before, pixels, more, y, row.y_step);
      y += (pixels + more) * row.y_step;
      span += spans;
      x += 9 * spans;
      steps += 9 * spans;
      continue;
    }
    /* Elsewhere taps of a row need not move on alike: an output at a time. */
    size_t pixel = 0, pixels = span->is_inside ? span->pixels : 1;
    while (pixel < span->pixels) {
      const int8_t *taps[9];
      hr_list_taps_i8(taps, x, steps, 9, channel, pixel);
      hr_sum_taps9_sixteen_i8(s, taps, steps, pixels, y, row.y_step);
      y += pixels * row.y_step;
      pixel += pixels;
    }
    span++;
    x += 9;
    steps += 9;
  }
}

/* Three taps or 3x3 without a multiplier: all channels if there are sixteen, as far as factors are below 1/2.
   The last sixteen may begin among those before them. Returns the first channel that is left. */
HR_INLINE uint32_t hr_sum_sixteens_i8(hr_depthwise work, hr_depthwise_row row) {
  uint32_t channel = row.first_channel, end = row.end_channel;
  _Bool is_three = work.shape == HR_TAPS_3;
  if (work.shape == HR_TAPS_ANY || work.depth_multiplier != 1 || end < channel + 16) return channel;
  while (channel < end) {
    size_t first = channel < end - 16 ? channel : end - 16;
    hr_taps_sixteen_i8 s;
    hr_prepare_taps_sixteen_i8(&s, work, first, is_three ? 1 : 3);
    if (!s.outputs.is_small) break;
    int8_t *y = (int8_t *)row.y + first;
    if (is_three)
      hr_sum_row3_sixteen_i8(&s, row, first, y);
    else
      hr_sum_row9_sixteen_i8(&s, row, work.stride, first, y);
    channel = (uint32_t)first + 16;
  }
  return channel;
}

#endif

#endif /* HR_TAPS_SIXTEEN_I8_H */
