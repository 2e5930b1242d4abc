import CHeadrace

/// Depthwise convolution: float32.
func depthwiseFloat(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  guard row.readsContiguously(work) else {
    return depthwiseGathered(work, row, FloatTaps.self)
  }
  row.forEachBlock { channel in
    let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + channel
    if work.shape == HR_TAPS_3X3.rawValue {
      depthwiseFloatTaps3x3(work, row, channel, weights)
    } else if work.shape == HR_TAPS_3.rawValue {
      depthwiseFloatTaps3(work, row, channel, weights)
    } else {
      depthwiseBlock(work, row, channel, FloatTaps.self)
    }
  }
}
