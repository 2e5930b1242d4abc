/* kernels_frame.h - kernels for pixels. All in integers; every variant gives the same bytes. */
#ifndef HR_KERNELS_FRAME_H
#define HR_KERNELS_FRAME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/* Which source pixels make one output pixel along an axis: `count` of them from `first` on. The first
   weighs first_weight, the last last_weight, those between inner_weight; a single one weighs
   first_weight + last_weight - inner_weight. The weights of an output pixel add up to the axis's total,
   at most 2^16. */
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

typedef struct hr_frame_kernels {
  /* Pixels x ... x + count - 1 of a row, given by its first byte in each plane, as RGB24. */
  void (*bgr24_to_rgb)(const uint8_t *row, size_t x, size_t count, uint8_t *rgb);
  void (*rgba32_to_rgb)(const uint8_t *row, size_t x, size_t count, uint8_t *rgb);
  void (*gray8_to_rgb)(const uint8_t *row, size_t x, size_t count, uint8_t *rgb);
  void (*yuyv_to_rgb)(const uint8_t *row, size_t x, size_t count, uint32_t full_range, uint8_t *rgb);
  /* Samples of u and v lie chroma_step bytes apart, one for two pixels. */
  void (*yuv420_to_rgb)(const uint8_t *y, const uint8_t *u, const uint8_t *v, size_t chroma_step,
                        size_t x, size_t count, uint32_t full_range, uint8_t *rgb);

  /* sums[i] += bytes[i] */
  void (*add)(const uint8_t *bytes, size_t count, uint16_t *sums);
  /* Sets sums[columns][3] to weighted pixels, of which rgb holds x ... x + count - 1, some rows added up; adds
     to those columns that begin before x. One element behind the last is written too. */
  void (*gather)(const uint16_t *rgb, int32_t x, int32_t count, const hr_taps *taps, size_t columns,
                 uint32_t *sums);
  /* totals[i] += weight * sums[i] */
  void (*accumulate)(const uint32_t *sums, uint32_t weight, size_t count, uint64_t *totals);
  /* out[i] = (totals[i] + half) * reciprocal / 2^55 */
  void (*mean)(const uint64_t *totals, size_t count, uint64_t half, uint64_t reciprocal, uint8_t *out);

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
