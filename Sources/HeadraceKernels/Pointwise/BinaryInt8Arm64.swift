import CHeadrace

#if arch(arm64)

/// HRM_BINARY for int8, sixteen elements at a time: sums, differences and products whose scales are as
/// usual. Returns whether it was one.
@inline(__always)
func binaryInt8(_ args: hr_binary_args) -> Bool {
  let p = args.parameters
  guard p.shift >= 32 else { return false }
  var scales = hr_pair_scales_i8()
  scales.zero_p = Int8(truncatingIfNeeded: args.zero_a)
  scales.zero_q = Int8(truncatingIfNeeded: args.zero_b)
  scales.multiplier = p.multiplier
  scales.right = 31 &- p.shift
  scales.zero_y = Int16(truncatingIfNeeded: args.zero_y)
  var args = args
  var function = HR_PAIR_PRODUCT
  switch UInt32(bitPattern: p.function) {
  case HRM_MUL.rawValue: break
  case HRM_ADD.rawValue, HRM_SUB.rawValue:
    guard setSum(&args, &scales) else { return false }
    let arePositive = scales.zero_p == .min && scales.zero_y == -128
    function =
      p.shift < 48
      ? HR_PAIR_SUM : arePositive ? HR_PAIR_FAR_SUM_OF_POSITIVE : HR_PAIR_FAR_SUM
  default: return false
  }
  combine(args, scales, function)
  return true
}

/// Sets the scales of a sum or difference, and the order of its operands. Returns whether one of them has a
/// scale that is a power of two, as the greater of two has it, and shifts are as usual.
@inline(__always)
private func setSum(_ args: inout hr_binary_args, _ scales: inout hr_pair_scales_i8) -> Bool {
  let p = args.parameters
  let isDifference = p.function == Int32(HRM_SUB.rawValue)
  // value 2^left_shift multiplier / 2^shift, written as value 2^(16 + left) multiplier / 2^31.
  let leftA = p.left_shift &- p.shift_a &+ 15
  let leftB = p.left_shift &- p.shift_b &+ 15
  guard leftA >= 0 && leftA <= 6 && leftB >= 0 && leftB <= 6 else { return false }
  let half = Int32(1) &<< 30
  scales.left_p = Int16(truncatingIfNeeded: leftA)
  scales.left_q = Int16(truncatingIfNeeded: leftB &+ 1)
  scales.multiplier_p = p.multiplier_a
  if p.multiplier_b != half {
    guard p.multiplier_a == half else { return false }
    swap(&args.a, &args.b)
    swap(&args.a_row, &args.b_row)
    swap(&args.a_step, &args.b_step)
    swap(&scales.zero_p, &scales.zero_q)
    scales.left_p = Int16(truncatingIfNeeded: leftB)
    scales.left_q = Int16(truncatingIfNeeded: leftA &+ 1)
    scales.multiplier_p = p.multiplier_b
    // a - b is -(b - a).
    if isDifference { scales.multiplier = 0 &- scales.multiplier }
  }
  scales.factor_q = isDifference ? -(1 << 14) : 1 << 14
  return true
}

@inline(__always)
private func combine(
  _ args: hr_binary_args, _ scales: hr_pair_scales_i8, _ function: hr_pair_function
) {
  var place = hr_pair_place(
    p: args.a!.of(Int8.self), q: args.b!.of(Int8.self), p_step: args.a_step, q_step: args.b_step)
  var y = args.y!.of(Int8.self)
  var row = 0
  while row < args.rows {
    hr_pair_row_i8(place, y, args.count, scales, function)
    place.p += args.a_row
    place.q += args.b_row
    y += args.count
    row &+= 1
  }
  hr_clamp_results_i8(
    args.y!.of(Int8.self), args.rows &* args.count,
    Int8(truncatingIfNeeded: args.parameters.clamp_min),
    Int8(truncatingIfNeeded: args.parameters.clamp_max))
}

#endif
