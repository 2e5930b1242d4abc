import CHeadrace

/// HRM_BINARY for float32, eight elements at a time: the rest of a row is one more step, on copies.
func binaryFloat(_ args: hr_binary_args) {
  guard args.parameters.function != Int32(HRM_POW.rawValue) else { return powerFloat(args) }
  withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: 2) { copies in
    let copyA = copies.baseAddress.unsafelyUnwrapped
    let copyB = copyA + 1
    let vectorA = UnsafeMutableRawPointer(copyA).of(Float.self)
    let vectorB = vectorA + 8
    let left = args.count & 7
    let whole = args.count &- left
    args.forEachFloatRow { a, b, y in
      // An element for all is read again and again as a vector of its copies.
      if args.a_step == 0 { copyA.pointee = SIMD8(repeating: a[0]) }
      if args.b_step == 0 { copyB.pointee = SIMD8(repeating: b[0]) }
      combineVectors(
        args, args.a_step == 0 ? UnsafePointer(vectorA) : a,
        args.b_step == 0 ? UnsafePointer(vectorB) : b, y, whole)
      guard left > 0 else { return }
      if args.a_step != 0 { copyA.pointee = loadPart(a + whole, left) }
      if args.b_step != 0 { copyB.pointee = loadPart(b + whole, left) }
      combineVectors(args, vectorA, vectorB, vectorA, 8)
      storePart(copyA.pointee, y + whole, left)
    }
  }
}

/// A switch per row, a loop per function. `count` is a multiple of eight. The clamp keeps a NaN.
@inline(never)
private func combineVectors(
  _ args: hr_binary_args, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  let low = Float(bitPattern: UInt32(bitPattern: args.parameters.clamp_min))
  let high = Float(bitPattern: UInt32(bitPattern: args.parameters.clamp_max))
  @inline(__always)
  func combine(_ function: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>) {
    var (a, b, y): (UnsafePointer<Float>?, UnsafePointer<Float>?, _) = (a, b, y)
    let (aStep, bStep) = (32 &* args.a_step, 32 &* args.b_step)
    var left = UInt(bitPattern: count) / 8
    while left != 0 {
      let combined = function(.take(&a, step: aStep), .take(&b, step: bStep))
      store8(hr_clamp_f32x8(combined, low, high), y, 8)
      y += 8
      left &-= 1
    }
  }
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_ADD.rawValue: combine { $0 + $1 }
  case HRM_SUB.rawValue: combine { $0 - $1 }
  case HRM_MUL.rawValue: combine { $0 * $1 }
  case HRM_DIV.rawValue: combine { $0 / $1 }
  case HRM_MIN.rawValue: combine { hr_lesser_f32x8($0, $1) }
  case HRM_MAX.rawValue: combine { hr_greater_f32x8($0, $1) }
  default: combine { ($0 - $1) * ($0 - $1) }  // HRM_SQUARED_DIFFERENCE
  }
}

/// The C library's, one number at a time.
private func powerFloat(_ args: hr_binary_args) {
  let low = Float(bitPattern: UInt32(bitPattern: args.parameters.clamp_min))
  let high = Float(bitPattern: UInt32(bitPattern: args.parameters.clamp_max))
  args.forEachFloatRow { a, b, y in
    for index in 0..<args.count {
      let power = powf(a[index &* args.a_step], b[index &* args.b_step])
      y[index] = clampFloat(power, low, high)
    }
  }
}

extension hr_binary_args {
  @inline(__always)
  fileprivate func forEachFloatRow(
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    var a = self.a!.of(Float.self)
    var b = self.b!.of(Float.self)
    var y = self.y!.of(Float.self)
    for _ in 0..<rows {
      body(a, b, y)
      a += a_row
      b += b_row
      y += count
    }
  }
}
