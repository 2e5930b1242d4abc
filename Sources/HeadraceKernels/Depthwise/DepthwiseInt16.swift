import CHeadrace

/// Depthwise convolution: int16 activations, int8 weights.
func depthwiseInt16(_ work: UnsafePointer<hr_depthwise>, _ row: UnsafePointer<hr_depthwise_row>) {
  guard row.pointee.readsContiguously(work.pointee) else {
    return depthwiseGathered(work.pointee, row.pointee, Int16Taps.self)
  }
  row.pointee.forEachBlock { channel in
    #if arch(arm64)
    if work.pointee.shape == HR_TAPS_3X3.rawValue, hr_sum_nine_i16(work, row, channel) { return }
    #endif
    depthwiseBlock(work.pointee, row.pointee, channel, Int16Taps.self)
  }
}
