import CHeadrace

/// Matrix product of two activations: float32.
func multiplyFloat(_ work: UnsafePointer<hr_matrix_product>) {
  hr_multiply_on_stack(work, multiplyListed)
}

@_optimize(size)
private func multiplyListed(
  _ work: UnsafePointer<hr_matrix_product>?, _ list: UnsafeMutablePointer<UnsafeRawPointer?>?,
  _: UnsafeMutablePointer<Int8>?
) {
  let work = work.unsafelyUnwrapped
  var product = ProductStrip(work, list.unsafelyUnwrapped, elementBytes: 4)
  withUnsafePointer(to: 0 as UInt32) { offset in
    product.strip.weights = offset
    product.strip.run_count = 1
    product.strip.run_length = work.pointee.depth
    var next = 0
    while next < Int(work.pointee.columns) {
      let column = work.pointee.firstOfEight(next)
      packColumns(work, column)
      if work.pointee.a_step == 1 {
        product.contractRows(column)
      } else {
        multiplyWalking(work, column)
      }
      next &+= 8
    }
  }
}

/// Copies eight columns of b so that a row of them is contiguous. Fewer repeat the last of them.
@inline(never)
@_optimize(size)
private func packColumns(_ work: UnsafePointer<hr_matrix_product>, _ column: Int) {
  let lanes = work.pointee.lanes
  let step = work.pointee.b_step
  let columnStep = work.pointee.b_column_step
  let panel = work.pointee.panel.unsafelyUnwrapped.of(Float.self)
  let end = panel + 8 &* Int(work.pointee.depth)
  var b = work.pointee.b.unsafelyUnwrapped.of(Float.self) + column &* columnStep
  if lanes == 8 && columnStep == 1 {
    var to = panel
    while to < end {
      store8(load8(b), to, 8)
      b += step
      to += 8
    }
    return
  }
  var lane = 0
  while lane < 8 {
    var from = b
    var to = panel + lane
    while to < end {
      to.pointee = from.pointee
      from += step
      to += 8
    }
    lane &+= 1
    if lane < lanes { b += columnStep }
  }
}
