import CHeadrace

/// HRM_REQUANTIZE. Optimized for size on ARM, whose 64-bit products do not gain from vectors.
#if arch(arm64) || arch(arm)
@_optimize(size)
#endif
@inline(never)
func requantize<
  Source: FixedWidthInteger & SignedInteger, Result: FixedWidthInteger & SignedInteger
>(_ args: hr_convert_args, _ source: Source.Type, _ result: Result.Type) {
  let x = args.x!.of(Source.self)
  let y = args.y!.of(Result.self)
  var first = 0
  #if arch(arm64)
  // Sixteen at a time; scaled by 2^16, a value has a factor below 1/2.
  if Source.self == Int8.self, Result.self == Int8.self, args.parameters.shift >= 16 {
    while first &+ 16 <= args.count {
      let values = UnsafeRawPointer(x + first).loadUnaligned(as: SIMD16<Int8>.self)
      let results = hr_rescale_i8x16(
        values, Int8(truncatingIfNeeded: args.zero_x), args.parameters.multiplier,
        15 &- args.parameters.shift, args.zero_y)
      UnsafeMutableRawPointer(y + first).storeBytes(of: results, as: SIMD16<Int8>.self)
      first &+= 16
    }
  }
  #endif
  for index in first..<args.count {
    let value = Int32(truncatingIfNeeded: x[index]) &- args.zero_x
    let scaled = requantize(value, args.parameters.multiplier, args.parameters.shift)
    y[index] = Result(saturating: addSaturated(scaled, args.zero_y))
  }
}
