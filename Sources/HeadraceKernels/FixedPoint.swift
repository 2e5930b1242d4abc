// Fixed-point arithmetic that every integer kernel shares.

/// `floor(accumulator * multiplier / 2^shift + 1/2)`, saturated to 32 bits: TFLite's
/// `MultiplyByQuantizedMultiplier` with `TFLITE_SINGLE_ROUNDING`.
///
/// - Parameters:
///   - multiplier: `0 ..< 2^31`.
///   - shift: `1 ... 62`.
@inline(__always)
func requantize(_ accumulator: Int32, _ multiplier: Int32, _ shift: Int32) -> Int32 {
  requantize(Int64(accumulator), multiplier, shift)
}

/// As above for an accumulator of 64 bits. The product must stay below 2^62:
/// `|accumulator| < 2^47` with `multiplier < 2^15` (int16 activations), or both below 2^31.
@inline(__always)
func requantize(_ accumulator: Int64, _ multiplier: Int32, _ shift: Int32) -> Int32 {
  let half = Int64(1) &<< (Int64(shift) &- 1)
  return saturate((accumulator &* Int64(multiplier) &+ half) &>> Int64(shift))
}

/// The nearest value that 32 bits hold.
@inline(__always)
func saturate(_ value: Int64) -> Int32 {
  let narrow = Int32(truncatingIfNeeded: value)
  return Int64(narrow) == value ? narrow : (value < 0 ? Int32.min : Int32.max)
}

/// The value of `low ... high` that is nearest to `value`.
@inline(__always)
func clamp(_ value: Int32, _ low: Int32, _ high: Int32) -> Int32 {
  min(max(value, low), high)
}
