/// Vectors of length 1 in fixed point: in Q30, for one element may be all of it.
enum UnitVector {
  typealias Value = Complex<Q31>

  static var one: Q31 { Q31(bits: 1 &<< 30) }

  /// Gives a vector of 1 to 16 numbers the length 1. Returns the length it had, in its own scale; 0 leaves it as
  /// it is.
  static func normalize(_ vector: UnsafeMutablePointer<Value>, _ count: Int) -> Int32 {
    guard let (digits, squares) = raise(vector, count) else { return 0 }
    let length = integerRoot(squares)
    let reciprocal = Int64((1 as UInt64) &<< 61 / length)
    for index in 0..<count {
      vector[index].re = scaled(vector[index].re, reciprocal)
      vector[index].im = scaled(vector[index].im, reciprocal)
    }
    return Int32(truncatingIfNeeded: min(length >> digits, 0x7fff_ffff))
  }

  /// Raises a vector until its squares fill 63 bits and no more. Returns by how many digits, and their sum; nil for
  /// a vector of nothing.
  static func raise(
    _ vector: UnsafeMutablePointer<Value>, _ count: Int
  ) -> (digits: Int, squares: UInt64)? {
    var magnitudes: UInt32 = 0
    for index in 0..<count {
      magnitudes |= vector[index].re.bits.magnitude | vector[index].im.bits.magnitude
    }
    guard magnitudes != 0 else { return nil }
    let digits = magnitudes.leadingZeroBitCount &- 3
    var squares: UInt64 = 0
    for index in 0..<count {
      vector[index].re = vector[index].re.raised(by: digits)
      vector[index].im = vector[index].im.raised(by: digits)
      squares &+= vector[index].squaredMagnitude
    }
    return (digits, squares)
  }

  /// The reciprocal is in Q61 of the value's scale.
  private static func scaled(_ value: Q31, _ reciprocal: Int64) -> Q31 {
    Q31(bits: Int32(truncatingIfNeeded: (Int64(value.bits) &* reciprocal &+ 1 &<< 30) &>> 31))
  }
}

extension Complex<Q31> {
  /// In integers that hold products.
  @inline(__always)
  var wide: (re: Int64, im: Int64) { (Int64(re.bits), Int64(im.bits)) }

  /// In Q62.
  @inline(__always)
  var squaredMagnitude: UInt64 {
    let (re, im) = wide
    return UInt64(bitPattern: re &* re &+ im &* im)
  }
}
