import CHeadrace

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// HRM_REQUANTIZE from int8 to int8. A result is a function of one of 256 values: they are computed first.
func requantizeInt8(_ args: hr_convert_args) {
  // Fewer elements do not pay for a table.
  guard args.count >= 1024 else { return requantize(args, Int8.self, Int8.self) }
  withUnsafeTemporaryAllocation(of: Int8.self, capacity: 256) { table in
    let results = table.baseAddress.unsafelyUnwrapped
    for value in 0..<256 {
      let x = Int32(truncatingIfNeeded: value) &- 128 &- args.zero_x
      let scaled = requantize(x, args.parameters.multiplier, args.parameters.shift)
      results[value] = Int8(saturating: addSaturated(scaled, args.zero_y))
    }
    if let line = RequantizationLine(args, results) {
      line.requantize(args)
    } else {
      lookup8(hr_lookup_args(x: args.x, table: results, y: args.y, count: args.count))
    }
  }
}

/// `(x * factor + offset) >> bits`, where that is right for all 256 values: sixteen elements at a time.
private struct RequantizationLine {
  private let factor: Int32
  private let offset: Int32
  private let bits: Int32

  @inline(__always)
  init?(_ args: hr_convert_args, _ results: UnsafePointer<Int8>) {
    // 22 or 20 bits behind the point leave room in 32 bits for 255 times a factor below 1 or 4, and for a
    // zero point.
    let shift = args.parameters.shift
    let isBelow1 = shift >= 31
    bits = isBelow1 ? 22 : 20
    guard shift >= 29, shift < 56 else { return nil }
    let dropped = Int64(shift &- bits)
    let rounded =
      (Int64(args.parameters.multiplier) &+ (1 &<< (dropped &- 1))) &>> dropped
    factor = Int32(truncatingIfNeeded: rounded)
    offset = (args.zero_y &<< bits) &+ (1 &<< (bits &- 1)) &- args.zero_x &* factor
    for value in 0..<256 {
      let x = Int32(truncatingIfNeeded: value) &- 128
      let result = Int8(saturating: (x &* factor &+ offset) &>> bits)
      if result != results[value] { return nil }
    }
  }

  @inline(__always)
  func requantize(_ args: hr_convert_args) {
    let x = args.x!.of(Int8.self)
    let y = args.y!.of(Int8.self)
    let factors = SIMD16(repeating: factor)
    let offsets = SIMD16(repeating: offset)
    let shifts = SIMD16(repeating: bits)
    var index = 0
    while index &+ 16 <= args.count {
      let scaled = (hr_widen_i8x16(x + index) &* factors &+ offsets) &>> shifts
      hr_store_clamped_x16(y + index, scaled, -128, 127)
      index &+= 16
    }
    while index < args.count {
      let scaled = (Int32(x[index]) &* factor &+ offset) &>> bits
      y[index] = Int8(saturating: scaled)
      index &+= 1
    }
  }
}

#endif
