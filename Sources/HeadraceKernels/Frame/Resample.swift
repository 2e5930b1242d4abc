import CHeadrace

/// Rows of the same weight, added up: sums[i] += bytes[i].
///
/// Optimized for size: the last few need no vectors.
@_optimize(size)
func addRow(
  _ bytes: UnsafePointer<UInt8>, _ count: Int, _ sums: UnsafeMutablePointer<UInt16>
) {
  var i = 0
  while i &+ 16 <= count {
    hr_add_bytes_x16(bytes + i, sums + i)
    i &+= 16
  }
  while i < count {
    sums[i] &+= UInt16(bytes[i])
    i &+= 1
  }
}

/// The horizontal half of a resize: for every output column, its weighted pixels of one row, or of up to 256
/// rows added up. `rgb` holds pixels x ..< x + count of that row, which may be only some of a column's.
///
/// The sum of the pixels is taken first and weighed once; the two ends are corrected after that.
/// Weights wrap in between, the result does not: it is at most 256 * 255 times the axis's total of 2^16.
func gatherRow(
  _ rgb: UnsafePointer<UInt16>, _ x: Int32, _ count: Int32, _ taps: UnsafePointer<hr_taps>,
  _ columns: Int, _ sums: UnsafeMutablePointer<UInt32>
) {
  let end = x &+ count
  var (tap, sum) = (taps, sums)
  let tapsEnd = taps + columns
  // Where columns begin and end never decreases: those begun before come first, then the whole ones.
  while tap < tapsEnd, tap.pointee.first < x {
    if tap.pointee.end > x { gatherPart(rgb, x, end, tap, sum) }
    (tap, sum) = (tap + 1, sum + 3)
  }
  while tap < tapsEnd, tap.pointee.end < end {
    gatherWhole(rgb + Int(tap.pointee.first &- x) &* 3, tap, sum)
    (tap, sum) = (tap + 1, sum + 3)
  }
  while tap < tapsEnd, tap.pointee.first < end {
    gatherPart(rgb, x, end, tap, sum)
    (tap, sum) = (tap + 1, sum + 3)
  }
}

extension hr_taps {
  fileprivate var end: Int32 { first &+ count }
}

/// A column that ends before the last pixel: pixels are read as four elements, and the sums written as four;
/// what is written too much is the next column's, which comes later.
@inline(__always)
private func gatherWhole(
  _ rgb: UnsafePointer<UInt16>, _ tap: UnsafePointer<hr_taps>, _ sums: UnsafeMutablePointer<UInt32>
) {
  @inline(__always) func load(_ pixel: UnsafeRawPointer) -> SIMD4<UInt32> {
    SIMD4(truncatingIfNeeded: pixel.loadUnaligned(as: SIMD4<UInt16>.self))
  }
  var pixel = UnsafeRawPointer(rgb)
  let last = pixel + Int(tap.pointee.count &- 1) &* 6
  let inner = tap.pointee.inner_weight
  let first = load(pixel)
  var plain = first
  while pixel < last {
    pixel += 6
    plain &+= load(pixel)
  }
  let sum =
    plain &* inner &+ first &* (tap.pointee.first_weight &- inner)
    &+ load(last) &* (tap.pointee.last_weight &- inner)
  UnsafeMutableRawPointer(sums).storeBytes(of: sum, as: SIMD4<UInt32>.self)
}

/// The pixels of a column that the run x ..< end has.
private func gatherPart(
  _ rgb: UnsafePointer<UInt16>, _ x: Int32, _ end: Int32, _ tap: UnsafePointer<hr_taps>,
  _ sums: UnsafeMutablePointer<UInt32>
) {
  let tapEnd = tap.pointee.end
  let isFirst = tap.pointee.first >= x
  var index = isFirst ? tap.pointee.first : x
  var (red, green, blue): (UInt32, UInt32, UInt32) =
    isFirst ? (0, 0, 0) : (sums[0], sums[1], sums[2])
  while index < min(tapEnd, end) {
    let pixel = rgb + Int(index &- x) &* 3
    var weight = tap.pointee.inner_weight
    if index == tap.pointee.first {
      weight &+= tap.pointee.first_weight &- tap.pointee.inner_weight
    }
    if index == tapEnd &- 1 { weight &+= tap.pointee.last_weight &- tap.pointee.inner_weight }
    red &+= weight &* UInt32(pixel[0])
    green &+= weight &* UInt32(pixel[1])
    blue &+= weight &* UInt32(pixel[2])
    index &+= 1
  }
  (sums[0], sums[1], sums[2]) = (red, green, blue)
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

/// Divides by the total weight, as a multiplication: out[i] = (totals[i] + half) * reciprocal / 2^55.
func divideTotals(
  _ totals: UnsafePointer<UInt64>, _ count: Int, _ half: UInt64, _ reciprocal: UInt64,
  _ out: UnsafeMutablePointer<UInt8>
) {
  var i = 0
  while i < count {
    out[i] = UInt8(truncatingIfNeeded: ((totals[i] &+ half) &* reciprocal) &>> 55)
    i &+= 1
  }
}
