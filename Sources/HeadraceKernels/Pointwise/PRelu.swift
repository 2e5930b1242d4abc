import CHeadrace

/// HRM_PRELU for float32.
func preluFloat(_ args: hr_prelu_args) {
  let slope = args.slope!.of(Float.self)
  var x = args.x!.of(Float.self)
  var y = args.y!.of(Float.self)
  for _ in 0..<args.rows {
    for channel in 0..<args.channels {
      let value = x[channel]
      y[channel] = value < 0 ? slope[channel] * value : value
    }
    x += args.channels
    y += args.channels
  }
}

/// HRM_PRELU for int8 and int16.
@inline(__always)
func preluInteger<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_prelu_args, _ type: Element.Type
) {
  let multipliers = args.slope!.of(Int32.self)
  let shifts = multipliers + args.channels
  var x = args.x!.of(Element.self)
  var y = args.y!.of(Element.self)
  for _ in 0..<args.rows {
    for channel in 0..<args.channels {
      let value = Int32(truncatingIfNeeded: x[channel]) &- args.zero_x
      let scaled: Int32
      if value >= 0 {
        scaled = requantize(value, args.parameters.multiplier, args.parameters.shift)
      } else {
        let slope = multipliers[channel]
        let size = requantize(value, slope < 0 ? 0 &- slope : slope, shifts[channel])
        scaled = slope < 0 ? negate(size) : size
      }
      y[channel] = Element(saturating: addSaturated(scaled, args.zero_y))
    }
    x += args.channels
    y += args.channels
  }
}

/// `-value`, and 2^31 - 1 for -2^31.
@inline(__always)
private func negate(_ value: Int32) -> Int32 {
  saturate(0 &- Int64(value))
}

/// `a + b`, saturated to 32 bits.
@inline(__always)
func addSaturated(_ a: Int32, _ b: Int32) -> Int32 {
  saturate(Int64(a) &+ Int64(b))
}
