/// Elementary functions by the basic operations of IEEE 754 alone, which round alike everywhere: every CPU and
/// every C library computes the same. Series on reduced ranges in Double, within half a unit of the last place
/// of a Float and 0.001 more.
enum Elementary {
  static func exp(_ x: Float) -> Float {
    guard x == x else { return x }
    let x = Double(min(max(x, -100), 100))
    let halvings = Double(Int(x * 1.442_695_040_888_963_4 + (x < 0 ? -0.5 : 0.5)))
    // ln 2 in two parts, of which the first has few digits.
    let rest = x - halvings * 0x1.62e42fep-1 - halvings * 0x1.f473de6af278fp-30
    var sum = 1.0
    for power in stride(from: 11.0, to: 0, by: -1) { sum = 1 + sum * rest / power }
    return Float(sum * Double(bitPattern: UInt64(1023 + Int(halvings)) &<< 52))
  }

  /// Of a positive number.
  static func log(_ x: Float) -> Float {
    guard x > 0 else { return -.infinity }
    var (exponent, fraction) = (Double(x.exponent), Double(x.significand))
    if fraction > 1.414_213_562_373_095_1 { (exponent, fraction) = (exponent + 1, fraction / 2) }
    let s = (fraction - 1) / (fraction + 1)
    return Float(exponent * 0.693_147_180_559_945_3 + 2 * s * oddSeries(s * s, 15, sign: 1))
  }

  /// The angle of (x, y), in radians from -pi to pi.
  static func atan2(_ y: Float, _ x: Float) -> Float {
    let (across, along) = (Double(y.magnitude), Double(x.magnitude))
    guard across > 0 || along > 0 else { return 0 }
    var angle = arctangent(min(across, along) / max(across, along))
    if across > along { angle = .pi / 2 - angle }
    if x < 0 { angle = .pi - angle }
    return Float(y < 0 ? -angle : angle)
  }

  static func asin(_ x: Float) -> Float {
    let x = min(max(x, -1), 1)
    return atan2(x, Float((1 - Double(x) * Double(x)).squareRoot()))
  }

  /// Of 0 to 1.
  private static func arctangent(_ x: Double) -> Double {
    guard x > 0.414_213_562_373_095 else { return x * oddSeries(x * x, 25, sign: -1) }
    let u = (x - 1) / (x + 1)
    return .pi / 4 + u * oddSeries(u * u, 25, sign: -1)
  }

  /// 1 + s y / 3 + s^2 y^2 / 5 + ... up to the division by `last`, for a sign s.
  private static func oddSeries(_ y: Double, _ last: Int, sign: Double) -> Double {
    var sum = 0.0
    for divisor in stride(from: last, through: 1, by: -2) {
      sum = 1 / Double(divisor) + sign * y * sum
    }
    return sum
  }
}
