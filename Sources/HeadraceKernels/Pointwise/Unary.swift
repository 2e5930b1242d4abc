import CHeadrace

/// HRM_UNARY, eight elements at a time; the last ones too, so that an element's result does not depend
/// on its place: they go through vectors of their own, filled up with zeros.
func unary(_ args: hr_unary_args) {
  guard !unaryNumbers(args) else { return }
  let whole = args.count & ~7
  unaryVectors(args, args.x!, args.y!, whole)
  let left = args.count &- whole
  guard left > 0 else { return }
  var rest = loadPart(args.x! + whole, left)
  withUnsafeMutableBytes(of: &rest) {
    let vector = $0.baseAddress!.of(Float.self)
    unaryVectors(args, vector, vector, 8)
  }
  storePart(rest, args.y! + whole, left)
}

/// A switch per call, a loop per function. `count` is a multiple of eight.
@inline(never)
private func unaryVectors(
  _ args: hr_unary_args, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  let a = args.parameters.a
  let b = args.parameters.b
  @inline(__always)
  func map(_ function: (SIMD8<Float>) -> SIMD8<Float>) {
    var (x, y, left) = (x, y, count)
    while left > 0 {
      store8(function(load8(x)), y, 8)
      x += 8
      y += 8
      left &-= 8
    }
  }
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_CLAMP.rawValue: map { hr_limit_f32x8($0, a, b) }
  case HRM_LEAKY_RELU.rawValue: map { hr_leaky_relu_f32x8($0, a) }
  case HRM_ELU.rawValue: map { hr_elu_f32x8($0, a) }
  case HRM_SELU.rawValue: map { b * hr_elu_f32x8($0, a) }
  case HRM_SIGMOID.rawValue: map { hr_sigmoid_f32x8($0) }
  case HRM_TANH.rawValue: map { hr_tanh_f32x8($0) }
  case HRM_HARD_SIGMOID.rawValue: map { hr_limit_f32x8(a * $0 + b, 0, 1) }
  case HRM_HARD_SWISH.rawValue: map(hardSwish)
  case HRM_GELU_TANH.rawValue: map { geluTanh($0) }
  case HRM_SQRT.rawValue: map { hr_root_f32x8($0) }
  case HRM_EXP.rawValue: map { hr_exp_f32x8($0) }
  case HRM_ABS.rawValue: map { hr_abs_f32x8($0) }
  case HRM_NEG.rawValue: map { hr_negated_f32x8($0) }
  case HRM_RECIPROCAL.rawValue: map { 1 / $0 }
  case HRM_SWISH.rawValue: map { hr_times_vanishing_f32x8($0, hr_sigmoid_f32x8($0)) }
  case HRM_AFFINE.rawValue: map { a * $0 + b }
  case HRM_POWER.rawValue where a == 2: map { $0 * $0 }
  case HRM_POWER.rawValue: map { $0 * $0 * $0 }
  case HRM_FLOOR.rawValue: map { hr_floor_f32x8($0) }
  case HRM_CEIL.rawValue: map { hr_ceiling_f32x8($0) }
  case HRM_ROUND.rawValue: map { hr_round_f32x8($0) }
  default: map(softsign)  // HRM_SOFTSIGN
  }
}

/// What the C library computes, one number at a time; false if it is another function.
private func unaryNumbers(_ args: hr_unary_args) -> Bool {
  let a = args.parameters.a
  @inline(__always)
  func map(_ function: (Float) -> Float) {
    let (x, y) = (args.x!, args.y!)
    for index in 0..<args.count { y[index] = function(x[index]) }
  }
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_GELU.rawValue: map { gelu($0) }
  case HRM_LOG.rawValue: map { logf($0) }
  case HRM_SOFTPLUS.rawValue: map { softplus($0) }
  case HRM_ERF.rawValue: map { erff($0) }
  case HRM_SIN.rawValue: map { sinf($0) }
  case HRM_COS.rawValue: map { cosf($0) }
  // The exponents that networks use most need no powf.
  case HRM_POWER.rawValue where a != 2 && a != 3: map { powf($0, a) }
  default: return false
  }
  return true
}

/// `min(max(value, low), high)`; a NaN stays one.
@inline(__always)
func clampFloat(_ value: Float, _ low: Float, _ high: Float) -> Float {
  let raised = value < low ? low : value
  return raised > high ? high : raised
}

/// `log(1 + exp(x))` without overflow.
@inline(__always)
private func softplus(_ x: Float) -> Float {
  (x > 0 ? x : 0) + log1pf(expf(-abs(x)))
}

/// `x/2 (1 + erf(x / sqrt 2))`. For negative x as `x/2 erfc(-x / sqrt 2)`, which does not cancel.
@inline(__always)
private func gelu(_ x: Float) -> Float {
  x == -Float.infinity ? 0 : 0.5 * x * erfcf(-0.70710678 * x)
}

@inline(__always)
private func hardSwish(_ x: SIMD8<Float>) -> SIMD8<Float> {
  x * hr_limit_f32x8(x / 6 + 0.5, 0, 1)
}

@inline(__always)
private func softsign(_ x: SIMD8<Float>) -> SIMD8<Float> {
  x / (1 + hr_abs_f32x8(x))
}

/// `1 + tanh(u) = 2 sigmoid(2u)`, which does not cancel for negative u.
@inline(__always)
private func geluTanh(_ x: SIMD8<Float>) -> SIMD8<Float> {
  let twice = 1.5957691 * (x + 0.044715 * x * x * x)
  return hr_times_vanishing_f32x8(x, hr_sigmoid_f32x8(twice))
}
