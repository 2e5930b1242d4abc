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
  for index in 0..<args.count {
    let value = Int32(truncatingIfNeeded: x[index]) &- args.zero_x
    let scaled = requantize(value, args.parameters.multiplier, args.parameters.shift)
    y[index] = Result(saturating: addSaturated(scaled, args.zero_y))
  }
}

#if arch(arm64)

/// From int8 to int8: a result is a function of one of 256 values, and vectors look them up.
@_optimize(size)
func requantizeByTable(_ args: hr_convert_args) {
  // Fewer elements do not pay for a table.
  guard args.count >= 1024 else { return requantize(args, Int8.self, Int8.self) }
  withUnsafeTemporaryAllocation(of: Int8.self, capacity: 256) { table in
    for value in 0..<256 { table[value] = Int8(truncatingIfNeeded: value &- 128) }
    let results = table.baseAddress.unsafelyUnwrapped
    var all = args
    all.x = UnsafeRawPointer(results)
    all.y = UnsafeMutableRawPointer(results)
    all.count = 256
    requantize(all, Int8.self, Int8.self)
    lookup8(hr_lookup_args(x: args.x, table: results, y: args.y, count: args.count))
  }
}

#endif
