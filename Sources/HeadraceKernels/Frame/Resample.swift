import CHeadrace

/// Rows of the same weight, added up as they lie: sums[i] = the bytes i of rows first ..< end, which are
/// those of the plane divided by 2^shift.
///
/// Sixty-four bytes stay in registers from the first row to the last; the last sixty-four may share some with those
/// before. Optimized for size: pictures with less to add need no vectors.
@_optimize(size)
func addRows(
  _ plane: UnsafePointer<UInt8>, _ stride: Int, _ first: Int, _ end: Int, _ shift: Int,
  _ count: Int, _ sums: UnsafeMutablePointer<UInt16>
) {
  var i = 0
  if count >= 64 {
    while i < count {
      let at = min(i, count &- 64)
      hr_sum_rows_x64(plane + at, stride, first, end, shift, sums + at)
      i &+= 64
    }
    return
  }
  while i < count {
    var (row, sum) = (first, UInt16(0))
    while row < end {
      sum &+= UInt16(plane[stride &* (row &>> shift) &+ i])
      row &+= 1
    }
    sums[i] = sum
    i &+= 1
  }
}

/// The horizontal half of a resize: for every output column, its weighted pixels of one row, or of up to 256
/// rows added up. `pixels` holds pixels x ..< x + count of that row, which may be only some of a column's: three
/// values each, `step` elements from pixel to pixel.
///
/// Sums are at most 256 * 255 times the axis's total of 2^16.
func gatherRow(
  _ pixels: UnsafePointer<UInt16>, _ step: Int, _ x: Int32, _ count: Int32,
  _ taps: UnsafePointer<hr_taps>, _ columns: Int, _ sums: UnsafeMutablePointer<UInt32>
) {
  let end = x &+ count
  var (tap, sum) = (taps, sums)
  let tapsEnd = taps + columns
  // Where columns begin and end never decreases: those begun before come first, then the whole ones.
  while tap < tapsEnd, tap.pointee.first < x {
    if tap.pointee.end > x { gatherPart(pixels, step, x, end, tap, sum) }
    (tap, sum) = (tap + 1, sum + 3)
  }
  while tap < tapsEnd, tap.pointee.end < end {
    hr_gather_column(pixels + Int(tap.pointee.first &- x) &* step, step, tap, sum)
    (tap, sum) = (tap + 1, sum + 3)
  }
  while tap < tapsEnd, tap.pointee.first < end {
    gatherPart(pixels, step, x, end, tap, sum)
    (tap, sum) = (tap + 1, sum + 3)
  }
}

extension hr_taps {
  fileprivate var end: Int32 { first &+ count }
}

/// The pixels of a column that the run x ..< end has.
private func gatherPart(
  _ pixels: UnsafePointer<UInt16>, _ step: Int, _ x: Int32, _ end: Int32,
  _ tap: UnsafePointer<hr_taps>, _ sums: UnsafeMutablePointer<UInt32>
) {
  let tapEnd = tap.pointee.end
  let isFirst = tap.pointee.first >= x
  var index = isFirst ? tap.pointee.first : x
  var (first, second, third): (UInt32, UInt32, UInt32) =
    isFirst ? (0, 0, 0) : (sums[0], sums[1], sums[2])
  while index < min(tapEnd, end) {
    let pixel = pixels + Int(index &- x) &* step
    let weight =
      index == tap.pointee.first
      ? tap.pointee.first_weight
      : index == tapEnd &- 1 ? tap.pointee.last_weight : tap.pointee.inner_weight
    first &+= weight &* UInt32(pixel[0])
    second &+= weight &* UInt32(pixel[1])
    third &+= weight &* UInt32(pixel[2])
    index &+= 1
  }
  (sums[0], sums[1], sums[2]) = (first, second, third)
}

/// The vertical half: totals[i] += weight * sums[i].
func accumulateRow(
  _ sums: UnsafePointer<UInt32>, _ weight: UInt32, _ count: Int,
  _ totals: UnsafeMutablePointer<UInt64>
) {
  var i = 0
  while i < count {
    totals[i] &+= UInt64(weight) &* UInt64(sums[i])
    i &+= 1
  }
}

/// Divides by the total weight, as a multiplication: planes[c][i] = (totals[i][c] + half) * reciprocal / 2^shift.
func divideTotals(
  _ totals: UnsafePointer<UInt64>, _ count: Int, _ half: UInt64, _ reciprocal: UInt64,
  _ shift: UInt64, _ planes: UnsafeMutablePointer<UInt16>
) {
  @inline(__always) func mean(_ total: UInt64) -> UInt16 {
    UInt16(truncatingIfNeeded: ((total &+ half) &* reciprocal) &>> shift)
  }
  let columns = Int(HR_STRIP_COLUMNS)
  var i = 0
  while i < count {
    planes[i] = mean(totals[3 &* i])
    planes[columns &+ i] = mean(totals[3 &* i &+ 1])
    planes[2 &* columns &+ i] = mean(totals[3 &* i &+ 2])
    i &+= 1
  }
}
