import CHeadrace

/// The mean of a window, for each channel: float32.
func averagePoolFloat(_ window: hr_pool_window) {
  let x = window.x.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let y = window.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let channels = Int(window.channels)
  let count = Float(Int(window.count))
  var channel = 0
  while channel < channels {
    let lanes = min(8, channels &- channel)
    var sums = SIMD8<Float>(repeating: 0)
    forEachTap(window) { tap in sums += load(x + (tap &+ channel), lanes) }
    let means = hr_clamp_f32x8(sums / count, window.floatMinimum, window.floatMaximum)
    store8(means, y + channel, lanes)
    channel &+= 8
  }
}

/// The mean of a window, for each channel: int8, and int16 of any size. A row of at most 65,535 elements sums in 32
/// bits, the rows in 64.
@inline(__always)
func averagePool<Element: IntegerActivation>(_ window: hr_pool_window, _ type: Element.Type) {
  let x = window.x.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
  let y = window.y.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
  let channels = Int(window.channels)
  let taps = Int64(window.rows) &* Int64(window.columns)
  let zeros = taps &* Int64(window.x_zero)
  let divisor = Divisor(Int64(window.count))
  var channel = 0
  while channel < channels {
    let lanes = min(8, channels &- channel)
    var totals = SIMD8<Int64>(repeating: 0)
    var row = 0
    while row < Int(window.rows) {
      var tap = x + (row &* Int(window.row_step) &+ channel)
      var sums = SIMD8<Int32>(repeating: 0)
      var column = 0
      while column < Int(window.columns) {
        sums &+= hr_widen_i16x8(widen(tap, lanes))
        tap += Int(window.column_step)
        column &+= 1
      }
      totals &+= SIMD8<Int64>(truncatingIfNeeded: sums)
      row &+= 1
    }
    for lane in 0..<lanes {
      let mean = roundedMean(totals[lane] &- zeros, window, divisor)
      y[channel &+ lane] = Element(truncatingIfNeeded: mean)
    }
    channel &+= 8
  }
}

/// int16: where the elements of a window are a power of two, a division is a shift, and 32 bits hold all there is.
func averagePoolInt16(_ window: UnsafePointer<hr_pool_window>) {
  guard let scale = window.pointee.scaleOfMean else {
    return averagePool(window.pointee, Int16.self)
  }
  var x = window.pointee.x.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  var y = window.pointee.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  var left = Int(window.pointee.channels)
  while left > 0 {
    var sums = SIMD8<Int32>(repeating: 0)
    var row = x
    for _ in 0..<Int(window.pointee.rows) {
      var tap = row
      for _ in 0..<Int(window.pointee.columns) {
        sums &+= hr_widen_i16x8(widen(tap, min(left, 8)))
        tap += Int(window.pointee.column_step)
      }
      row += Int(window.pointee.row_step)
    }
    let means = hr_requantize_small_i32x8(
      sums, SIMD8(repeating: scale.multiplier), SIMD8(repeating: scale.shift))
    let outputs = hr_narrow_to_i16x8(
      hr_clamp_i32x8(means, window.pointee.clamp_min, window.pointee.clamp_max))
    if left == 3 {
      hr_store_three_i16(y, outputs.lowHalf)
    } else {
      store8(outputs, y, left)
    }
    (x, y) = (x + 8, y + 8)
    left &-= 8
  }
}

extension hr_pool_window {
  /// The factor of int16's mean with 31 bits, nil unless it is below 1/2, divides by a power of two, and sums fit.
  @inline(__always)
  fileprivate var scaleOfMean: (multiplier: Int32, shift: Int32)? {
    guard count & (count &- 1) == 0, count <= 1 &<< 14 else { return nil }
    // The model's has 15 bits.
    let shift = shift &+ 16 &+ Int32(truncatingIfNeeded: count.trailingZeroBitCount)
    return shift >= 32 && shift <= 62 ? (multiplier &<< 16, shift) : nil
  }
}

/// `y_zero + floor(sum * multiplier / (count * 2^shift) + 1/2)`, clamped. Verified: no step
/// reaches 2^63.
@inline(__always)
private func roundedMean(_ sum: Int64, _ window: hr_pool_window, _ divisor: Divisor) -> Int32 {
  let shift = Int64(window.shift)
  let half = divisor.count &<< (shift &- 1)
  let scaled = (sum &* Int64(window.multiplier) &+ half) &>> shift
  // floor(floor(a / 2^t) / count) is floor(a / (count 2^t)).
  let low = window.clamp_min &- window.y_zero
  let high = window.clamp_max &- window.y_zero
  return clamp(divisor.quotient(scaled), low, high) &+ window.y_zero
}

/// Divides by the elements of a window.
private struct Divisor {
  let count: Int64
  /// What is at least 2^32 / count, or 0 where there are too many elements for that.
  private let reciprocal: Int64

  /// No mean of integers of 16 bits is so far from zero, whatever its zero point.
  private static var farthest: Int64 { 1 &<< 17 }

  @inline(__always)
  init(_ count: Int64) {
    self.count = count
    reciprocal = count <= 64 ? (1 &<< 32) / count &+ 1 : 0
  }

  /// floor(value / count), saturated beyond what a mean can be.
  @inline(__always)
  func quotient(_ value: Int64) -> Int32 {
    guard reciprocal > 0 else {
      let quotient = value / count
      return saturate(quotient &* count > value ? quotient &- 1 : quotient)
    }
    // Raised to 0 ... 2^18 count. There the reciprocal, less than 1 too large, makes quotients less than 2^-32 times
    // 2^18 count too large, which is below the 1 / count that would be missing to the next.
    let limit = Self.farthest &* count
    let raised = max(0, min(value &+ limit, 2 &* limit))
    return Int32(truncatingIfNeeded: (raised &* reciprocal) &>> 32 &- Self.farthest)
  }
}

@inline(__always)
private func forEachTap(_ window: hr_pool_window, _ body: (Int) -> Void) {
  var row = 0
  while row < Int(window.rows) {
    var tap = row &* Int(window.row_step)
    var column = 0
    while column < Int(window.columns) {
      body(tap)
      tap &+= Int(window.column_step)
      column &+= 1
    }
    row &+= 1
  }
}

/// Up to eight elements; the lanes beyond are 0.
@inline(__always)
private func load(_ x: UnsafePointer<Float>, _ count: Int) -> SIMD8<Float> {
  if count == 8 { return load8(x) }
  var vector = SIMD8<Float>(repeating: 0)
  for lane in 0..<count { vector[lane] = x[lane] }
  return vector
}

@inline(__always)
private func widen<Element: IntegerActivation>(
  _ x: UnsafePointer<Element>, _ count: Int
) -> SIMD8<Int16> {
  if count == 8 { return Element.widen8(x) }
  if Element.self == Int16.self, count == 3 {
    let pixel = UnsafeRawPointer(x).assumingMemoryBound(to: Int16.self)
    return SIMD8(lowHalf: hr_load_three_i16(pixel), highHalf: .zero)
  }
  var vector = SIMD8<Int16>(repeating: 0)
  for lane in 0..<count { vector[lane] = Int16(truncatingIfNeeded: x[lane]) }
  return vector
}
