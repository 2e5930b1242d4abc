import CHeadrace

#if arch(arm64)

/// HRM_BINARY for int8, sixteen elements at a time: sums and products whose scales are as usual.
/// Returns whether it was one.
@inline(__always)
func binaryInt8(_ args: hr_binary_args) -> Bool {
  let p = args.parameters
  let function = UInt32(bitPattern: p.function)
  var scales = hr_pair_scales_i8()
  scales.zero_a = Int8(truncatingIfNeeded: args.zero_a)
  scales.zero_b = Int8(truncatingIfNeeded: args.zero_b)
  scales.multiplier = p.multiplier
  scales.right = 31 &- p.shift
  scales.zero_y = args.zero_y
  scales.clamp_min = p.clamp_min
  scales.clamp_max = p.clamp_max
  guard p.shift >= 32 else { return false }
  if function == HRM_MUL.rawValue {
    combine16(args) { hr_multiply_i8x16($0, $1, scales) }
    return true
  }
  guard function == HRM_ADD.rawValue || function == HRM_SUB.rawValue else { return false }
  // value 2^left_shift multiplier / 2^shift, written as value 2^(16 + left) multiplier / 2^31.
  let leftA = p.left_shift &- p.shift_a &+ 15
  let leftB = p.left_shift &- p.shift_b &+ 15
  guard leftA >= 0 && leftA <= 6 && leftB >= 0 && leftB <= 6 else { return false }
  scales.left_a = Int16(truncatingIfNeeded: leftA)
  scales.left_b = Int16(truncatingIfNeeded: leftB)
  scales.multiplier_a = p.multiplier_a
  scales.multiplier_b = p.multiplier_b
  if function == HRM_ADD.rawValue {
    combine16(args) { hr_add_i8x16($0, $1, scales) }
  } else {
    combine16(args) { hr_subtract_i8x16($0, $1, scales) }
  }
  return true
}

@inline(__always)
private func combine16(
  _ args: hr_binary_args, _ function: (SIMD16<Int8>, SIMD16<Int8>) -> SIMD16<Int8>
) {
  var a = args.a!.of(Int8.self)
  var b = args.b!.of(Int8.self)
  var y = args.y!.of(Int8.self)
  for _ in 0..<args.rows {
    var index = 0
    while index &+ 16 <= args.count {
      let left = operand16(a, args.a_step, index)
      let right = operand16(b, args.b_step, index)
      UnsafeMutableRawPointer(y + index).storeBytes(
        of: function(left, right), as: SIMD16<Int8>.self)
      index &+= 16
    }
    let rest = args.count &- index
    if rest > 0 {
      var left = SIMD16<Int8>(repeating: 0)
      var right = left
      for lane in 0..<rest {
        left[lane] = a[(index &+ lane) &* args.a_step]
        right[lane] = b[(index &+ lane) &* args.b_step]
      }
      let result = function(left, right)
      for lane in 0..<rest { y[index &+ lane] = result[lane] }
    }
    a += args.a_row
    b += args.b_row
    y += args.count
  }
}

/// Sixteen elements from `index` on, or one for all.
@inline(__always)
private func operand16(_ x: UnsafePointer<Int8>, _ step: Int, _ index: Int) -> SIMD16<Int8> {
  step == 0
    ? SIMD16(repeating: x[0]) : UnsafeRawPointer(x + index).loadUnaligned(as: SIMD16<Int8>.self)
}

#endif
