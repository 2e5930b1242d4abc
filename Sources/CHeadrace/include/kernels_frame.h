/* kernels_frame.h - kernels for pixels. All in integers; every variant gives the same bytes. */
#ifndef HR_KERNELS_FRAME_H
#define HR_KERNELS_FRAME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/* Which source pixels make one output pixel along an axis: `count` of them from `first` on. The first
   weighs first_weight, the last last_weight, those between inner_weight; of a single one, last_weight is 0.
   The weights of an output pixel add up to the axis's total, at most 2^16. */
typedef struct hr_taps {
  int32_t first;
  int32_t count;
  uint32_t first_weight;
  uint32_t inner_weight;
  uint32_t last_weight;
} hr_taps;

/* How tones of RGB24 become others: powers of a filtered pixel's sums of sixteen codes through a matrix. */
typedef struct hr_tones {
  int32_t columns[3][4];  /* of the matrix: what red, green and blue add to red, green, blue and nothing */
  int32_t offset[4];      /* with half of what the shift drops */
  int32_t shift;
  int32_t strength;       /* of 256: the rest is the pixel as it was */
} hr_tones;

/* So many target columns are done at a time. */
#define HR_STRIP_COLUMNS 256

typedef struct hr_frame_kernels {
  /* The first `count` pixels of a row as RGB24. */
  /* BGR24, RGBA32 or GRAY8, of `step` bytes from pixel to pixel: 3, 4 or 1. */
  void (*packed_to_rgb)(const uint8_t *row, size_t step, size_t count, uint8_t *rgb);
  /* A sample of u and of v is that of two pixels; chroma_step samples lie from one to the next: 1 in planes of
     their own, 2 in turns, 4 (YUYV) with those of y, of which two follow each other then. */
  void (*yuv_to_rgb)(const uint8_t *y, const uint8_t *u, const uint8_t *v, size_t chroma_step, size_t count,
                     uint32_t full_range, uint8_t *rgb);

  /* sums[i] = the bytes i of rows first ... end - 1 of a plane, added up; rows divided by 2^shift are the plane's. */
  void (*sum)(const uint8_t *plane, size_t stride, size_t first, size_t end, size_t shift, size_t count,
              uint16_t *sums);
  /* The first `count` pixels of such sums, as yuv_to_rgb's, as y u v one after the other. Up to 15 pixels behind the
     last are read and written too. */
  void (*spread)(const uint16_t *y, const uint16_t *u, const uint16_t *v, size_t chroma_step, size_t count,
                 uint16_t *yuv);
  /* Sets sums[columns][3] to weighted pixels, of which those at `pixels` are x ... x + count - 1, some rows added
     up: three values each, `step` from one to the next. Adds to those columns that begin before x. One element
     behind the last is written too, and one or, with a step of 1, three behind a pixel's value are read. */
  void (*gather)(const uint16_t *pixels, size_t step, int32_t x, int32_t count, const hr_taps *taps, size_t columns,
                 uint32_t *sums);
  /* totals[i] += weight * sums[i] */
  void (*accumulate)(const uint32_t *sums, uint32_t weight, size_t count, uint64_t *totals);
  /* planes[c][i] = (totals[i][c] + half) * reciprocal / 2^shift for i in 0 ..< count; planes are
     [3][HR_STRIP_COLUMNS]. */
  void (*mean)(const uint64_t *totals, size_t count, uint64_t half, uint64_t reciprocal, uint64_t shift,
               uint16_t *planes);
  /* Whole eights of columns as RGB24: red, and `distance` elements from one to the next green and blue. */
  void (*pack)(const uint16_t *red, ptrdiff_t distance, size_t count, uint8_t *rgb);
  /* The same of Y, U and V, all in units of 1/32. */
  void (*pack_yuv)(const uint16_t *planes, size_t count, uint32_t full_range, uint8_t *rgb);

  /* BT.601 luma of RGB24: (77 R + 150 G + 29 B + 128) / 256. */
  void (*luma)(const uint8_t *rgb, size_t count, uint8_t *gray);
  /* out[i][c] = table[c][values[i][swap ? channels - 1 - c : c]]; table is [channels][256]. */
  void (*lookup_float32)(const uint8_t *values, size_t pixels, size_t channels, uint32_t swap,
                         const float *table, float *out);
  void (*lookup_int8)(const uint8_t *values, size_t pixels, size_t channels, uint32_t swap,
                      const int8_t *table, int8_t *out);
  void (*lookup_int16)(const uint8_t *values, size_t pixels, size_t channels, uint32_t swap,
                       const int16_t *table, int16_t *out);

  /* sums[i] = above[i] + 2 here[i] + below[i] */
  void (*binomial)(const uint8_t *above, const uint8_t *here, const uint8_t *below, size_t count, uint16_t *sums);
  /* The pixels between columns' sums, of which there are two more, by tones and their powers [4081]; here is the
     row as it was. One sum behind the last is read too. */
  void (*tones)(const uint16_t *sums, const uint8_t *here, size_t pixels, const hr_tones *tones,
                const uint16_t *powers, uint8_t *out);
  /* The same, not filtered. */
  void (*plain_tones)(const uint8_t *here, size_t pixels, const hr_tones *tones, const uint16_t *powers,
                      uint8_t *out);
} hr_frame_kernels;

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif /* HR_KERNELS_FRAME_H */
