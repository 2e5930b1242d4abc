import CHeadrace

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// The sum or difference of two int8 tensors in 32 bits: `(a * factorA + b * factorB + offset) >> bits` is
/// the exact result, which rounds three times, wherever the fraction that is shifted out is not within
/// `error` of 0 or 1. A second such term, `(a * lowA + b * lowB + lowOffset) >> 15`, leaves only `fineError`.
///
/// With `a'` and `b'` the operands less their zero points and `s` what they are scaled to first, the exact
/// result is the floor of `a' * A + b' * B + 1/2 + e`, with `|e| <= factor(s)`: two roundings of at most half
/// a unit of s. `factorA` and `lowA` are `A * 2^(bits + 15)`, rounded, in two parts, and |a| and |b| at most 128.
struct SumApproximation {
  let factorA: Int32
  let factorB: Int32
  let offset: Int32
  let bits: Int32
  let lowA: Int32
  let lowB: Int32
  let lowOffset: Int32
  /// Both are powers of two.
  let error: Int32
  let fineError: Int32

  /// The bits of a fraction, `error` added, that are all 0 if it is near 0 or 1.
  @inline(__always)
  func farBits(_ error: Int32) -> Int32 { (1 &<< bits) &- 2 &* error }

  /// nil where an intermediate result of the exact sum could be saturated, or the approximation is too
  /// coarse to be of use.
  init?(_ args: hr_binary_args, isDifference: Bool) {
    let p = args.parameters
    let greatestA = Self.greatest(p.multiplier_a, p.shift_a, p.left_shift)
    let greatestB = Self.greatest(p.multiplier_b, p.shift_b, p.left_shift)
    guard greatestA &+ greatestB < 1 &<< 31 else { return nil }
    var bits: Int32 = 22
    while bits >= 16 {
      // |e| * 2^bits
      let rounding = Self.scaled(UInt64(p.multiplier), bits &- p.shift)
      let a = Self.scaled(
        UInt64(p.multiplier_a) &* UInt64(p.multiplier),
        bits &+ 15 &+ p.left_shift &- p.shift_a &- p.shift)
      let b = Self.scaled(
        UInt64(p.multiplier_b) &* UInt64(p.multiplier),
        bits &+ 15 &+ p.left_shift &- p.shift_b &- p.shift)
      if let rounding, let a, let b, rounding < 250,
        255 &* ((a &+ b) &>> 15 &+ 2) &+ (130 &<< Int64(bits)) < 1 &<< 31
      {
        let signedB = isDifference ? 0 &- b : b
        (factorA, lowA) = Self.split(a)
        (factorB, lowB) = Self.split(signedB)
        // y's zero point and the half that rounds; what is added to a and b is taken off again.
        let constant =
          (Int64(args.zero_y) &<< Int64(bits &+ 15)) &+ (1 &<< Int64(bits &+ 14))
          &- Int64(args.zero_a) &* a &- Int64(args.zero_b) &* signedB
        offset = Int32(truncatingIfNeeded: constant &>> 15)
        lowOffset = Int32(truncatingIfNeeded: constant & 0x7fff)
        self.bits = bits
        let rounded = Int32(truncatingIfNeeded: rounding) &+ 1
        let low = Int32(truncatingIfNeeded: (lowA.magnitude &+ lowB.magnitude) &>> 8)
        error = Self.powerOfTwo(low &+ rounded &+ 3)
        fineError = Self.powerOfTwo(rounded &+ 2)
        return
      }
      bits &-= 1
    }
    return nil
  }

  /// The greatest magnitude of an operand that is scaled.
  private static func greatest(_ multiplier: Int32, _ shift: Int32, _ left: Int32) -> Int64 {
    // 255 * 2^20 * 2^31 < 2^59
    (((255 &<< Int64(left)) &* Int64(multiplier)) &>> Int64(shift)) &+ 1
  }

  /// `value * 2^exponent`, rounded, or nil if the exponent is not negative or the result has more than
  /// 46 bits.
  private static func scaled(_ value: UInt64, _ exponent: Int32) -> Int64? {
    guard exponent < 0 else { return nil }
    // value < 2^62
    guard exponent >= -63 else { return 0 }
    let rounded = ((value &>> UInt64(-1 &- exponent)) &+ 1) &>> 1
    return rounded < 1 &<< 46 ? Int64(rounded) : nil
  }

  /// `high * 2^15 + low`, with low -2^14 ... 2^14 - 1.
  private static func split(_ value: Int64) -> (high: Int32, low: Int32) {
    let high = (value &+ (1 &<< 14)) &>> 15
    return (
      Int32(truncatingIfNeeded: high), Int32(truncatingIfNeeded: value &- (high &<< 15))
    )
  }

  /// The least that is not below `value`.
  private static func powerOfTwo(_ value: Int32) -> Int32 {
    1 &<< (32 &- Int32(truncatingIfNeeded: (value &- 1).leadingZeroBitCount))
  }
}

#endif
