import CHeadrace

/// HRM_UNARY. A switch per call, a loop per function.
func unary(_ args: hr_unary_args) {
  let a = args.parameters.a
  let b = args.parameters.b
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_CLAMP.rawValue: map(args) { clampFloat($0, a, b) }
  case HRM_LEAKY_RELU.rawValue: map(args) { $0 < 0 ? a * $0 : $0 }
  case HRM_ELU.rawValue: mapVectors(args) { hr_elu_f32x8($0, a) }
  case HRM_SELU.rawValue: mapVectors(args) { b * hr_elu_f32x8($0, a) }
  case HRM_SIGMOID.rawValue: mapVectors(args) { hr_sigmoid_f32x8($0) }
  case HRM_TANH.rawValue: mapVectors(args) { hr_tanh_f32x8($0) }
  case HRM_HARD_SIGMOID.rawValue: map(args) { clampFloat(a * $0 + b, 0, 1) }
  case HRM_HARD_SWISH.rawValue: map(args) { $0 * clampFloat($0 / 6 + 0.5, 0, 1) }
  case HRM_GELU.rawValue: map(args) { gelu($0) }
  case HRM_GELU_TANH.rawValue: mapVectors(args) { geluTanh($0) }
  case HRM_SQRT.rawValue: map(args) { $0.squareRoot() }
  case HRM_EXP.rawValue: mapVectors(args) { hr_exp_f32x8($0) }
  case HRM_LOG.rawValue: map(args) { logf($0) }
  case HRM_ABS.rawValue: map(args) { abs($0) }
  case HRM_NEG.rawValue: map(args) { -$0 }
  case HRM_RECIPROCAL.rawValue: map(args) { 1 / $0 }
  case HRM_SOFTPLUS.rawValue: map(args) { softplus($0) }
  case HRM_ERF.rawValue: map(args) { erff($0) }
  case HRM_SWISH.rawValue: mapVectors(args) { hr_times_vanishing_f32x8($0, hr_sigmoid_f32x8($0)) }
  case HRM_POWER.rawValue: power(args, a)
  case HRM_FLOOR.rawValue: map(args) { floorf($0) }
  case HRM_CEIL.rawValue: map(args) { ceilf($0) }
  case HRM_ROUND.rawValue: map(args) { rintf($0) }
  case HRM_SIN.rawValue: map(args) { sinf($0) }
  case HRM_COS.rawValue: map(args) { cosf($0) }
  case HRM_AFFINE.rawValue: map(args) { a * $0 + b }
  default: map(args) { $0 / (1 + abs($0)) }  // HRM_SOFTSIGN
  }
}

@inline(__always)
private func map(_ args: hr_unary_args, _ function: (Float) -> Float) {
  let y = args.y!
  // In place, one pointer alone: the compiler need not fear that they overlap, and vectorises.
  if UnsafePointer(y) == args.x! {
    for index in 0..<args.count { y[index] = function(y[index]) }
  } else {
    let x = args.x!
    for index in 0..<args.count { y[index] = function(x[index]) }
  }
}

/// Eight at a time; the last ones too, so that an element's result does not depend on its place.
@inline(__always)
private func mapVectors(_ args: hr_unary_args, _ function: (SIMD8<Float>) -> SIMD8<Float>) {
  var x = args.x!
  var y = args.y!
  var left = args.count
  while left >= 8 {
    store8(function(load8(x)), y, 8)
    x += 8
    y += 8
    left &-= 8
  }
  var rest = SIMD8<Float>.zero
  for lane in 0..<left { rest[lane] = x[lane] }
  if left > 0 { store8(function(rest), y, left) }
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

/// `1 + tanh(u) = 2 sigmoid(2u)`, which does not cancel for negative u.
@inline(__always)
private func geluTanh(_ x: SIMD8<Float>) -> SIMD8<Float> {
  let twice = 1.5957691 * (x + 0.044715 * x * x * x)
  return hr_times_vanishing_f32x8(x, hr_sigmoid_f32x8(twice))
}

/// The exponents that networks use most need no powf.
private func power(_ args: hr_unary_args, _ exponent: Float) {
  if exponent == 2 {
    map(args) { $0 * $0 }
  } else if exponent == 3 {
    map(args) { $0 * $0 * $0 }
  } else {
    map(args) { powf($0, exponent) }
  }
}
