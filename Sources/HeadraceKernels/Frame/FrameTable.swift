import CHeadrace

func fillFrame(_ table: inout hr_frame_kernels) {
  table.packed_to_rgb = convertPacked
  table.yuv_to_rgb = convertYUV
  table.sum = addRows
  table.spread = spreadYUV
  table.gather = gatherRow
  table.accumulate = accumulateRow
  table.mean = divideTotals
  table.pack = packPlanes
  table.pack_yuv = packYUV
  table.luma = convertToLuma
  table.lookup_float32 = { normalizePixels($0, $1, $2, $3, $4, $5) }
  table.lookup_int8 = { normalizePixels($0, $1, $2, $3, $4, $5) }
  table.lookup_int16 = { normalizePixels($0, $1, $2, $3, $4, $5) }
  table.binomial = sumRows
  table.tones = mapTones
  table.plain_tones = mapPlainTones
}
