import CHeadrace

/// Depthwise convolution: float32.
func depthwiseFloat(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  guard row.readsContiguously(work) else {
    return depthwiseGathered(work, row, FloatTaps.self)
  }
  #if !arch(arm64)
  if work.shape == HR_TAPS_3X3.rawValue { return depthwiseFloatTaps3x3(work, row) }
  #endif
  #if HEADRACE_VNNI
  var row = row
  if work.shape == HR_TAPS_3.rawValue {
    // Four lines of the cache that follow one another.
    while row.end_channel &- row.first_channel >= 64 {
      let channel = Int(row.first_channel)
      depthwiseFloatTaps3(
        work, row, channel, work.floatWeights(channel),
        FloatLanesTwice<FloatLanesTwice<SIMD16<Float>>>.self)
      row.first_channel &+= 64
    }
  }
  // Sixteen channels are a line of the cache, which eight would leave half unused.
  while row.end_channel &- row.first_channel >= 16 {
    depthwiseFloat(work, row, Int(row.first_channel), SIMD16<Float>.self)
    row.first_channel &+= 16
  }
  guard row.first_channel < row.end_channel else { return }
  #elseif arch(arm64)
  var row = row
  if work.shape == HR_TAPS_3.rawValue {
    // A load of sixteen channels is one instruction.
    while row.end_channel &- row.first_channel >= 16 {
      let channel = Int(row.first_channel)
      depthwiseFloatTaps3(work, row, channel, work.floatWeights(channel), SIMD16<Float>.self)
      row.first_channel &+= 16
    }
    guard row.first_channel < row.end_channel else { return }
  }
  #else
  if work.shape == HR_TAPS_3.rawValue { return depthwiseFloatTaps3(work, row) }
  #endif
  row.forEachBlock { depthwiseFloat(work, row, $0, SIMD8<Float>.self) }
}

#if !arch(arm64)

/// In vectors of sixteen channels where the CPU has them, and of eight.
private func depthwiseFloatTaps3x3(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  var first = Int(row.first_channel)
  let end = Int(row.end_channel)
  #if HEADRACE_VNNI
  let wide = first &+ (end &- first) / 16 &* 16
  if wide > first { depthwiseFloatTaps3x3(work, row, first..<wide, SIMD16<Float>.self) }
  first = wide
  #endif
  if first < end { depthwiseFloatTaps3x3(work, row, first..<end, SIMD8<Float>.self) }
}

#endif

/// A vector of channels from `channel` on.
@inline(__always)
private func depthwiseFloat<Vector: FloatLanes>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ type: Vector.Type
) {
  #if arch(arm64) || HEADRACE_VNNI
  if work.shape == HR_TAPS_3.rawValue {
    return depthwiseFloatTaps3(work, row, channel, work.floatWeights(channel), type)
  }
  #endif
  #if arch(arm64)
  if work.shape == HR_TAPS_3X3.rawValue {
    return depthwiseFloatTaps3x3(work, row, channel, work.floatWeights(channel))
  }
  #endif
  for part in 0..<Vector.count / 8 {
    depthwiseBlock(work, row, channel &+ 8 &* part, FloatTaps.self)
  }
}

extension hr_depthwise {
  @inline(__always)
  fileprivate func floatWeights(_ channel: Int) -> UnsafePointer<Float> {
    weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + channel
  }
}
