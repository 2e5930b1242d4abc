import CHeadrace

/// Matrix product of two activations: int8. The zero point of b is subtracted from its elements,
/// which are weights then; that of a, times the sum of a column's weights, is subtracted from sums
/// as a bias.
func multiplyInt8(_ work: UnsafePointer<hr_matrix_product>) {
  hr_multiply_on_stack(work, multiplyListed)
}

/// Runs at most: two of a row, three times where an element of b is more than a weight holds.
private var mostRuns: Int { 6 }

@_optimize(size)
private func multiplyListed(
  _ work: UnsafePointer<hr_matrix_product>?, _ list: UnsafeMutablePointer<UnsafeRawPointer?>?,
  _ shortPanel: UnsafeMutablePointer<Int8>?
) {
  let work = work.unsafelyUnwrapped
  let cut = RowCutInt8(depth: Int(work.pointee.depth))
  let bytes = 8 &* cut.parts &* cut.length
  let panel =
    work.pointee.depth < HR_SHORT_ROW_I8
    ? shortPanel.unsafelyUnwrapped : work.pointee.panel.unsafelyUnwrapped.of(Int8.self)
  var product = ProductStrip(work, list.unsafelyUnwrapped, elementBytes: 1)
  product.contraction.weights = UnsafeRawPointer(panel)
  if cut.parts == 2 { product.partStep = cut.length &- cut.skipped }
  product.strip.run_length = UInt32(truncatingIfNeeded: cut.length)
  if work.pointee.a_step != 1 || work.pointee.depth < 4 {
    product.prepareCopies(at: panel + 3 &* bytes, front: work.pointee.depth < 4 ? cut.skipped : 0)
  }
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: 24 &+ mostRuns) { memory in
    let bias = memory.baseAddress.unsafelyUnwrapped
    let offsets = UnsafeMutableRawPointer(bias + 24).of(UInt32.self)
    store8(SIMD8(repeating: work.pointee.multiplier), bias + 8, 8)
    store8(SIMD8(repeating: work.pointee.shift), bias + 16, 8)
    product.contraction.epilogue.bias = UnsafeRawPointer(bias)
    product.contraction.epilogue.multipliers = UnsafePointer(bias + 8)
    product.contraction.epilogue.shifts = UnsafePointer(bias + 16)
    product.strip.weights = UnsafePointer(offsets)
    var next = 0
    while next < Int(work.pointee.columns) {
      let column = work.pointee.firstOfEight(next)
      packColumnsInt8(work, column, cut, panel)
      let weights = Int(hr_subtract_zero_i8(panel, bytes, work.pointee.b_zero))
      let sums = sumWeights(panel, weights &* bytes)
      store8(sums &* SIMD8(repeating: 0 &- work.pointee.a_zero), bias, 8)
      product.contraction.block_weights = weights &* bytes
      let runs = weights &* cut.parts
      product.strip.run_count = UInt32(truncatingIfNeeded: runs)
      for run in 0..<runs {
        offsets[run] = UInt32(truncatingIfNeeded: run &* 8 &* cut.length)
      }
      product.contractRows(column)
      next &+= 8
    }
  }
}

/// The sum of each column's weights.
@inline(__always)
private func sumWeights(_ weights: UnsafePointer<Int8>, _ count: Int) -> SIMD8<Int32> {
  withUnsafePointer(to: 0x0101_0101 as UInt32) { ones in
    let ones = UnsafeRawPointer(ones).of(Int8.self)
    var sums = hr_no_sums_i8()
    var index = 0
    while index < count {
      sums = hr_dot4(sums, weights + index, ones)
      index &+= 32
    }
    return hr_dot_totals(sums)
  }
}
