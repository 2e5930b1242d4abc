import CHeadrace

/// HRM_BINARY for int8 and int16.
@inline(__always)
func binaryInteger<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_binary_args, _ type: Element.Type
) {
  #if arch(arm64)
  if Element.self == Int8.self, binaryInt8(args) { return }
  #endif
  binaryByElement(args, type)
}

/// Optimized for size on ARM, whose 64-bit products do not gain from vectors.
#if arch(arm64) || arch(arm)
@_optimize(size)
#endif
@inline(never)
private func binaryByElement<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_binary_args, _ type: Element.Type
) {
  let p = args.parameters
  switch UInt32(bitPattern: p.function) {
  case HRM_MUL.rawValue: combine(args, type) { requantize($0 &* $1, p.multiplier, p.shift) }
  case HRM_DIV.rawValue:
    combine(args, type) { requantize(quotient($0, $1), p.multiplier, p.shift) }
  case HRM_ADD.rawValue, HRM_SUB.rawValue:
    // One loop for both: the mask -1 negates, 0 does not.
    let mask: Int64 = p.function == Int32(HRM_SUB.rawValue) ? -1 : 0
    combine(args, type) { left, right in
      let b = Int64(scaleB(p, right &<< p.left_shift))
      let sum = Int64(scaleA(p, left &<< p.left_shift)) &+ ((b ^ mask) &- mask)
      return requantize(saturate(sum), p.multiplier, p.shift)
    }
  default:  // HRM_MIN, HRM_MAX
    let isMinimum = p.function == Int32(HRM_MIN.rawValue)
    combine(args, type) { left, right in
      let a = scaleA(p, left)
      let b = scaleB(p, right)
      return (a < b) == isMinimum ? a : b
    }
  }
}

@inline(__always)
private func scaleA(_ p: hrm_binary, _ value: Int32) -> Int32 {
  requantize(value, p.multiplier_a, p.shift_a)
}

@inline(__always)
private func scaleB(_ p: hrm_binary, _ value: Int32) -> Int32 {
  requantize(value, p.multiplier_b, p.shift_b)
}

/// `(a << 15) / b`, halves away from zero; a zero divisor counts as one.
@inline(__always)
private func quotient(_ a: Int32, _ b: Int32) -> Int32 {
  let dividend = (a &<< 15).magnitude
  let divisor = b == 0 ? 1 : b.magnitude
  // In unsigned arithmetic neither the sum nor the quotient (at most 2^30) can overflow.
  let size = (dividend &+ divisor / 2).dividedBy(divisor)
  return (a < 0) != (b < 0) ? 0 &- size : size
}

extension UInt32 {
  /// The quotient, for a divisor that is not zero.
  @inline(__always)
  fileprivate func dividedBy(_ divisor: UInt32) -> Int32 {
    Int32(truncatingIfNeeded: dividedReportingOverflow(by: divisor).partialValue)
  }
}

@inline(__always)
private func combine<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_binary_args, _ type: Element.Type, _ function: (Int32, Int32) -> Int32
) {
  let p = args.parameters
  var a = args.a!.of(Element.self)
  var b = args.b!.of(Element.self)
  var y = args.y!.of(Element.self)
  for _ in 0..<args.rows {
    for index in 0..<args.count {
      let left = Int32(truncatingIfNeeded: a[index &* args.a_step]) &- args.zero_a
      let right = Int32(truncatingIfNeeded: b[index &* args.b_step]) &- args.zero_b
      let result = addSaturated(function(left, right), args.zero_y)
      y[index] = Element(truncatingIfNeeded: clamp(result, p.clamp_min, p.clamp_max))
    }
    a += args.a_row
    b += args.b_row
    y += args.count
  }
}
