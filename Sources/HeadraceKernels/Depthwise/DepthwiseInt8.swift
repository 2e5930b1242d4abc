import CHeadrace

/// Depthwise convolution: int8, sums in 32 bits.
func depthwiseInt8(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  guard row.readsContiguously(work) else {
    return depthwiseGathered(work, row, Int8Taps.self)
  }
  #if HEADRACE_AVX2
  var row = row
  let end = row.end_channel
  while work.shape != HR_TAPS_ANY.rawValue && end &- row.first_channel >= 16 {
    let first = row.first_channel
    if !depthwiseSixteenInt8(work, row, Int(first)) {
      row.end_channel = first &+ 16
      depthwiseBlocksInt8(work, row)
      row.end_channel = end
    }
    row.first_channel = first &+ 16
  }
  #endif
  depthwiseBlocksInt8(work, row)
}

/// Eight channels at a time.
private func depthwiseBlocksInt8(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  row.forEachBlock { channel in
    let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
    let epilogue = EpilogueInt8(work.epilogue, channel: channel)
    if !epilogue.isSmall || work.shape == HR_TAPS_ANY.rawValue {
      depthwiseBlock(work, row, channel, Int8Taps.self)
    } else if work.shape == HR_TAPS_3.rawValue {
      depthwiseInt8Taps3(work, row, channel, weights, epilogue)
    } else {
      depthwiseInt8Taps3x3(work, row, channel, weights, epilogue)
    }
  }
}

#if HEADRACE_AVX2
/// The sixteen channels from `channel` on; false if a factor of theirs is not small, and nothing was done.
@inline(never)
private func depthwiseSixteenInt8(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int
) -> Bool {
  guard let channels = SixteenChannels(work.epilogue, channel) else { return false }
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
  if work.shape == HR_TAPS_3.rawValue {
    depthwiseInt8Taps3(work, row, channel, weights, channels)
  } else {
    depthwiseInt8Taps3x3(work, row, channel, weights, channels)
  }
  return true
}
#endif
