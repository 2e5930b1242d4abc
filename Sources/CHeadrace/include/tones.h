/* tones.h - pixels through powers and a matrix on 64-bit ARM, one after another: what takes time are six look-ups. */
#ifndef HR_TONES_H
#define HR_TONES_H

#include "kernels_frame.h"
#include "simd.h"

#if defined(__aarch64__)

/* The place of one channel's power in a vector of one, which takes no way through a general register. */
HR_INLINE int16x4_t hr_power(const uint16_t *powers, size_t place) {
  return vld1_lane_s16((const int16_t *)powers + place, vdup_n_s16(0), 0);
}

/* `sums` of columns are filtered along the row; without them pixels are taken as they are. */
HR_INLINE void hr_map_tones(const _Bool is_filtered, const uint16_t *sums, const uint8_t *here, size_t pixels,
                            const hr_tones *tones, const uint16_t *powers, uint8_t *out) {
  /* Columns have 16 bits. */
  const int16x4_t red = vmovn_s32(vld1q_s32(tones->columns[0])), green = vmovn_s32(vld1q_s32(tones->columns[1]));
  const int16x4_t blue = vmovn_s32(vld1q_s32(tones->columns[2]));
  const int32x4_t offset = vld1q_s32(tones->offset), right = vdupq_n_s32(-tones->shift);
  const int16x4_t strength = vdup_n_s16((int16_t)tones->strength);
  const _Bool is_whole = tones->strength >= 256;
  for (; pixels; pixels--) {
    size_t places[3];
    if (is_filtered) {
      const uint16x4_t middle = vld1_u16(sums + 3);
      const uint16x4_t filtered = vadd_u16(vadd_u16(vld1_u16(sums), vld1_u16(sums + 6)), vadd_u16(middle, middle));
      places[0] = vget_lane_u16(filtered, 0);
      places[1] = vget_lane_u16(filtered, 1);
      places[2] = vget_lane_u16(filtered, 2);
      sums += 3;
    } else {
      for (int channel = 0; channel < 3; channel++) places[channel] = 16 * (size_t)here[channel];
    }
    int32x4_t sum = vmlal_lane_s16(offset, red, hr_power(powers, places[0]), 0);
    sum = vmlal_lane_s16(sum, green, hr_power(powers, places[1]), 0);
    sum = vmlal_lane_s16(sum, blue, hr_power(powers, places[2]), 0);
    const uint16x4_t wide = vqmovun_s32(vshlq_s32(sum, right));
    uint8x8_t codes = vqmovn_u16(vcombine_u16(wide, wide));
    if (!is_whole) {
      const uint8_t before[4] = {here[0], here[1], here[2], 0};
      const uint8x8_t old = vreinterpret_u8_u32(vld1_dup_u32((const void *)before));
      const int16x4_t change = vget_low_s16(vreinterpretq_s16_u16(vsubl_u8(codes, old)));
      const int16x4_t part = vmovn_s32(vrshrq_n_s32(vmull_s16(change, strength), 8));
      codes = vmovn_u16(vaddw_u8(vreinterpretq_u16_s16(vcombine_s16(part, part)), old));
    }
    if (pixels > 1) {
      /* The fourth byte is the next pixel's first. */
      vst1_lane_u32((void *)out, vreinterpret_u32_u8(codes), 0);
    } else {
      vst1_lane_u16((void *)out, vreinterpret_u16_u8(codes), 0);
      vst1_lane_u8(out + 2, codes, 2);
    }
    here += 3;
    out += 3;
  }
}

#endif

#endif /* HR_TONES_H */
