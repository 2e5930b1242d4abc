import CHeadrace

/// An integer activation, as the 16-bit factor that multiply-accumulate instructions take.
protocol IntegerActivation: FixedWidthInteger, BitwiseCopyable {
  /// Eight elements from `pointer` on.
  static func widen8(_ pointer: UnsafePointer<Self>) -> SIMD8<Int16>
}

extension Int8: IntegerActivation {
  @inline(__always)
  static func widen8(_ pointer: UnsafePointer<Int8>) -> SIMD8<Int16> {
    hr_widen_i8x8(load8(pointer))
  }
}

extension Int16: IntegerActivation {
  @inline(__always)
  static func widen8(_ pointer: UnsafePointer<Int16>) -> SIMD8<Int16> { load8(pointer) }
}
