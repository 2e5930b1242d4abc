/* sixteen_i8.h - int8 contractions with dot products on 64-bit ARM, sixteen output channels at a time or eight:
   from the bias to the stored output in one piece of assembly, because compilers add to that half as much
   again. */
#ifndef HR_SIXTEEN_I8_H
#define HR_SIXTEEN_I8_H

#include "kernels_contraction.h"
#include "simd.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)

/* What becomes of the sums of sixteen channels, or of eight. */
typedef struct hr_sixteen_i8 {
  const int32_t *bias, *multipliers;
  int32_t no_bias[16];
  /* One behind the other. */
  int32_t lefts[16]; /* 31 - shift */
  int16_t zeros[8];
  int8_t low[16], high[16];

  _Bool is_small;           /* every factor is below 1/2: nothing here serves others */
  _Bool is_plain;           /* scaled sums fit 16 bits, and outputs are clamped to no less than 8 */
} hr_sixteen_i8;

/* For `width` channels from `channel` on, whose sums have at most `products` products. */
HR_INLINE void hr_prepare_sixteen_i8(hr_sixteen_i8 *s, hr_epilogue e, size_t channel, size_t width,
                                     uint64_t products) {
  /* 128 times 127 is the greatest product. No sum leaves 32 bits: that was verified. */
  uint64_t most = products * 16256;
  int32x4_t reach = vdupq_n_s32(most < INT32_MAX ? (int32_t)most : INT32_MAX);
  int32x4_t greatest = vdupq_n_s32(0);
  int32x4_t great = vdupq_n_s32(0); /* multipliers of factors of 1/2 and above */
  s->multipliers = e.multipliers + channel;
  s->bias = (const int32_t *)e.bias + channel;
  if (!e.bias) {
    for (size_t i = 0; i < 16; i += 4) vst1q_s32(s->no_bias + i, greatest);
    s->bias = s->no_bias;
  }
#pragma clang loop unroll(full)
  for (size_t four = 0; four < 16; four += 4) {
    size_t i = four & (width - 1);
    int32x4_t multiplier = vld1q_s32(s->multipliers + i);
    int32x4_t left = vsubq_s32(vdupq_n_s32(31), vld1q_s32(e.shifts + channel + i));
    vst1q_s32(s->lefts + four, left);
    great = vorrq_s32(great, vbicq_s32(multiplier, vshrq_n_s32(left, 31)));
    int32x4_t scaled = vqdmulhq_s32(vqaddq_s32(vqabsq_s32(vld1q_s32(s->bias + i)), reach), multiplier);
    greatest = vmaxq_s32(greatest, vrshlq_s32(scaled, left));
  }
  vst1q_s16(s->zeros, vdupq_n_s16((int16_t)e.output_zero));
  vst1q_s8(s->low, vdupq_n_s8((int8_t)e.clamp_min));
  vst1q_s8(s->high, vdupq_n_s8((int8_t)e.clamp_max));
  s->is_small = vmaxvq_s32(great) == 0;
  /* A sum of the other sign may be scaled to one or two more. */
  s->is_plain = vmaxvq_s32(greatest) < INT16_MAX - 1 && e.clamp_min == INT8_MIN && e.clamp_max == INT8_MAX;
}

#define HR_ALL_VECTORS                                                                                 \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",  \
      "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29",  \
      "v30", "v31"
/* Four vectors, each with its channels' multipliers or lefts. */
#define HR_SCALE4(op, a, b, c, d, m0, m1, m2, m3)                                                      \
  op " " a ".4s, " a ".4s, " m0 ".4s\n\t" op " " b ".4s, " b ".4s, " m1 ".4s\n\t"                      \
  op " " c ".4s, " c ".4s, " m2 ".4s\n\t" op " " d ".4s, " d ".4s, " m3 ".4s\n\t"
/* Four vectors of scaled sums, each in 16 bits, to a.8h and c.8h. */
#define HR_NARROW4(a, b, c, d)                                                                         \
  "sqxtn " a ".4h, " a ".4s\n\tsqxtn " c ".4h, " c ".4s\n\t"                                           \
  "sqxtn2 " a ".8h, " b ".4s\n\tsqxtn2 " c ".8h, " d ".4s\n\t"
/* The same where they fit. */
#define HR_HALVE4(a, b, c, d)                                                                          \
  "uzp1 " a ".8h, " a ".8h, " b ".8h\n\tuzp1 " c ".8h, " c ".8h, " d ".8h\n\t"
/* Both + the zero point, in 8 bits, to a.16b. */
#define HR_OUTPUTS(a, c, zeros)                                                                        \
  "sqadd " a ".8h, " a ".8h, " zeros ".8h\n\tsqadd " c ".8h, " c ".8h, " zeros ".8h\n\t"               \
  "sqxtn " a ".8b, " a ".8h\n\tsqxtn2 " a ".16b, " c ".8h\n\t"
#define HR_CLAMP(a, low, high)                                                                         \
  "smax " a ".16b, " a ".16b, " low ".16b\n\tsmin " a ".16b, " a ".16b, " high ".16b\n\t"

/* The outputs of a strip for sixteen channels: four pixels at a time, thirty-two inputs of each in an
   iteration. The strip has runs. */
HR_INLINE void hr_contract_sixteen_i8(const hr_sixteen_i8 *s, hr_strip strip, const int8_t *weights,
                                      size_t block_weights, int8_t *y, size_t y_step) {
  const void *const *inputs = strip.x;
  const uint32_t *offsets = strip.weights, *end = offsets + strip.run_count;
  size_t whole = strip.run_length / 32, rest = strip.run_length & 28, run_step = (size_t)strip.capacity * 8;
  /* Runs of just thirty-two have their own loop; this is how they are told apart. */
  if (strip.run_length == 32) {
    whole = 0;
    rest = 32;
  }
  size_t back = 64 - block_weights; /* from the second block to what follows in the first */
  int64_t pixels = strip.pixels;
  const void *const *input;
  const uint32_t *offset;
  const int8_t *a, *x0, *x1, *x2, *x3;
  size_t steps;
#define HR_SDOT(sum, w, x, lane) "sdot " sum ".4s, " w ".16b, " x ".4b[" lane "]\n\t"
#define HR_QUAD(w0, w1, w2, w3, x0, x1, x2, x3, lane)                                                  \
  HR_SDOT("v0", w0, x0, lane) HR_SDOT("v1", w1, x0, lane)                                              \
  HR_SDOT("v4", w0, x1, lane) HR_SDOT("v5", w1, x1, lane)                                              \
  HR_SDOT("v8", w0, x2, lane) HR_SDOT("v9", w1, x2, lane)                                              \
  HR_SDOT("v12", w0, x3, lane) HR_SDOT("v13", w1, x3, lane)                                            \
  HR_SDOT("v2", w2, x0, lane) HR_SDOT("v3", w3, x0, lane)                                              \
  HR_SDOT("v6", w2, x1, lane) HR_SDOT("v7", w3, x1, lane)                                              \
  HR_SDOT("v10", w2, x2, lane) HR_SDOT("v11", w3, x2, lane)                                            \
  HR_SDOT("v14", w2, x3, lane) HR_SDOT("v15", w3, x3, lane)
#define HR_TWO_QUADS(x0, x1, x2, x3, first, second)                                                    \
  "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[a]], %[block_step]\n\t"                               \
  "ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[a]], %[back]\n\t"                                     \
  HR_QUAD("v16", "v17", "v20", "v21", x0, x1, x2, x3, first)                                           \
  HR_QUAD("v18", "v19", "v22", "v23", x0, x1, x2, x3, second)
#define HR_FOUR_QUADS(x0, x1, x2, x3)                                                                  \
  HR_TWO_QUADS(x0, x1, x2, x3, "0", "1") HR_TWO_QUADS(x0, x1, x2, x3, "2", "3")
#define HR_INPUTS(size, step)                                                                          \
  "ldr " size "24, [%[x0]], #" step "\n\tldr " size "26, [%[x1]], #" step "\n\t"                       \
  "ldr " size "28, [%[x2]], #" step "\n\tldr " size "30, [%[x3]], #" step "\n\t"
/* Where the next run's weights and inputs are. */
#define HR_RUN                                                                                         \
  "ldr %w[a], [%[offset]], #4\n\tldp %[x0], %[x1], [%[input]]\n\t"                                  \
  "ldp %[x2], %[x3], [%[input], #16]\n\tadd %[a], %[weights], %[a]\n\t"                             \
  "add %[input], %[input], %[run_step]\n\t"
/* Thirty-two inputs of each pixel. */
#define HR_THIRTY_TWO(x, between)                                                                      \
  "ldp q24, q25, [%[x0]]" x "\n\tldp q26, q27, [%[x1]]" x "\n\t"                                       \
  "ldp q28, q29, [%[x2]]" x "\n\tldp q30, q31, [%[x3]]" x "\n\t" between                               \
  HR_FOUR_QUADS("v24", "v26", "v28", "v30") HR_FOUR_QUADS("v25", "v27", "v29", "v31")
#define HR_EACH_PIXEL(what) what("v0", "v1", "v2", "v3") what("v4", "v5", "v6", "v7")                  \
  what("v8", "v9", "v10", "v11") what("v12", "v13", "v14", "v15")
#define HR_BIAS(a, b, c, d) "ld1 {" a ".4s, " b ".4s, " c ".4s, " d ".4s}, [%[bias]]\n\t"
#define HR_PIXEL_HIGH(a, b, c, d) HR_SCALE4("sqdmulh", a, b, c, d, "v16", "v17", "v18", "v19")
#define HR_PIXEL_SHIFT(a, b, c, d) HR_SCALE4("srshl", a, b, c, d, "v20", "v21", "v22", "v23")
#define HR_PIXEL_OUTPUTS(a, b, c, d) HR_OUTPUTS(a, c, "v24")
#define HR_PIXEL_CLAMP(a, b, c, d) HR_CLAMP(a, "v25", "v26")
#define HR_STORE(a) "st1 {" a ".16b}, [%[y]], %[step]\n\t"
  __asm__ volatile("1:\n\t" HR_EACH_PIXEL(HR_BIAS)
                   "mov %[input], %[inputs]\n\tmov %[offset], %[offsets]\n\tcbz %[whole], 20f\n"
                   "2:\n\t" HR_RUN "mov %[steps], %[whole]\n"
                   "3:\n\t" HR_THIRTY_TWO(", #32", "subs %[steps], %[steps], #1\n\t") "b.ne 3b\n\t"
                   "cbnz %[rest], 5f\n"
                   "4:\n\t"
                   "cmp %[offset], %[end]\n\tb.lo 2b\n"
                   "11:\n\t"
                   "ld1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[multipliers]]\n\t"
                   "ld1 {v20.4s, v21.4s, v22.4s, v23.4s}, [%[lefts]]\n\t"
                   "ldr q24, [%[lefts], #64]\n\t"
                   HR_EACH_PIXEL(HR_PIXEL_HIGH) HR_EACH_PIXEL(HR_PIXEL_SHIFT)
                   "cbz %[is_plain], 8f\n\t"
                   HR_EACH_PIXEL(HR_HALVE4) HR_EACH_PIXEL(HR_PIXEL_OUTPUTS)
                   "6:\n\t"
                   "add %[inputs], %[inputs], #32\n\tsubs %[pixels], %[pixels], #4\n\tb.lo 9f\n\t"
                   HR_STORE("v0") HR_STORE("v4") HR_STORE("v8") HR_STORE("v12")
                   "b.ne 1b\n\tb 10f\n"
                   /* A run of fewer than thirty-two, and what thirty-twos leave of others. */
                   "20:\n\ttbnz %[rest], #5, 30f\n"
                   "21:\n\t" HR_RUN
                   "5:\n\t"
                   "tbz %[rest], #4, 7f\n\t" HR_INPUTS("q", "16") HR_FOUR_QUADS("v24", "v26", "v28", "v30")
                   "7:\n\t"
                   "tbz %[rest], #3, 7f\n\t" HR_INPUTS("d", "8")
                   HR_TWO_QUADS("v24", "v26", "v28", "v30", "0", "1")
                   "7:\n\t"
                   "tbz %[rest], #2, 7f\n\t" HR_INPUTS("s", "4")
                   "ld1 {v16.16b, v17.16b}, [%[a]], %[block_step]\n\tld1 {v20.16b, v21.16b}, [%[a]]\n\t"
                   HR_QUAD("v16", "v17", "v20", "v21", "v24", "v26", "v28", "v30", "0")
                   "7:\n\t"
                   "cbnz %[whole], 4b\n\tcmp %[offset], %[end]\n\tb.lo 21b\n\tb 11b\n"
                   /* Runs of just thirty-two. */
                   "30:\n\t" HR_RUN HR_THIRTY_TWO("", "cmp %[offset], %[end]\n\t") "b.lo 30b\n\tb 11b\n"
                   "8:\n\tldp q25, q26, [%[lefts], #80]\n\t" HR_EACH_PIXEL(HR_NARROW4) HR_EACH_PIXEL(HR_PIXEL_OUTPUTS)
                   HR_EACH_PIXEL(HR_PIXEL_CLAMP) "b 6b\n"
                   /* The last one to three pixels. */
                   "9:\n\t" HR_STORE("v0")
                   "cmn %[pixels], #3\n\tb.eq 10f\n\t" HR_STORE("v4")
                   "cmn %[pixels], #2\n\tb.eq 10f\n\t" HR_STORE("v8")
                   "10:"
                   : [y] "+r"(y), [pixels] "+r"(pixels), [inputs] "+r"(inputs), [input] "=&r"(input),
                     [offset] "=&r"(offset), [a] "=&r"(a), [x0] "=&r"(x0), [x1] "=&r"(x1),
                     [x2] "=&r"(x2), [x3] "=&r"(x3), [steps] "=&r"(steps)
                   : [bias] "r"(s->bias), [multipliers] "r"(s->multipliers), [lefts] "r"(s->lefts),
                     [is_plain] "r"((size_t)s->is_plain), [offsets] "r"(offsets), [end] "r"(end),
                     [whole] "r"(whole), [rest] "r"(rest), [run_step] "r"(run_step), [weights] "r"(weights),
                     [block_step] "r"(block_weights), [back] "r"(back), [step] "r"(y_step)
                   : HR_ALL_VECTORS, "cc", "memory");
#undef HR_SDOT
#undef HR_QUAD
#undef HR_TWO_QUADS
#undef HR_FOUR_QUADS
#undef HR_INPUTS
#undef HR_RUN
#undef HR_THIRTY_TWO
#undef HR_EACH_PIXEL
#undef HR_BIAS
#undef HR_PIXEL_HIGH
#undef HR_PIXEL_SHIFT
#undef HR_PIXEL_OUTPUTS
#undef HR_PIXEL_CLAMP
#undef HR_STORE
}

/* The same for eight channels: eight pixels at a time, sixteen inputs of each in an iteration. */
HR_INLINE void hr_contract_eight_i8(const hr_sixteen_i8 *s, hr_strip strip, const int8_t *weights, int8_t *y,
                                    size_t y_step) {
  const void *const *inputs = strip.x;
  const uint32_t *offsets = strip.weights, *end = offsets + strip.run_count;
  size_t length = strip.run_length, run_step = (size_t)strip.capacity * 8;
  int64_t pixels = strip.pixels;
  const void *const *input;
  const uint32_t *offset;
  const int8_t *a, *x0, *x1, *x2, *x3, *x4, *x5, *x6, *x7;
  size_t steps;
#define HR_SDOT(sum, w, x, lane) "sdot " sum ".4s, " w ".16b, " x ".4b[" lane "]\n\t"
#define HR_QUAD(w0, w1, lane)                                                                          \
  HR_SDOT("v0", w0, "v24", lane) HR_SDOT("v1", w1, "v24", lane)                                        \
  HR_SDOT("v2", w0, "v25", lane) HR_SDOT("v3", w1, "v25", lane)                                        \
  HR_SDOT("v4", w0, "v26", lane) HR_SDOT("v5", w1, "v26", lane)                                        \
  HR_SDOT("v6", w0, "v27", lane) HR_SDOT("v7", w1, "v27", lane)                                        \
  HR_SDOT("v8", w0, "v28", lane) HR_SDOT("v9", w1, "v28", lane)                                        \
  HR_SDOT("v10", w0, "v29", lane) HR_SDOT("v11", w1, "v29", lane)                                      \
  HR_SDOT("v12", w0, "v30", lane) HR_SDOT("v13", w1, "v30", lane)                                      \
  HR_SDOT("v14", w0, "v31", lane) HR_SDOT("v15", w1, "v31", lane)
#define HR_TWO_QUADS(first, second)                                                                    \
  "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[a]], #64\n\t"                                          \
  HR_QUAD("v16", "v17", first) HR_QUAD("v18", "v19", second)
#define HR_INPUT(v, x, step) "ldr " v ", [%[" x "]], #" step "\n\t"
#define HR_INPUTS(size, step)                                                                          \
  HR_INPUT(size "24", "x0", step) HR_INPUT(size "25", "x1", step) HR_INPUT(size "26", "x2", step)      \
  HR_INPUT(size "27", "x3", step) HR_INPUT(size "28", "x4", step) HR_INPUT(size "29", "x5", step)      \
  HR_INPUT(size "30", "x6", step) HR_INPUT(size "31", "x7", step)
/* Two pixels each. */
#define HR_EACH_PAIR(what) what("v0", "v1", "v2", "v3") what("v4", "v5", "v6", "v7")                   \
  what("v8", "v9", "v10", "v11") what("v12", "v13", "v14", "v15")
#define HR_BIAS(a, b, c, d)                                                                            \
  "ld1 {" a ".4s, " b ".4s}, [%[bias]]\n\tld1 {" c ".4s, " d ".4s}, [%[bias]]\n\t"
#define HR_PAIR_HIGH(a, b, c, d) HR_SCALE4("sqdmulh", a, b, c, d, "v16", "v17", "v16", "v17")
#define HR_PAIR_SHIFT(a, b, c, d) HR_SCALE4("srshl", a, b, c, d, "v20", "v21", "v20", "v21")
#define HR_PAIR_OUTPUTS(a, b, c, d) HR_OUTPUTS(a, c, "v24")
#define HR_PAIR_CLAMP(a, b, c, d) HR_CLAMP(a, "v25", "v26")
/* The next pixel's outputs, if there is one. */
#define HR_STORE(what) "cbz %[pixels], 10f\n\tsub %[pixels], %[pixels], #1\n\tst1 {" what ", [%[y]], %[step]\n\t"
#define HR_STORE_PAIR(a, b, c, d) HR_STORE(a ".8b}") HR_STORE(a ".d}[1]")
#define HR_STORE_ALL(a, b, c, d)                                                                       \
  "st1 {" a ".8b}, [%[y]], %[step]\n\tst1 {" a ".d}[1], [%[y]], %[step]\n\t"
  __asm__ volatile("1:\n\t" HR_EACH_PAIR(HR_BIAS)
                   "mov %[input], %[inputs]\n\tmov %[offset], %[offsets]\n"
                   "2:\n\t"
                   "ldr %w[a], [%[offset]], #4\n\tlsr %[steps], %[length], #4\n\t"
                   "ldp %[x0], %[x1], [%[input]]\n\tldp %[x2], %[x3], [%[input], #16]\n\t"
                   "ldp %[x4], %[x5], [%[input], #32]\n\tldp %[x6], %[x7], [%[input], #48]\n\t"
                   "add %[a], %[weights], %[a]\n\tadd %[input], %[input], %[run_step]\n\t"
                   "cbz %[steps], 5f\n"
                   "3:\n\t" HR_INPUTS("q", "16")
                   "subs %[steps], %[steps], #1\n\t" HR_TWO_QUADS("0", "1") HR_TWO_QUADS("2", "3")
                   "b.ne 3b\n"
                   "5:\n\t"
                   "tbz %[length], #3, 7f\n\t" HR_INPUTS("d", "8") HR_TWO_QUADS("0", "1")
                   "7:\n\t"
                   "tbz %[length], #2, 4f\n\t" HR_INPUTS("s", "4")
                   "ld1 {v16.16b, v17.16b}, [%[a]]\n\t" HR_QUAD("v16", "v17", "0")
                   "4:\n\t"
                   "cmp %[offset], %[end]\n\tb.lo 2b\n\t"
                   "ld1 {v16.4s, v17.4s}, [%[multipliers]]\n\tld1 {v20.4s, v21.4s}, [%[lefts]]\n\t"
                   "ldr q24, [%[lefts], #64]\n\t"
                   HR_EACH_PAIR(HR_PAIR_HIGH) HR_EACH_PAIR(HR_PAIR_SHIFT)
                   "cbz %[is_plain], 8f\n\t"
                   HR_EACH_PAIR(HR_HALVE4) HR_EACH_PAIR(HR_PAIR_OUTPUTS)
                   "6:\n\t"
                   "add %[inputs], %[inputs], #64\n\tcmp %[pixels], #8\n\tb.lo 9f\n\t"
                   HR_EACH_PAIR(HR_STORE_ALL)
                   "subs %[pixels], %[pixels], #8\n\tb.ne 1b\n\tb 10f\n"
                   "8:\n\tldp q25, q26, [%[lefts], #80]\n\t" HR_EACH_PAIR(HR_NARROW4)
                   HR_EACH_PAIR(HR_PAIR_OUTPUTS) HR_EACH_PAIR(HR_PAIR_CLAMP) "b 6b\n"
                   "9:\n\t" HR_EACH_PAIR(HR_STORE_PAIR)
                   "10:"
                   : [y] "+r"(y), [pixels] "+r"(pixels), [inputs] "+r"(inputs), [input] "=&r"(input),
                     [offset] "=&r"(offset), [a] "=&r"(a), [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2),
                     [x3] "=&r"(x3), [x4] "=&r"(x4), [x5] "=&r"(x5), [x6] "=&r"(x6), [x7] "=&r"(x7),
                     [steps] "=&r"(steps)
                   : [bias] "r"(s->bias), [multipliers] "r"(s->multipliers), [lefts] "r"(s->lefts),
                     [is_plain] "r"((size_t)s->is_plain), [offsets] "r"(offsets), [end] "r"(end),
                     [length] "r"(length), [run_step] "r"(run_step), [weights] "r"(weights), [step] "r"(y_step)
                   : HR_ALL_VECTORS, "cc", "memory");
#undef HR_SDOT
#undef HR_QUAD
#undef HR_TWO_QUADS
#undef HR_INPUT
#undef HR_INPUTS
#undef HR_EACH_PAIR
#undef HR_BIAS
#undef HR_PAIR_HIGH
#undef HR_PAIR_SHIFT
#undef HR_PAIR_OUTPUTS
#undef HR_PAIR_CLAMP
#undef HR_STORE
#undef HR_STORE_PAIR
#undef HR_STORE_ALL
}

/* The outputs of a strip that has runs, for the channels of `block` and, if `width` is sixteen and not eight,
   of the next block. Returns 0 and does nothing where a factor is 1/2 or above. */
HR_INLINE _Bool hr_contract_wide_i8(hr_contraction work, hr_strip strip, size_t block, size_t width) {
  enum { spare_pixels = 48 };
  int8_t spare[spare_pixels * 16];
  hr_sixteen_i8 s;
  size_t channels = work.channels - block * 8, y_step = strip.y_step;
  hr_prepare_sixteen_i8(&s, work.epilogue, block * 8, width, (uint64_t)strip.run_count * strip.run_length);
  /* Of fewer channels all are computed, and those that there are copied. */
  _Bool copies = channels < width;
  if (!s.is_small || (copies && strip.pixels > spare_pixels)) return 0;
  const int8_t *weights = (const int8_t *)work.weights + block * work.block_weights;
  int8_t *target = (int8_t *)strip.y + block * 8, *y = target;
  if (copies) {
    y = spare;
    y_step = width;
  }
  if (width == 16)
    hr_contract_sixteen_i8(&s, strip, weights, work.block_weights, y, y_step);
  else
    hr_contract_eight_i8(&s, strip, weights, y, y_step);
  if (copies) {
    for (size_t pixel = 0; pixel < strip.pixels; pixel++) {
#pragma clang loop unroll(disable) vectorize(disable)
      for (size_t channel = 0; channel < channels; channel++)
        target[pixel * strip.y_step + channel] = spare[pixel * width + channel];
    }
  }
  return 1;
}

#endif

#endif /* HR_SIXTEEN_I8_H */
