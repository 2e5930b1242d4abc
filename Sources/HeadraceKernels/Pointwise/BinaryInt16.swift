import CHeadrace

#if arch(arm64)

/// HRM_BINARY for int16, eight elements at a time: sums, differences and products.
func binaryInt16(_ args: UnsafePointer<hr_binary_args>) {
  if !hr_combine_all_i16(args) { binaryInteger(args.pointee, Int16.self) }
}

#else

func binaryInt16(_ args: UnsafePointer<hr_binary_args>) {
  binaryInt16(args.pointee)
}

private func binaryInt16(_ args: hr_binary_args) {
  let p = args.parameters
  switch UInt32(bitPattern: p.function) {
  case HRM_MUL.rawValue:
    combine8(args) { scale($0 &* $1, p.multiplier, p.shift) }
  case HRM_ADD.rawValue:
    combine8(args) { a, b in
      let (a, b) = scaled(a, b, p)
      return scale(hr_add_saturated_i32x8(a, b), p.multiplier, p.shift)
    }
  case HRM_SUB.rawValue:
    combine8(args) { a, b in
      let (a, b) = scaled(a, b, p)
      return scale(hr_subtract_saturated_i32x8(a, b), p.multiplier, p.shift)
    }
  default: binaryInteger(args, Int16.self)
  }
}

@inline(__always)
private func scaled(
  _ a: SIMD8<Int32>, _ b: SIMD8<Int32>, _ p: hrm_binary
) -> (SIMD8<Int32>, SIMD8<Int32>) {
  let left = SIMD8(repeating: p.left_shift)
  return (
    scale(a &<< left, p.multiplier_a, p.shift_a), scale(b &<< left, p.multiplier_b, p.shift_b)
  )
}

@inline(__always)
private func scale(_ v: SIMD8<Int32>, _ multiplier: Int32, _ shift: Int32) -> SIMD8<Int32> {
  let (multipliers, shifts) = (SIMD8(repeating: multiplier), SIMD8(repeating: shift))
  if shift >= 32 { return hr_requantize_small_i32x8(v, multipliers, shifts) }
  // The factor of one operand of a sum is 1/2.
  let bits = shift &- Int32(truncatingIfNeeded: multiplier.trailingZeroBitCount)
  if multiplier & (multiplier &- 1) == 0 && bits > 0 {
    return v &>> SIMD8(repeating: bits)
      &+ v &>> SIMD8(repeating: bits &- 1) & SIMD8(repeating: 1)
  }
  return hr_requantize_i32x8(v, multipliers, shifts)
}

/// Rows in steps of eight, the rest of a row as one more step on copies. Zero points are 0.
@inline(__always)
private func combine8(
  _ args: hr_binary_args, _ function: (SIMD8<Int32>, SIMD8<Int32>) -> SIMD8<Int32>
) {
  let (low, high) = (args.parameters.clamp_min, args.parameters.clamp_max)
  var a = args.a!.of(Int16.self)
  var b = args.b!.of(Int16.self)
  var y = args.y!.of(Int16.self)
  var rows = args.rows
  if args.count == 3, args.a_step == 0, args.a_row == 1, args.b_step == 1, args.b_row == 3 {
    // A factor for each pixel of three channels, eight pixels at a time.
    while rows >= 8 {
      let factors = hr_widen_i16x8(load8(a))
      for part in 0..<3 {
        let right = hr_widen_i16x8(load8(b + 8 &* part))
        let result = hr_clamp_i32x8(function(thrice(factors, part), right), low, high)
        store8(hr_narrow_to_i16x8(result), y + 8 &* part, 8)
      }
      (a, b, y) = (a + 8, b + 24, y + 24)
      rows &-= 8
    }
  }
  for _ in 0..<rows {
    var index = 0
    while index < args.count {
      let count = args.count &- index
      let left = operand8(a, args.a_step, index, count)
      let right = operand8(b, args.b_step, index, count)
      let result = hr_clamp_i32x8(function(left, right), low, high)
      store8(hr_narrow_to_i16x8(result), y + index, count)
      index &+= 8
    }
    a += args.a_row
    b += args.b_row
    y += args.count
  }
}

/// Each element three times: the first, second or third eight of them.
@inline(__always)
private func thrice(_ x: SIMD8<Int32>, _ part: Int) -> SIMD8<Int32> {
  switch part {
  case 0: SIMD8(x[0], x[0], x[0], x[1], x[1], x[1], x[2], x[2])
  case 1: SIMD8(x[2], x[3], x[3], x[3], x[4], x[4], x[4], x[5])
  default: SIMD8(x[5], x[5], x[6], x[6], x[6], x[7], x[7], x[7])
  }
}

/// Elements from `index` on, of which there are `count`, or one for all.
@inline(__always)
private func operand8(
  _ x: UnsafePointer<Int16>, _ step: Int, _ index: Int, _ count: Int
) -> SIMD8<Int32> {
  if step == 0 { return SIMD8(repeating: Int32(x[0])) }
  if count >= 8 { return hr_widen_i16x8(load8(x + index)) }
  var rest = SIMD8<Int32>(repeating: 0)
  for lane in 0..<count { rest[lane] = Int32(x[index &+ lane]) }
  return rest
}

#endif
