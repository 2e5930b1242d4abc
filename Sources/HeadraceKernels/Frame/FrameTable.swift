import CHeadrace

func fillFrame(_ table: inout hr_frame_kernels) {
  table.bgr24_to_rgb = convertBGR24
  table.rgba32_to_rgb = convertRGBA32
  table.gray8_to_rgb = convertGray8
  table.yuyv_to_rgb = convertYUYV
  table.yuv420_to_rgb = convertYUV420
  table.add = addRow
  table.gather = gatherRow
  table.accumulate = accumulateRow
  table.mean = divideTotals
  table.luma = convertToLuma
  table.lookup_float32 = { normalizePixels($0, $1, $2, $3, $4, $5) }
  table.lookup_int8 = { normalizePixels($0, $1, $2, $3, $4, $5) }
  table.lookup_int16 = { normalizePixels($0, $1, $2, $3, $4, $5) }
  table.binomial = sumRows
  table.tones = mapTones
  table.plain_tones = mapPlainTones
}
