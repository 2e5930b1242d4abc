import CHeadrace

#if arch(arm64)

/// Matrix product of two activations: int16, four rows by four columns at a time. Rows of a and
/// columns of b are read along their elements.
func multiplyInt16(_ work: UnsafePointer<hr_matrix_product>) {
  // Eight columns and four rows with up to seven zeros behind them: 24 K + 168 bytes, which are
  // more than the panel has where rows are shorter than 21.
  withUnsafeTemporaryAllocation(of: Int16.self, capacity: 12 &* 24) { shortPanel in
    let panel =
      work.pointee.depth < 21
      ? shortPanel.baseAddress.unsafelyUnwrapped
      : work.pointee.panel.unsafelyUnwrapped.of(Int16.self)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Int16>?.self, capacity: 4) { rows in
      multiply(work, panel, rows.baseAddress.unsafelyUnwrapped)
    }
  }
}

@inline(never)
@_optimize(size)
private func multiply(
  _ work: UnsafePointer<hr_matrix_product>, _ panel: UnsafeMutablePointer<Int16>,
  _ list: UnsafeMutablePointer<UnsafePointer<Int16>?>
) {
  let lanes = work.pointee.lanes
  var next = 0
  while next < Int(work.pointee.columns) {
    let column = work.pointee.firstOfEight(next)
    var b = work.pointee.b.unsafelyUnwrapped.of(Int16.self) + column &* work.pointee.b_column_step
    var to = panel
    // Fewer columns repeat the last of them.
    for lane in 1...8 {
      to = copyPadded(to, b, work.pointee.b_step, Int(work.pointee.depth))
      if lane < lanes { b += work.pointee.b_column_step }
    }
    var row = Int(work.pointee.first_row)
    while row < Int(work.pointee.end_row) {
      let rows = min(4, Int(work.pointee.end_row) &- row)
      listRows(work, row, rows, to, list)
      let y =
        work.pointee.y.unsafelyUnwrapped.of(Int16.self)
        + (row &* Int(work.pointee.columns) &+ column)
      multiplyTiles(work, list, panel, y, rows, lanes)
      row &+= 4
    }
    next &+= 8
  }
}

/// Lists four rows, or copies of them where they cannot be read as they are. Fewer repeat the last
/// of them.
@inline(__always)
private func listRows(
  _ work: UnsafePointer<hr_matrix_product>, _ row: Int, _ rows: Int,
  _ copied: UnsafeMutablePointer<Int16>, _ list: UnsafeMutablePointer<UnsafePointer<Int16>?>
) {
  var from = work.pointee.a.unsafelyUnwrapped.of(Int16.self) + row &* work.pointee.a_row_step
  var to = copied
  let copies = work.pointee.a_step != 1 || work.pointee.depth & 7 != 0
  for index in 0..<4 {
    list[index] = from
    if copies {
      list[index] = UnsafePointer(to)
      to = copyPadded(to, from, work.pointee.a_step, Int(work.pointee.depth))
    }
    if index &+ 1 < rows { from += work.pointee.a_row_step }
  }
}

/// Outputs of the rows that are listed and the columns that are packed.
@inline(__always)
private func multiplyTiles(
  _ work: UnsafePointer<hr_matrix_product>, _ list: UnsafePointer<UnsafePointer<Int16>?>,
  _ panel: UnsafePointer<Int16>, _ y: UnsafeMutablePointer<Int16>, _ rows: Int, _ lanes: Int
) {
  let length = (Int(work.pointee.depth) &+ 7) & ~7
  var lane = 0
  while lane < lanes {
    hr_multiply_tile_i16(
      work, list, panel + lane &* length, length, y + lane, rows, min(4, lanes &- lane))
    lane &+= 4
  }
}

/// Copies `count` elements `step` apart, and zeros up to a multiple of eight of them; returns where
/// the next go.
@inline(never)
@_optimize(size)
private func copyPadded(
  _ target: UnsafeMutablePointer<Int16>, _ source: UnsafePointer<Int16>, _ step: Int, _ count: Int
) -> UnsafeMutablePointer<Int16> {
  var to = target
  var from = UnsafePointer<Int16>?(source)
  let next = target + (count &+ 7) & ~7
  store8(SIMD8(repeating: 0), next - 8, 8)
  var left = count
  while left >= 8 {
    if step == 1 {
      store8(load8(from.unsafelyUnwrapped), to, 8)
      from = from.unsafelyUnwrapped + 8
    } else {
      store8(hr_gather_i16x8(&from, step), to, 8)
    }
    to += 8
    left &-= 8
  }
  while left > 0 {
    to.pointee = from.unsafelyUnwrapped.pointee
    to += 1
    from = from.unsafelyUnwrapped + step
    left &-= 1
  }
  return next
}

#endif
