import CHeadrace

/// Matrix product of two activations: float32.
func multiplyFloat(_ work: hr_matrix_product) {
  let a = work.a.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let y = work.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let panel = work.panel.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let low = Float(bitPattern: UInt32(bitPattern: work.clamp_min))
  let high = Float(bitPattern: UInt32(bitPattern: work.clamp_max))
  let columns = Int(work.columns)
  var column = 0
  while column < columns {
    let lanes = min(8, columns &- column)
    pack(work, column, lanes, panel) { (b: Float) in b }
    var row = Int(work.first_row)
    while row < Int(work.end_row) {
      // A last tile of fewer rows repeats the last of them.
      let rows = min(4, Int(work.end_row) &- row)
      var sums = FloatRows4(repeating: 0)
      sums.add(
        work, a + row &* Int(work.a_row_step), step: Int(work.a_row_step), rows: rows,
        UnsafePointer(panel))
      let target = y + (row &* columns &+ column)
      store8(hr_clamp_f32x8(sums.row0, low, high), target, lanes)
      if rows > 1 { store8(hr_clamp_f32x8(sums.row1, low, high), target + columns, lanes) }
      if rows > 2 { store8(hr_clamp_f32x8(sums.row2, low, high), target + 2 &* columns, lanes) }
      if rows > 3 { store8(hr_clamp_f32x8(sums.row3, low, high), target + 3 &* columns, lanes) }
      row &+= 4
    }
    column &+= 8
  }
}

/// Sums of four rows by eight columns: what is loaded of b serves all of them.
private struct FloatRows4 {
  var row0: SIMD8<Float>
  var row1: SIMD8<Float>
  var row2: SIMD8<Float>
  var row3: SIMD8<Float>

  @inline(__always)
  init(repeating value: Float) {
    row0 = SIMD8(repeating: value)
    row1 = row0
    row2 = row0
    row3 = row0
  }

  /// Adds the products of `rows` rows of a from `x` on, `step` apart, with eight columns of b.
  @inline(__always)
  mutating func add(
    _ work: hr_matrix_product, _ x: UnsafePointer<Float>, step: Int, rows: Int,
    _ columns: UnsafePointer<Float>
  ) {
    var x0 = x
    var x1 = x + min(1, rows &- 1) &* step
    var x2 = x + min(2, rows &- 1) &* step
    var x3 = x + min(3, rows &- 1) &* step
    var w = columns
    for _ in 0..<Int(work.depth) {
      let b = load8(w)
      row0 = hr_mac_f32x8(row0, b, x0.pointee)
      row1 = hr_mac_f32x8(row1, b, x1.pointee)
      row2 = hr_mac_f32x8(row2, b, x2.pointee)
      row3 = hr_mac_f32x8(row3, b, x3.pointee)
      x0 += Int(work.a_step)
      x1 += Int(work.a_step)
      x2 += Int(work.a_step)
      x3 += Int(work.a_step)
      w += 8
    }
  }
}

/// Matrix product of two activations: int8. Both less their zero points fit 16 bits.
func multiplyInt8(_ work: hr_matrix_product) {
  let a = work.a.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = work.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let panel = work.panel.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let bZero = Int16(truncatingIfNeeded: work.b_zero)
  let aZero = Int16(truncatingIfNeeded: work.a_zero)
  let low = work.clamp_min &- work.y_zero
  let high = work.clamp_max &- work.y_zero
  let columns = Int(work.columns)
  var column = 0
  while column < columns {
    let lanes = min(8, columns &- column)
    pack(work, column, lanes, panel) { (b: Int8) in Int16(b) &- bZero }
    var row = Int(work.first_row)
    while row < Int(work.end_row) {
      var x = a + row &* Int(work.a_row_step)
      var w = UnsafePointer(panel)
      var sums = SIMD8<Int32>(repeating: 0)
      for _ in 0..<Int(work.depth) {
        sums = hr_mac_lanes_i16x8(sums, load8(w), SIMD8(repeating: Int16(x.pointee) &- aZero))
        x += Int(work.a_step)
        w += 8
      }
      for lane in 0..<lanes {
        let scaled = requantize(sums[lane], work.multiplier, work.shift)
        y[row &* columns &+ column &+ lane] = Int8(
          truncatingIfNeeded: clamp(scaled, low, high) &+ work.y_zero)
      }
      row &+= 1
    }
    column &+= 8
  }
}

/// Matrix product of two activations: int16. A product fits 32 bits, their sum takes 64.
func multiplyInt16(_ work: hr_matrix_product) {
  let a = work.a.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let y = work.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let panel = work.panel.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let columns = Int(work.columns)
  var column = 0
  while column < columns {
    let lanes = min(8, columns &- column)
    pack(work, column, lanes, panel) { (b: Int16) in b }
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
private func pack<Element, Packed: Numeric>(
  _ work: hr_matrix_product, _ column: Int, _ lanes: Int, _ panel: UnsafeMutablePointer<Packed>,
  _ convert: (Element) -> Packed
) {
  let b = work.b.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
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
      to.pointee = convert(from.pointee)
      from += Int(work.b_step)
      to += 8
    }
  }
}
