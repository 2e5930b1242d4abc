/* tile_i16.h - contractions of int16 inputs with int8 weights on 64-bit ARM: eight pixels by eight channels at a
   time, whose sums stay in registers. Weights lie as dot.h tells. */
#ifndef HR_TILE_I16_H
#define HR_TILE_I16_H

#include "int16.h"
#include "kernels_contraction.h"

#if defined(__aarch64__)

/* Products whose sum a 32-bit lane surely holds: 508 * 2^15 * 127 < 2^31. */
#define HR_EXACT_PRODUCTS_I16 508

/* Eight channels' way from sums to outputs. Where sums with the bias fit 32 bits and factors are below 1/2, as they
   nearly always do and are, nothing takes 64 bits. */
typedef struct hr_narrow_i16 {
  int32x4_t bias[2];
  int32x4_t multipliers[2]; /* with 31 bits */
  int32x4_t shifts[2];      /* to the left, of the product's upper half */
  int16x8_t low, high;
} hr_narrow_i16;

/* The greatest sum of the magnitudes of a channel's weights, of eight channels. */
HR_INLINE uint32_t hr_magnitude_i16(const int8_t *weights, size_t bytes) {
  uint32x4_t low = vdupq_n_u32(0), high = low;
  for (const int8_t *end = weights + bytes; weights < end; weights += 32) {
    low = vpadalq_u16(low, vpaddlq_u8(vreinterpretq_u8_s8(vabsq_s8(vld1q_s8(weights)))));
    high = vpadalq_u16(high, vpaddlq_u8(vreinterpretq_u8_s8(vabsq_s8(vld1q_s8(weights + 16)))));
  }
  return vmaxvq_u32(vmaxq_u32(low, high));
}

/* Whether eight channels from `channel` on may go that way, whose weights' magnitudes add up to `magnitude` at most.
   Tables are filled up to a multiple of eight channels. */
HR_INLINE _Bool hr_make_narrow_i16(hr_narrow_i16 *narrow, const hr_epilogue *epilogue, size_t channel,
                                   uint32_t magnitude) {
  int32x4_t greatest = vdupq_n_s32(INT32_MIN);
  int64x2_t bits = vdupq_n_s64(0);
  for (int half = 0; half < 2; half++) {
    const size_t first = channel + 4 * (size_t)half;
    narrow->bias[half] = vdupq_n_s32(0);
    if (epilogue->bias) {
      const int64_t *bias = (const int64_t *)epilogue->bias + first;
      const int64x2_t a = vld1q_s64(bias), b = vld1q_s64(bias + 2);
      narrow->bias[half] = vcombine_s32(vmovn_s64(a), vmovn_s64(b));
      bits = vorrq_s64(bits, vorrq_s64(veorq_s64(a, vshrq_n_s64(a, 63)), veorq_s64(b, vshrq_n_s64(b, 63))));
    }
    const int32x4_t multipliers = vld1q_s32(epilogue->multipliers + first);
    /* A factor of 0 may have any shift. */
    const int32x4_t shifts = vorrq_s32(vsubq_s32(vdupq_n_s32(15), vld1q_s32(epilogue->shifts + first)),
                                       vreinterpretq_s32_u32(vceqzq_s32(multipliers)));
    narrow->multipliers[half] = vshlq_n_s32(multipliers, 16);
    narrow->shifts[half] = shifts;
    greatest = vmaxq_s32(greatest, shifts);
  }
  narrow->low = vdupq_n_s16((int16_t)epilogue->clamp_min);
  narrow->high = vdupq_n_s16((int16_t)epilogue->clamp_max);
  /* Twice 2^30. */
  return vmaxvq_s32(greatest) < 0 && magnitude < 1 << 15 &&
         (vgetq_lane_s64(bits, 0) | vgetq_lane_s64(bits, 1)) < 1 << 30;
}

HR_INLINE int16x8_t hr_finish_narrow_i16(const hr_narrow_i16 *narrow, int32x4_t low, int32x4_t high) {
  low = vrshlq_s32(vqdmulhq_s32(low, narrow->multipliers[0]), narrow->shifts[0]);
  high = vrshlq_s32(vqdmulhq_s32(high, narrow->multipliers[1]), narrow->shifts[1]);
  const int16x8_t outputs = vqmovn_high_s32(vqmovn_s32(low), high);
  return vminq_s16(vmaxq_s16(outputs, narrow->low), narrow->high);
}

/* The first `count` of eight. */
HR_INLINE void hr_store_some_i16(int16_t *y, int16x8_t v, size_t count) {
  if (count >= 8) {
    vst1q_s16(y, v);
    return;
  }
  int64x2_t rest = vreinterpretq_s64_s16(v);
  if (count & 4) {
    vst1_s16(y, vget_low_s16(v));
    y += 4;
    rest = vdupq_laneq_s64(rest, 1);
  }
  int32x4_t pairs = vreinterpretq_s32_s64(rest);
  if (count & 2) {
    vst1q_lane_s32((void *)y, pairs, 0);
    y += 2;
    pairs = vdupq_laneq_s32(pairs, 1);
  }
  if (count & 1) vst1q_lane_s16(y, vreinterpretq_s16_s32(pairs), 0);
}

/* Where a sum stands in its pixels' runs. */
typedef struct hr_place_i16 {
  size_t run, first;
} hr_place_i16;

/* Adds products to the sums of `pixels` pixels, 8 or 1, until the strip ends, which may have no runs, or `room` of
   them are added. */
HR_INLINE void hr_sum_tile_i16(int32x4_t *sums, const int pixels, const hr_strip *strip, size_t pixel,
                               const int8_t *weights, hr_place_i16 *place, size_t room) {
  const size_t length = strip->run_length;
#pragma clang loop unroll(disable)
  while (room && place->run < strip->run_count) {
    const void *const *list = strip->x + place->run * strip->capacity + pixel;
    const int8_t *w = weights + strip->weights[place->run] + 8 * place->first;
    const size_t left = length - place->first, count = left < room ? left : room;
    const char *x[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < pixels; i++) x[i] = (const char *)list[i];
    for (size_t k = 2 * place->first, end = k + 2 * count; k < end; k += 8, w += 32) {
      const int8x8x4_t w4 = vld4_s8(w);
      const int16x8_t w0 = vmovl_s8(w4.val[0]), w1 = vmovl_s8(w4.val[1]);
      const int16x8_t w2 = vmovl_s8(w4.val[2]), w3 = vmovl_s8(w4.val[3]);
#pragma clang loop unroll(full)
      for (int i = 0; i < pixels; i++) {
        const int16x4_t x4 = vld1_s16((const void *)(x[i] + k));
        int32x4_t low = sums[2 * i], high = sums[2 * i + 1];
        low = vmlal_lane_s16(low, vget_low_s16(w0), x4, 0);
        high = vmlal_high_lane_s16(high, w0, x4, 0);
        low = vmlal_lane_s16(low, vget_low_s16(w1), x4, 1);
        high = vmlal_high_lane_s16(high, w1, x4, 1);
        low = vmlal_lane_s16(low, vget_low_s16(w2), x4, 2);
        high = vmlal_high_lane_s16(high, w2, x4, 2);
        sums[2 * i] = vmlal_lane_s16(low, vget_low_s16(w3), x4, 3);
        sums[2 * i + 1] = vmlal_high_lane_s16(high, w3, x4, 3);
      }
    }
    room -= count;
    place->first += count;
    if (place->first == length) {
      place->first = 0;
      place->run++;
    }
  }
}

/* Outputs of a block for eight pixels from `pixel` on. */
HR_INLINE void hr_narrow_tile_i16(const hr_contraction *work, const hr_strip *strip, size_t pixel, size_t channel,
                                  const int8_t *weights, const hr_narrow_i16 *narrow) {
  int16_t *y = (int16_t *)strip->y + channel + pixel * strip->y_step;
  hr_place_i16 place = {0, 0};
  int32x4_t sums[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++) sums[i] = narrow->bias[i & 1];
  hr_sum_tile_i16(sums, 8, strip, pixel, weights, &place, SIZE_MAX);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    if (pixel + (size_t)i >= strip->pixels) return;
    hr_store_some_i16(y, hr_finish_narrow_i16(narrow, sums[2 * i], sums[2 * i + 1]), work->channels - channel);
    y += strip->y_step;
  }
}

/* Outputs of a block for a pixel, with sums of 64 bits. */
HR_INLINE void hr_wide_pixel_i16(const hr_contraction *work, const hr_strip *strip, size_t pixel, size_t channel,
                                 const int8_t *weights) {
  hr_i64x8 totals = {0};
  if (work->epilogue.bias)
    __builtin_memcpy(&totals, (const int64_t *)work->epilogue.bias + channel, sizeof totals);
  hr_place_i16 place = {0, 0};
  do {
    int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
    hr_sum_tile_i16(sums, 1, strip, pixel, weights, &place, HR_EXACT_PRODUCTS_I16);
    totals += __builtin_convertvector(HR_JOIN8((hr_i32x4)sums[0], (hr_i32x4)sums[1]), hr_i64x8);
  } while (place.run < strip->run_count);
  hr_i32x8 multipliers, shifts;
  __builtin_memcpy(&multipliers, work->epilogue.multipliers + channel, sizeof multipliers);
  __builtin_memcpy(&shifts, work->epilogue.shifts + channel, sizeof shifts);
  const hr_i16x8 outputs = hr_narrow_to_i16x8(hr_clamp_i32x8(
      hr_requantize_i64x8(totals, multipliers, shifts), work->epilogue.clamp_min, work->epilogue.clamp_max));
  hr_store_some_i16((int16_t *)strip->y + channel + pixel * strip->y_step, (int16x8_t)outputs,
                    work->channels - channel);
}

HR_INLINE void hr_contract_i16(const hr_contraction *work, const hr_strip *strip) {
  const size_t pixels = strip->pixels;
  const int8_t *weights = (const int8_t *)work->weights + strip->first_block * work->block_weights;
  for (uint32_t block = strip->first_block; block < strip->end_block; block++) {
    const size_t channel = 8 * (size_t)block;
    hr_narrow_i16 narrow;
    size_t pixel = 0;
    /* Fewer than four are sooner done one by one. */
    if (pixels >= 4 &&
        hr_make_narrow_i16(&narrow, &work->epilogue, channel, hr_magnitude_i16(weights, work->block_weights)))
      for (; pixel + 3 < pixels; pixel += 8) hr_narrow_tile_i16(work, strip, pixel, channel, weights, &narrow);
    for (; pixel < pixels; pixel++) hr_wide_pixel_i16(work, strip, pixel, channel, weights);
    weights += work->block_weights;
  }
}

#endif

#endif /* HR_TILE_I16_H */
