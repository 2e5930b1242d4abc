import CHeadrace

/// A group's elements, standardized in integers: the steps of NORMALISATION.md.
private struct Standardization {
  /// `2^14 mean`, rounded.
  var offset: Int32
  /// `R`: 1 / deviation is `reciprocal * 2^(14 - shift - 16)` for Q14 in, Q16 out.
  var reciprocal: UInt32
  var shift: Int32

  @inline(__always)
  init(sum: Int64, squares: Int64, count: Int64, epsilon: Int64) {
    let (mean, rest) = divide(sum, count)
    let spread = squares &- 2 &* mean &* sum &+ count &* mean &* mean
    let fraction = divide(rest &<< 24, count).quotient
    let (whole, remainder) = divide(spread, count)
    let variance =
      (whole &<< 24) &+ divide(remainder &<< 24, count).quotient
      &- ((fraction &* fraction) &>> 24)
    let spreadAndEpsilon = UInt64(bitPattern: max(variance &+ epsilon, 1))
    let half = Int32(truncatingIfNeeded: (spreadAndEpsilon.leadingZeroBitCount &- 1) &>> 1)
    let root = squareRoot(spreadAndEpsilon &<< UInt64(truncatingIfNeeded: 2 &* half))
    let one = UInt64(1) &<< 62
    reciprocal = UInt32(truncatingIfNeeded: one.dividedReportingOverflow(by: root).partialValue)
    shift = 48 &- half
    let rounded = divide((rest &<< 14) &+ (count &>> 1), count).quotient
    offset = Int32(truncatingIfNeeded: (mean &<< 14) &+ rounded)
  }

  /// Q16, saturated to 32 bits.
  @inline(__always)
  func callAsFunction(_ value: Int32) -> Int32 {
    let difference = Int64((value &<< 14) &- offset)
    let half = Int64(1) &<< Int64(shift &- 1)
    return saturate((difference &* Int64(reciprocal) &+ half) &>> Int64(shift))
  }
}

/// Quotient rounded down and its remainder; the divisor is above zero.
@inline(__always)
private func divide(_ dividend: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let quotient = dividend.dividedReportingOverflow(by: divisor).partialValue
  let remainder = dividend &- quotient &* divisor
  return remainder < 0 ? (quotient &- 1, remainder &+ divisor) : (quotient, remainder)
}

/// The floor of the square root, a bit at a time from the top.
private func squareRoot(_ square: UInt64) -> UInt64 {
  var rest = square
  var root: UInt64 = 0
  var bit: UInt64 = 1 &<< 62
  while bit != 0 {
    let trial = root &+ bit
    root &>>= 1
    if rest >= trial {
      rest &-= trial
      root &+= bit
    }
    bit &>>= 2
  }
  return root
}

extension hrm_norm {
  fileprivate var integerEpsilon: Int64 {
    Int64(epsilon_high) &<< 32 | Int64(UInt32(bitPattern: epsilon_low))
  }
}

@inline(__always)
private func scaled(
  _ standardized: Int32, gamma: Int32, beta: Int32, _ args: hr_norm_args
) -> Int32 {
  let product = (Int64(standardized) &* Int64(gamma)) &>> Int64(args.parameters.shift &- 8)
  return saturate(((product &+ Int64(beta) &+ 128) &>> 8) &+ Int64(args.zero_y))
}

/// HRM_LAYER_NORM for int8 and int16. Optimized for size on ARM, whose 64-bit products do not gain from vectors.
#if arch(arm64) || arch(arm)
@_optimize(size)
#endif
@inline(never)
func layerNormInteger<Element: IntegerActivation & SignedInteger>(
  _ args: hr_norm_args, _ type: Element.Type
) {
  let gamma = args.gamma!.of(Int32.self)
  let beta = args.beta!.of(Int32.self)
  var x = args.x!.of(Element.self)
  var y = args.y!.of(Element.self)
  let zeros = SIMD8(repeating: args.zero_x)
  for _ in 0..<args.rows {
    var (sum, squares): (Int64, Int64) = (0, 0)
    var (sums8, squares8) = (SIMD8<Int64>.zero, SIMD8<Int64>.zero)
    inEights(args.count) { index in
      let values = hr_widen_i16x8(Element.widen8(x + index)) &- zeros
      sums8 = hr_add_i64x8(sums8, values)
      squares8 = hr_add_i64x8(squares8, values &* values)
    } one: { index in
      let value = Int32(truncatingIfNeeded: x[index]) &- args.zero_x
      sum &+= Int64(value)
      squares &+= Int64(value &* value)
    }
    sum &+= hr_total_i64x8(sums8)
    squares &+= hr_total_i64x8(squares8)
    let standardize = Standardization(
      sum: sum, squares: squares, count: Int64(args.count),
      epsilon: args.parameters.integerEpsilon)
    for index in 0..<args.count {
      let q = standardize(Int32(truncatingIfNeeded: x[index]) &- args.zero_x)
      y[index] = Element(saturating: scaled(q, gamma: gamma[index], beta: beta[index], args))
    }
    x += args.count
    y += args.count
  }
}

/// HRM_GROUP_NORM for int8 and int16. Walks memory row by row; sums stand in scratch, one a channel. Optimized for
/// size as layer norm is.
#if arch(arm64) || arch(arm)
@_optimize(size)
#endif
@inline(never)
func groupNormInteger<Element: IntegerActivation & SignedInteger>(
  _ args: hr_norm_args, _ type: Element.Type
) {
  let gamma = args.gamma!.of(Int32.self)
  let beta = args.beta!.of(Int32.self)
  let x = args.x!.of(Element.self)
  let y = args.y!.of(Element.self)
  let sums = args.scratch!.of(Int64.self)
  let squares = sums + args.count
  let standardize = UnsafeMutableRawPointer(squares + args.count).of(Standardization.self)
  let zeros = SIMD8(repeating: args.zero_x)
  sums.update(repeating: 0, count: 2 &* args.count)
  for row in 0..<args.rows {
    let x = x + row &* args.channels
    inEights(args.count) { channel in
      let values = hr_widen_i16x8(Element.widen8(x + channel)) &- zeros
      store8(hr_add_i64x8(load8(sums + channel), values), sums + channel, 8)
      let products = values &* values
      store8(hr_add_i64x8(load8(squares + channel), products), squares + channel, 8)
    } one: { channel in
      let value = Int32(truncatingIfNeeded: x[channel]) &- args.zero_x
      sums[channel] &+= Int64(value)
      squares[channel] &+= Int64(value &* value)
    }
  }
  args.forEachGroup { first in
    var sum: Int64 = 0
    var square: Int64 = 0
    for channel in first..<first &+ args.group {
      sum &+= sums[channel]
      square &+= squares[channel]
    }
    let group = Standardization(
      sum: sum, squares: square, count: Int64(args.rows) &* Int64(args.group),
      epsilon: args.parameters.integerEpsilon)
    (standardize + first).update(repeating: group, count: args.group)
  }
  for row in 0..<args.rows {
    let x = x + row &* args.channels
    let y = y + row &* args.channels
    for channel in 0..<args.count {
      let q = standardize[channel](Int32(truncatingIfNeeded: x[channel]) &- args.zero_x)
      y[channel] = Element(
        saturating: scaled(q, gamma: gamma[channel], beta: beta[channel], args))
    }
  }
}
