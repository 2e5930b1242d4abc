import CHeadrace

/// Depthwise convolution: float32.
func depthwiseFloat(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  guard row.readsContiguously(work) else {
    return depthwiseGathered(work, row, FloatTaps.self)
  }
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
  #endif
  row.forEachBlock { depthwiseFloat(work, row, $0, SIMD8<Float>.self) }
}

/// A vector of channels from `channel` on.
@inline(__always)
private func depthwiseFloat<Vector: FloatLanes>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ type: Vector.Type
) {
  let weights = work.floatWeights(channel)
  if work.shape == HR_TAPS_3X3.rawValue {
    #if arch(arm64)
    depthwiseFloatTaps3x3(work, row, channel, weights)
    #else
    depthwiseFloatTaps3x3(work, row, channel, weights, type)
    #endif
  } else if work.shape == HR_TAPS_3.rawValue {
    depthwiseFloatTaps3(work, row, channel, weights, type)
  } else {
    for part in 0..<Vector.count / 8 {
      depthwiseBlock(work, row, channel &+ 8 &* part, FloatTaps.self)
    }
  }
}

extension hr_depthwise {
  @inline(__always)
  fileprivate func floatWeights(_ channel: Int) -> UnsafePointer<Float> {
    weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + channel
  }
}
