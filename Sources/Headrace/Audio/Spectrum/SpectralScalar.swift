/// The arithmetic of spectra: Float, or Q31 with an exponent for the whole block.
///
/// Sums of products are written once and specialized for both. In fixed point a sum must not leave the
/// type, so what enters it is divided first; Float needs no such room.
protocol SpectralScalar: BitwiseCopyable, Comparable {
  static var zero: Self { get }
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  /// `value` times a factor from -1 to 1.
  static func product(_ value: Self, _ factor: Self) -> Self
  /// What of `value` goes into a sum of `count`.
  static func share(_ value: Self, of count: Int) -> Self
  /// A fraction of 2^31.
  static func fraction(_ q31: Int32) -> Self
}

extension Float: SpectralScalar {
  static var zero: Float { 0 }
  @inline(__always)
  static func product(_ value: Float, _ factor: Float) -> Float { value * factor }
  @inline(__always)
  static func share(_ value: Float, of count: Int) -> Float { value }
  static func fraction(_ q31: Int32) -> Float { Float(q31) * 0x1p-31 }
}

/// A fraction of 2^31 in 32 bits. Products are rounded to nearest.
struct Q31: SpectralScalar {
  var bits: Int32

  static var zero: Q31 { Q31(bits: 0) }
  static func < (a: Q31, b: Q31) -> Bool { a.bits < b.bits }
  @inline(__always)
  static func + (a: Q31, b: Q31) -> Q31 { Q31(bits: a.bits &+ b.bits) }
  @inline(__always)
  static func - (a: Q31, b: Q31) -> Q31 { Q31(bits: a.bits &- b.bits) }
  @inline(__always)
  static func product(_ value: Q31, _ factor: Q31) -> Q31 {
    Q31(
      bits: Int32(truncatingIfNeeded: (Int64(value.bits) &* Int64(factor.bits) &+ 1 &<< 30) &>> 31))
  }
  /// Division by 2 or 4 is a shift; by 3 and 5 it is a product with their reciprocal.
  @inline(__always)
  static func share(_ value: Q31, of count: Int) -> Q31 {
    switch count {
    case 2: Q31(bits: (value.bits &+ 1) &>> 1)
    case 4: Q31(bits: (value.bits &+ 2) &>> 2)
    case 3: product(value, Q31(bits: 715_827_883))
    case 5: product(value, Q31(bits: 429_496_730))
    default: value
    }
  }
  static func fraction(_ q31: Int32) -> Q31 { Q31(bits: q31) }
}

struct Complex<Scalar: SpectralScalar>: BitwiseCopyable {
  var re: Scalar
  var im: Scalar

  static var zero: Complex { Complex(re: .zero, im: .zero) }
  @inline(__always)
  static func + (a: Complex, b: Complex) -> Complex { Complex(re: a.re + b.re, im: a.im + b.im) }
  @inline(__always)
  static func - (a: Complex, b: Complex) -> Complex { Complex(re: a.re - b.re, im: a.im - b.im) }
  var conjugate: Complex { Complex(re: re, im: .zero - im) }
  /// i times the number.
  var turned: Complex { Complex(re: .zero - im, im: re) }

  /// Times a number of length 1.
  @inline(__always)
  func rotated(by factor: Complex) -> Complex {
    Complex(
      re: .product(re, factor.re) - .product(im, factor.im),
      im: .product(re, factor.im) + .product(im, factor.re))
  }
  @inline(__always)
  func scaled(by factor: Scalar) -> Complex {
    Complex(re: .product(re, factor), im: .product(im, factor))
  }
  @inline(__always)
  func share(of count: Int) -> Complex {
    Complex(re: .share(re, of: count), im: .share(im, of: count))
  }
}
