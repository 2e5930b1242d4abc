import CHeadrace

/// Outputs of the columns that are packed, where elements of a row of a do not follow one another.
/// Sums are in the order of a contraction's.
@inline(never)
@_optimize(size)
func multiplyWalking(_ work: UnsafePointer<hr_matrix_product>, _ column: Int) {
  let step = work.pointee.a_step
  let columns = Int(work.pointee.columns)
  let low = Float(bitPattern: UInt32(bitPattern: work.pointee.clamp_min))
  let high = Float(bitPattern: UInt32(bitPattern: work.pointee.clamp_max))
  let end = Int(work.pointee.end_row)
  var row = Int(work.pointee.first_row)
  var y = work.pointee.y.unsafelyUnwrapped.of(Float.self) + (row &* columns &+ column)
  while row < end {
    let left = end &- row
    // A last tile of fewer rows repeats the last of them.
    let rowStep = work.pointee.a_row_step
    var x0 = work.pointee.a.unsafelyUnwrapped.of(Float.self) + row &* rowStep
    var x1 = hr_apart_f32(x0 + (left > 1 ? rowStep : 0)).unsafelyUnwrapped
    var x2 = hr_apart_f32(x1 + (left > 2 ? rowStep : 0)).unsafelyUnwrapped
    var x3 = hr_apart_f32(x2 + (left > 3 ? rowStep : 0)).unsafelyUnwrapped
    let zero = SIMD8<Float>(repeating: 0)
    var (sum0, sum1, sum2, sum3) = (zero, zero, zero, zero)
    var w = UnsafePointer(work.pointee.panel.unsafelyUnwrapped.of(Float.self))
    for _ in 0..<Int(work.pointee.depth) {
      let weights = load8(w)
      sum0 = hr_mac_f32x8(sum0, weights, x0.pointee)
      sum1 = hr_mac_f32x8(sum1, weights, x1.pointee)
      sum2 = hr_mac_f32x8(sum2, weights, x2.pointee)
      sum3 = hr_mac_f32x8(sum3, weights, x3.pointee)
      x0 += step
      x1 += step
      x2 += step
      x3 += step
      w += 8
    }
    withUnsafeBytes(of: (sum0, sum1, sum2, sum3)) { sums in
      var offset = 0
      while offset < 32 &* min(4, left) {
        let sum = sums.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
        store8(hr_clamp_f32x8(sum, low, high), y, columns)
        y += columns
        offset &+= 32
      }
    }
    row &+= 4
  }
}
