import CHeadrace

/// How taps of a depthwise convolution are summed, eight channels at a time.
protocol TapArithmetic {
  associatedtype Element: BitwiseCopyable & SIMDScalar
  associatedtype Weight: BitwiseCopyable
  /// Eight inputs, and eight weights.
  associatedtype Factors
  associatedtype Sums
  associatedtype Totals
  /// How many products a sum surely holds.
  static var exactProducts: Int { get }
  static func load(_ x: UnsafePointer<Element>) -> Factors
  /// Any eight elements.
  static func gather(_ x: UnsafePointer<Element>, _ offsets: SIMD8<UInt32>) -> Factors
  static func weights(_ w: UnsafePointer<Weight>) -> Factors
  static func begin(_ epilogue: hr_epilogue, _ channel: Int) -> Totals
  /// Sums to which the next products are added.
  static func sums(_ totals: Totals) -> Sums
  static func add(_ sums: Sums, _ w: Factors, _ x: Factors) -> Sums
  static func end(_ sums: Sums, _ totals: Totals) -> Totals
  static func finish(_ totals: Totals, _ epilogue: hr_epilogue, _ channel: Int) -> SIMD8<Element>
}

enum FloatTaps: TapArithmetic {
  @inline(__always)
  static var exactProducts: Int { .max }
  @inline(__always)
  static func load(_ x: UnsafePointer<Float>) -> SIMD8<Float> { load8(x) }
  @inline(__always)
  static func gather(_ x: UnsafePointer<Float>, _ offsets: SIMD8<UInt32>) -> SIMD8<Float> {
    var vector = SIMD8<Float>()
    for lane in 0..<8 { vector[lane] = x[Int(offsets[lane])] }
    return vector
  }
  @inline(__always)
  static func weights(_ w: UnsafePointer<Float>) -> SIMD8<Float> { load8(w) }
  @inline(__always)
  static func begin(_ epilogue: hr_epilogue, _ channel: Int) -> SIMD8<Float> {
    epilogue.bias8(channel, as: Float.self)
  }
  @inline(__always)
  static func sums(_ totals: SIMD8<Float>) -> SIMD8<Float> { totals }
  @inline(__always)
  static func add(_ sums: SIMD8<Float>, _ w: SIMD8<Float>, _ x: SIMD8<Float>) -> SIMD8<Float> {
    hr_mac_lanes_f32x8(sums, w, x)
  }
  @inline(__always)
  static func end(_ sums: SIMD8<Float>, _ totals: SIMD8<Float>) -> SIMD8<Float> { sums }
  @inline(__always)
  static func finish(
    _ totals: SIMD8<Float>, _ epilogue: hr_epilogue, _ channel: Int
  ) -> SIMD8<Float> {
    epilogue.float(totals)
  }
}

/// What int8 and int16 have in common: products of 16-bit factors in 32-bit sums.
protocol IntegerTaps: TapArithmetic
where Element: IntegerActivation, Weight == Int8, Factors == SIMD8<Int16>, Sums == SIMD8<Int32> {}

extension IntegerTaps {
  @inline(__always)
  static func load(_ x: UnsafePointer<Element>) -> SIMD8<Int16> { Element.widen8(x) }
  @inline(__always)
  static func gather(_ x: UnsafePointer<Element>, _ offsets: SIMD8<UInt32>) -> SIMD8<Int16> {
    var vector = SIMD8<Int16>()
    for lane in 0..<8 { vector[lane] = Int16(truncatingIfNeeded: x[Int(offsets[lane])]) }
    return vector
  }
  @inline(__always)
  static func weights(_ w: UnsafePointer<Int8>) -> SIMD8<Int16> { hr_widen_i8x8(load8(w)) }
  @inline(__always)
  static func add(_ sums: SIMD8<Int32>, _ w: SIMD8<Int16>, _ x: SIMD8<Int16>) -> SIMD8<Int32> {
    hr_mac_lanes_i16x8(sums, w, x)
  }
}

enum Int8Taps: IntegerTaps {
  @inline(__always)
  static var exactProducts: Int { .max }
  @inline(__always)
  static func begin(_ epilogue: hr_epilogue, _ channel: Int) -> SIMD8<Int32> { .zero }
  @inline(__always)
  static func sums(_ totals: SIMD8<Int32>) -> SIMD8<Int32> { totals }
  @inline(__always)
  static func end(_ sums: SIMD8<Int32>, _ totals: SIMD8<Int32>) -> SIMD8<Int32> { sums }
  @inline(__always)
  static func finish(
    _ totals: SIMD8<Int32>, _ epilogue: hr_epilogue, _ channel: Int
  ) -> SIMD8<Int8> {
    EpilogueInt8(epilogue, channel: channel)(totals)
  }
}

enum Int16Taps: IntegerTaps {
  /// 511 * 2^15 * 2^7 < 2^31.
  @inline(__always)
  static var exactProducts: Int { 511 }
  @inline(__always)
  static func begin(_ epilogue: hr_epilogue, _ channel: Int) -> SIMD8<Int64> {
    epilogue.bias8(channel, as: Int64.self)
  }
  @inline(__always)
  static func sums(_ totals: SIMD8<Int64>) -> SIMD8<Int32> { .zero }
  @inline(__always)
  static func end(_ sums: SIMD8<Int32>, _ totals: SIMD8<Int64>) -> SIMD8<Int64> {
    totals &+ SIMD8<Int64>(truncatingIfNeeded: sums)
  }
  @inline(__always)
  static func finish(
    _ totals: SIMD8<Int64>, _ epilogue: hr_epilogue, _ channel: Int
  ) -> SIMD8<Int16> {
    epilogue.int16(totals, channel)
  }
}
