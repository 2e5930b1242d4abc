import CHeadrace

#if HEADRACE_AVX2
/// HRM_REDUCE for int8: sums and means of 32 elements that lie side by side at a time.
func reduceInt8(_ args: hr_reduce_args) {
  let function = UInt32(bitPattern: args.parameters.function)
  let isSum = function == HRM_REDUCE_SUM.rawValue || function == HRM_REDUCE_MEAN.rawValue
  // So many add up to less than 2^31.
  guard isSum && args.elements < 1 << 23 else { return reduceInteger(args, Int8.self) }
  let x = args.x!.of(Int8.self)
  let y = args.y!.of(Int8.self)
  let bias = Int64(args.zero_x) &* Int64(args.elements)
  var first = 0
  while first &+ 32 <= args.count {
    var low = SIMD16<Int32>.zero
    var high = low
    args.forEachRow { offset in
      low &+= hr_widen_i8x16(x + (offset &+ first))
      high &+= hr_widen_i8x16(x + (offset &+ first &+ 16))
    }
    for lane in 0..<16 {
      y[first &+ lane] = mean(args, Int64(low[lane]) &- bias)
      y[first &+ lane &+ 16] = mean(args, Int64(high[lane]) &- bias)
    }
    first &+= 32
  }
  guard first < args.count else { return }
  var rest = args
  rest.x = UnsafeRawPointer(x + first)
  rest.y = UnsafeMutableRawPointer(y + first)
  rest.count &-= first
  reduceInteger(rest, Int8.self)
}
#else
func reduceInt8(_ args: hr_reduce_args) { reduceInteger(args, Int8.self) }
#endif

/// HRM_REDUCE for int8 and int16.
///
/// Optimized for size: networks reduce a small tensor once, at their end.
@_optimize(size)
@inline(never)
func reduceInteger<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_reduce_args, _ type: Element.Type
) {
  let x = args.x!.of(Element.self)
  let y = args.y!.of(Element.self)
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_REDUCE_MAX.rawValue, HRM_REDUCE_MIN.rawValue:
    // One loop for both: complements, of which the greatest is that of the least.
    let mask: Element = args.parameters.function == Int32(HRM_REDUCE_MIN.rawValue) ? -1 : 0
    y.update(from: x, count: args.count)
    args.forEachRow { offset in
      let row = x + offset
      for index in 0..<args.count {
        y[index] = max(row[index] ^ mask, y[index] ^ mask) ^ mask
      }
    }
  default:
    let sums = args.scratch!.of(Int64.self)
    let bias = Int64(args.zero_x) &* Int64(args.elements)
    args.forEachBlock { first, count in
      sums.update(repeating: 0 &- bias, count: count)
      args.forEachRow { offset in
        let row = x + (offset &+ first)
        for index in 0..<count { sums[index] &+= Int64(row[index]) }
      }
      for index in 0..<count { y[first &+ index] = mean(args, sums[index]) }
    }
  }
}

/// The mean, from the sum of what elements are more than their zero point.
@inline(__always)
private func mean<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_reduce_args, _ sum: Int64
) -> Element {
  let scaled = requantizeWide(sum, args.parameters.multiplier, args.parameters.shift)
  return Element(saturating: addSaturated(scaled, args.zero_y))
}

/// `floor(sum * multiplier / 2^shift + 1/2)`, saturated to 32 bits, for sums of up to 47 bits,
/// multipliers of 31 bits and shifts from 16 on.
///
/// The sum's low 16 bits go in first: what they contribute is rounded down to a multiple of 2^16, which
/// the final shift would drop anyway, so the result is exact.
@inline(__always)
private func requantizeWide(_ sum: Int64, _ multiplier: Int32, _ shift: Int32) -> Int32 {
  let half = Int64(1) &<< Int64(shift &- 1)
  let low = (sum & 0xffff) &* Int64(multiplier) &+ half
  let high = (sum &>> 16) &* Int64(multiplier)
  return saturate((high &+ (low &>> 16)) &>> Int64(shift &- 16))
}
