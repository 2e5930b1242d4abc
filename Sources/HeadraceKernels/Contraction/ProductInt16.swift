import CHeadrace

#if !arch(arm64)

/// Matrix product of two activations: int16. A product fits 32 bits, their sum takes 64.
func multiplyInt16(_ work: UnsafePointer<hr_matrix_product>) { multiplyInt16(work.pointee) }

private func multiplyInt16(_ work: hr_matrix_product) {
  let a = work.a.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let y = work.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let panel = work.panel.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let columns = Int(work.columns)
  var column = 0
  while column < columns {
    let lanes = min(8, columns &- column)
    pack(work, column, lanes, panel)
    var row = Int(work.first_row)
    while row < Int(work.end_row) {
      var x = a + row &* Int(work.a_row_step)
      var w = UnsafePointer(panel)
      var sums = SIMD8<Int64>(repeating: 0)
      for _ in 0..<Int(work.depth) {
        let products = hr_mac_lanes_i16x8(
          SIMD8(repeating: 0), load8(w), SIMD8(repeating: x.pointee))
        sums &+= SIMD8<Int64>(truncatingIfNeeded: products)
        x += Int(work.a_step)
        w += 8
      }
      for lane in 0..<lanes {
        let scaled = requantize(sums[lane], work.multiplier, work.shift)
        y[row &* columns &+ column &+ lane] = Int16(
          truncatingIfNeeded: clamp(scaled, work.clamp_min, work.clamp_max))
      }
      row &+= 1
    }
    column &+= 8
  }
}

/// Copies up to eight columns of b so that a row of them is contiguous: [depth][8].
@inline(__always)
private func pack(
  _ work: hr_matrix_product, _ column: Int, _ lanes: Int, _ panel: UnsafeMutablePointer<Int16>
) {
  let b = work.b.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  for lane in 0..<8 {
    var to = panel + lane
    guard lane < lanes else {
      for _ in 0..<Int(work.depth) {
        to.pointee = 0
        to += 8
      }
      continue
    }
    var from = b + (column &+ lane) &* Int(work.b_column_step)
    for _ in 0..<Int(work.depth) {
      to.pointee = from.pointee
      from += Int(work.b_step)
      to += 8
    }
  }
}

#endif
