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
