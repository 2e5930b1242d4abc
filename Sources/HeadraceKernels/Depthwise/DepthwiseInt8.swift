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
    if !row.sumSixteen(work, Int(first)) {
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

extension EpilogueInt8 {
  /// The outputs of a pixel whose sums hold the bias already, for a block with factors below 1/2.
  @inline(__always)
  func small(_ sums: SIMD8<Int32>) -> SIMD8<Int8> {
    hr_narrow_clamped_i8x8(hr_requantize_small_i32x8(sums, multipliers, shifts), zero, low, high)
  }

  /// Stores the outputs of two such pixels.
  @inline(__always)
  func storeSmall(
    _ first: SIMD8<Int32>, _ second: SIMD8<Int32>, _ y: UnsafeMutablePointer<Int8>,
    _ next: UnsafeMutablePointer<Int8>
  ) {
    #if HEADRACE_AVX2
    let halves = Halves(self)
    hr_store_halves_i8x8(halves(first), halves(second), zero, low, high, y, next)
    #else
    store8(small(first), y, 8)
    store8(small(second), next, 8)
    #endif
  }
}
