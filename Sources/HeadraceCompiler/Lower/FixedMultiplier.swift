import CHeadrace

/// A real factor as multiplier / 2^shift, for `requantize` of `hrm.h`.
struct FixedMultiplier: Equatable {
  var multiplier: Int32
  var shift: Int32

  /// Does nothing to an accumulator of padding.
  static let zero = FixedMultiplier(multiplier: 0, shift: 1)

  /// Bits of the multiplier and the largest shift that the runtime takes.
  struct Precision {
    var bits: Int
    var maximumShift: Int
    /// Factors on 32-bit accumulators.
    static let word = Precision(bits: 31, maximumShift: 62)
    /// Factors on the 48-bit accumulators of int16 activations.
    static let half = Precision(bits: 15, maximumShift: 47)
  }

  /// Rounds to nearest; the multiplier has its top bit set unless the factor is too small for that.
  /// The factor is not negative. Throws if it is too large to represent.
  init(_ factor: Double, _ precision: Precision, at location: String) throws {
    guard factor.isFinite, factor >= 0 else {
      throw CompilerError("a scale is not a finite positive number", at: location)
    }
    guard factor > 0 else {
      self = .zero
      return
    }
    // factor = significand * 2^exponent with significand in [1, 2).
    var shift = precision.bits - 1 - Int(factor.exponent)
    shift = min(shift, precision.maximumShift)
    var multiplier = (factor * Self.power(shift)).rounded()
    if multiplier == Self.power(precision.bits) {
      multiplier /= 2
      shift -= 1
    }
    guard shift >= 1 else {
      throw CompilerError(
        "quantization scales differ by a factor of \(factor); recalibrate with wider ranges",
        at: location)
    }
    self.init(multiplier: Int32(multiplier), shift: Int32(shift))
  }

  init(multiplier: Int32, shift: Int32) {
    self.multiplier = multiplier
    self.shift = shift
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  var real: Double { Double(multiplier) / Self.power(Int(shift)) }
}
