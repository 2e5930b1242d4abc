import CHeadrace

/// An integer activation, as the 16-bit factor that multiply-accumulate instructions take.
protocol IntegerActivation: FixedWidthInteger, BitwiseCopyable {
  /// Eight elements from `pointer` on.
  static func widen8(_ pointer: UnsafePointer<Self>) -> SIMD8<Int16>
  /// Stores eight values that the type holds.
  static func storeNarrowed8(_ values: SIMD8<Int32>, _ pointer: UnsafeMutablePointer<Self>)
}

extension Int8: IntegerActivation {
  @inline(__always)
  static func widen8(_ pointer: UnsafePointer<Int8>) -> SIMD8<Int16> {
    hr_widen_i8x8(load8(pointer))
  }
  @inline(__always)
  static func storeNarrowed8(_ values: SIMD8<Int32>, _ pointer: UnsafeMutablePointer<Int8>) {
    store8(hr_narrow_to_i8x8(values), pointer, 8)
  }
}

extension Int16: IntegerActivation {
  @inline(__always)
  static func widen8(_ pointer: UnsafePointer<Int16>) -> SIMD8<Int16> { load8(pointer) }
  @inline(__always)
  static func storeNarrowed8(_ values: SIMD8<Int32>, _ pointer: UnsafeMutablePointer<Int16>) {
    store8(hr_narrow_to_i16x8(values), pointer, 8)
  }
}
