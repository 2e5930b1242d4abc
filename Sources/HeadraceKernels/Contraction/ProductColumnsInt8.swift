import CHeadrace

/// How a row of int8 is cut into runs of a multiple of four elements: one, or two that overlap.
/// Weights of the first `skipped` elements of the last run are zero: the run before has them, or
/// there are none.
struct RowCutInt8 {
  var parts = 1
  var length: Int
  var skipped = 0

  @inline(__always)
  init(depth: Int) {
    length = depth
    guard depth & 3 != 0 else { return }
    parts = depth < 4 ? 1 : 2
    length = ((depth &+ 1) &>> (parts &- 1) &+ 3) & ~3
    skipped = parts &* length &- depth
  }
}

/// Copies eight columns of b from `column` on to where their weights belong. What is skipped, or of
/// columns that there are none of, becomes the zero point.
@inline(never)
@_optimize(size)
func packColumnsInt8(
  _ work: UnsafePointer<hr_matrix_product>, _ column: Int, _ cut: RowCutInt8,
  _ weights: UnsafeMutablePointer<Int8>
) {
  let lanes = work.pointee.lanes
  let end = cut.parts &* cut.length
  let last = end &- cut.length
  let step = work.pointee.b_step
  let columnStep = work.pointee.b_column_step
  let b = work.pointee.b.unsafelyUnwrapped.of(Int8.self) + column &* columnStep
  let zero = Int8(truncatingIfNeeded: work.pointee.b_zero)
  let isWhole = lanes == 8 && work.pointee.depth >= 4
  if lanes < 8 { weights.update(repeating: zero, count: 8 &* end) }
  var quads = weights
  var at = 0
  while at < end {
    let k = at < last ? at : at &- cut.skipped
    let from = b + k &* step
    if isWhole && step == 1 {
      hr_copy_quads_i8(from, columnStep, quads)
    } else if isWhole && columnStep == 1 {
      hr_interleave_rows_i8(from, step, quads)
    } else {
      copyQuads(from, step, columnStep, quads, lanes: lanes, first: k, zero)
    }
    quads += 32
    at &+= 4
  }
  var index = 0
  while index < 8 &* cut.skipped {
    let at = last &+ index &>> 3
    weights[(at &>> 2) &* 32 &+ (index & 7) &* 4 &+ (at & 3)] = zero
    index &+= 1
  }
}

/// Copies elements `first` ... `first` + 3 of each column, where those before the first are zero
/// points.
@inline(__always)
private func copyQuads(
  _ from: UnsafePointer<Int8>, _ step: Int, _ columnStep: Int, _ to: UnsafeMutablePointer<Int8>,
  lanes: Int, first: Int, _ zero: Int8
) {
  var from = from
  var to = to
  for _ in 0..<lanes {
    var element = from
    var k = first
    repeat {
      to.pointee = k < 0 ? zero : element.pointee
      to += 1
      element += step
      k &+= 1
    } while k < first &+ 4
    from += columnStep
  }
}
