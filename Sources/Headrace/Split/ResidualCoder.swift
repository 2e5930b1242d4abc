/// Codes what prediction leaves of a latent: a zero flag, a sign, and the magnitude's Elias gamma code,
/// each bit with a probability that depends on how lively the neighbourhood is. 2 KiB, no heap.
struct ResidualCoder {
  /// Where the residual stands.
  struct Context {
    /// `activityClass` of the neighbourhood.
    var activity: Int
    /// Real prediction minus the integer one, in sixteenths: -8 ... 7.
    var fraction: Int32
  }

  static let activityClasses = 17
  /// Magnitudes below 2^17: more than two 16-bit numbers can differ by.
  private static let exponents = 17

  private var zeros = InlineArray<51, AdaptiveProbability>(repeating: .init())
  private var signs = InlineArray<50, AdaptiveProbability>(repeating: .init())
  private var lengths = InlineArray<289, AdaptiveProbability>(repeating: .init())
  private var mantissas = InlineArray<68, AdaptiveProbability>(repeating: .init())

  /// 0 for silence, then about two classes an octave.
  static func activityClass(_ activity: Int32) -> Int {
    guard activity > 3 else { return Int(max(0, activity)) }
    let octave = 31 &- activity.leadingZeroBitCount
    let half = activity &>> Int32(octave &- 1) & 1
    return min(activityClasses &- 1, 2 &* octave &+ Int(half))
  }

  /// Encodes `residual`, or decodes and returns one.
  @inline(__always)
  mutating func code(
    _ residual: Int32, _ context: Context, with coder: inout RangeCoder
  ) -> Int32 {
    let magnitude = residual.magnitude
    let distance = context.fraction.magnitude
    let zero = context.activity &* 3 &+ (distance < 3 ? 0 : distance < 6 ? 1 : 2)
    guard coder.code(magnitude != 0, &zeros[zero]) else { return 0 }
    // A prediction that was rounded down is more often too low.
    let side =
      context.fraction < -5
      ? 0
      : context.fraction < -2
        ? 1
        : context.fraction <= 2
          ? 2
          : context.fraction <= 5 ? 3 : 4
    let isNegative = coder.code(residual < 0, &signs[min(context.activity, 9) &* 5 &+ side])

    let exponent = magnitude == 0 ? 0 : 31 &- magnitude.leadingZeroBitCount
    var length = 0
    while length < Self.exponents &- 1,
      coder.code(length < exponent, &lengths[context.activity &* Self.exponents &+ length])
    {
      length &+= 1
    }
    var coded: UInt32 = 1
    var remaining = length
    while remaining > 0 {
      remaining &-= 1
      let bit = magnitude &>> UInt32(remaining) & 1 == 1
      // The two leading bits of a mantissa still have a shape; the rest is noise.
      let codedBit =
        coded < 4
        ? coder.code(bit, &mantissas[length &* 4 &+ Int(coded)]) : coder.code(bit, zero: 1 << 14)
      coded = coded &<< 1 | (codedBit ? 1 : 0)
    }
    let value = Int32(truncatingIfNeeded: coded)
    return isNegative ? 0 &- value : value
  }
}
