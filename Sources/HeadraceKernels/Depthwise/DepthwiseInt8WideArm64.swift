import CHeadrace

#if arch(arm64)

/// Depthwise convolution with three taps or 3x3: int8, sixteen channels of an output at a time, as far as
/// channels make whole sixteens whose factors are all below 1/2. Returns the first channel that is left.
func depthwiseInt8Wide(
  _ work: UnsafePointer<hr_depthwise>, _ row: UnsafePointer<hr_depthwise_row>
) -> UInt32 {
  var channel = row.pointee.first_channel
  let shape = work.pointee.shape
  guard row.pointee.readsContiguously(work.pointee), shape != HR_TAPS_ANY.rawValue else {
    return channel
  }
  while row.pointee.end_channel >= channel &+ 16 {
    let isDone =
      shape == HR_TAPS_3.rawValue
      ? hr_sum_three_taps_i8(work, row, Int(channel))
      : sum3x3(work.pointee, row.pointee, channel: Int(channel))
    guard isDone else { return channel }
    channel &+= 16
  }
  return channel
}

/// 3x3, sixteen channels. Returns whether their factors are all below 1/2.
@inline(__always)
private func sum3x3(_ work: hr_depthwise, _ row: hr_depthwise_row, channel: Int) -> Bool {
  let taps = WideTaps(work, channel: channel)
  guard taps.isSmall else { return false }
  row.forEachSpan(work, channel, Int8.self) { span, y in
    if span.isInside {
      taps.sum3x3(span, y, stride: Int(work.stride), step: row.y_step)
    } else {
      taps.sum3x3(border: span, y, step: row.y_step)
    }
  }
  return true
}

private typealias Vector = SIMD16<Int8>

/// 3x3 weights of sixteen channels, tap by tap, and what becomes of their sums.
private struct WideTaps {
  private let w0: Vector
  private let w1: Vector
  private let w2: Vector
  private let w3: Vector
  private let w4: Vector
  private let w5: Vector
  private let w6: Vector
  private let w7: Vector
  private let w8: Vector
  private let low: EpilogueInt8
  private let high: EpilogueInt8

  var isSmall: Bool { low.isSmall && high.isSmall }

  @inline(__always)
  init(_ work: hr_depthwise, channel: Int) {
    let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
    @inline(__always)
    func tap(_ index: Int) -> Vector { load(weights + index &* work.weight_step) }
    w0 = tap(0)
    w1 = tap(1)
    w2 = tap(2)
    w3 = tap(3)
    w4 = tap(4)
    w5 = tap(5)
    w6 = tap(6)
    w7 = tap(7)
    w8 = tap(8)
    low = EpilogueInt8(work.epilogue, channel: channel)
    high = EpilogueInt8(work.epilogue, channel: channel &+ 8)
  }

  private var bias: hr_sums_i8x16 { hr_sums_i8x16(low: low.bias, high: high.bias) }

  @inline(__always)
  private func store(_ sums: hr_sums_i8x16, _ y: UnsafeMutablePointer<Int8>) {
    let outputs = hr_narrow_clamped_i8x16(
      low.scaledSmall(sums.low), high.scaledSmall(sums.high), low.zero, low.low, low.high)
    UnsafeMutableRawPointer(y).storeBytes(of: outputs, as: Vector.self)
  }

  /// 3x3 where all columns lie inside.
  @inline(__always)
  func sum3x3(
    _ span: hr_depthwise_row.Span<Int8>, _ y: UnsafeMutablePointer<Int8>, stride: Int, step: Int
  ) {
    var x0 = span.tap(0)
    var x1 = span.tap(3)
    var x2 = span.tap(6)
    let column0 = span.column(row: 0)
    let column1 = span.column(row: 1)
    let column2 = span.column(row: 2)
    var y = y
    for _ in 0..<span.pixels {
      var sums = hr_mac_two_i8x16(bias, w0, load(x0), w1, load(x0 + column0))
      sums = hr_mac_two_i8x16(sums, w2, load(x0 + 2 &* column0), w3, load(x1))
      sums = hr_mac_two_i8x16(sums, w4, load(x1 + column1), w5, load(x1 + 2 &* column1))
      sums = hr_mac_two_i8x16(sums, w6, load(x2), w7, load(x2 + column2))
      store(hr_mac_one_i8x16(sums, w8, load(x2 + 2 &* column2)), y)
      x0 += stride &* column0
      x1 += stride &* column1
      x2 += stride &* column2
      y += step
    }
  }

  /// 3x3 where some columns are in the padding.
  @inline(__always)
  func sum3x3(
    border span: hr_depthwise_row.Span<Int8>, _ y: UnsafeMutablePointer<Int8>, step: Int
  ) {
    for pixel in 0..<span.pixels {
      @inline(__always)
      func x(_ tap: Int) -> Vector { load(span.tap(tap, pixel: pixel)) }
      var sums = hr_mac_two_i8x16(bias, w0, x(0), w1, x(1))
      sums = hr_mac_two_i8x16(sums, w2, x(2), w3, x(3))
      sums = hr_mac_two_i8x16(sums, w4, x(4), w5, x(5))
      sums = hr_mac_two_i8x16(sums, w6, x(6), w7, x(7))
      store(hr_mac_one_i8x16(sums, w8, x(8)), y + pixel &* step)
    }
  }
}

@inline(__always)
private func load(_ x: UnsafePointer<Int8>) -> Vector {
  UnsafeRawPointer(x).loadUnaligned(as: Vector.self)
}

#endif
