import CHeadrace

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// The sum or difference of two int8 tensors in 32 bits: `(a * factorA + b * factorB + offset) >> bits` is
/// the exact result, which rounds three times, wherever the fraction that is shifted out is not within
/// `error` of 0 or 1.
///
/// With `a'` and `b'` the operands less their zero points and `s` what they are scaled to first, the exact
/// result is the floor of `a' * A + b' * B + 1/2 + e`, with `|e| <= factor(s)`: two roundings of at most half
/// a unit of s. `factorA` and `factorB` are `A * 2^bits` and `B * 2^bits`, off by at most 1/2, and |a'| and |b'|
/// at most 255: so the sums differ by at most 255 + factor(s) * 2^bits.
struct SumApproximation {
  let factorA: Int32
  let factorB: Int32
  let offset: Int32
  let bits: Int32

  @inline(__always)
  static var error: Int32 { 512 }

  /// The bits of a fraction, `error` added, that are all 0 if it is near 0 or 1.
  @inline(__always)
  var farBits: Int32 { (1 &<< bits) &- 2 &* Self.error }

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
        bits &+ p.left_shift &- p.shift_a &- p.shift)
      let b = Self.scaled(
        UInt64(p.multiplier_b) &* UInt64(p.multiplier),
        bits &+ p.left_shift &- p.shift_b &- p.shift)
      if let rounding, let a, let b, rounding < 250,
        255 &* (a &+ b) &+ (130 &<< Int64(bits)) < 1 &<< 31
      {
        factorA = Int32(truncatingIfNeeded: a)
        factorB = Int32(truncatingIfNeeded: isDifference ? 0 &- b : b)
        self.bits = bits
        // y's zero point and the half that rounds; what is added to a and b is taken off again.
        offset =
          (args.zero_y &<< bits) &+ (1 &<< (bits &- 1)) &- args.zero_a &* factorA
          &- args.zero_b &* factorB
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
  /// 31 bits.
  private static func scaled(_ value: UInt64, _ exponent: Int32) -> Int64? {
    guard exponent < 0 else { return nil }
    // value < 2^62
    guard exponent >= -63 else { return 0 }
    let rounded = ((value &>> UInt64(-1 &- exponent)) &+ 1) &>> 1
    return rounded < 1 &<< 31 ? Int64(rounded) : nil
  }
}

#endif
