import CHeadrace

/// HRM_BINARY for float32. The clamp keeps a NaN.
func binaryFloat(_ args: hr_binary_args) {
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_ADD.rawValue: combine(args) { $0 + $1 }
  case HRM_SUB.rawValue: combine(args) { $0 - $1 }
  case HRM_MUL.rawValue: combine(args) { $0 * $1 }
  case HRM_DIV.rawValue: combine(args) { $0 / $1 }
  case HRM_MIN.rawValue: combine(args) { $0 < $1 ? $0 : $1 }
  case HRM_MAX.rawValue: combine(args) { $0 > $1 ? $0 : $1 }
  case HRM_POW.rawValue: combine(args) { powf($0, $1) }
  default: combine(args) { ($0 - $1) * ($0 - $1) }  // HRM_SQUARED_DIFFERENCE
  }
}

@inline(__always)
private func combine(_ args: hr_binary_args, _ function: (Float, Float) -> Float) {
  let low = Float(bitPattern: UInt32(bitPattern: args.parameters.clamp_min))
  let high = Float(bitPattern: UInt32(bitPattern: args.parameters.clamp_max))
  var a = args.a!.of(Float.self)
  var b = args.b!.of(Float.self)
  var y = args.y!.of(Float.self)
  for _ in 0..<args.rows {
    if args.a_step == 0 {
      let scalar = a[0]
      for index in 0..<args.count { y[index] = clampFloat(function(scalar, b[index]), low, high) }
    } else if args.b_step == 0 {
      let scalar = b[0]
      for index in 0..<args.count { y[index] = clampFloat(function(a[index], scalar), low, high) }
    } else if UnsafePointer(y) == a {
      for index in 0..<args.count { y[index] = clampFloat(function(y[index], b[index]), low, high) }
    } else {
      for index in 0..<args.count { y[index] = clampFloat(function(a[index], b[index]), low, high) }
    }
    a += args.a_row
    b += args.b_row
    y += args.count
  }
}
