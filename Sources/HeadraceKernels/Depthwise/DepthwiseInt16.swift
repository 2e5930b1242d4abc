import CHeadrace

/// Depthwise convolution: int16 activations, int8 weights.
func depthwiseInt16(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  guard row.readsContiguously(work) else {
    return depthwiseGathered(work, row, Int16Taps.self)
  }
  row.forEachBlock { depthwiseBlock(work, row, $0, Int16Taps.self) }
}
