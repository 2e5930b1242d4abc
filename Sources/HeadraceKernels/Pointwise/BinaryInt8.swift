import CHeadrace

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// HRM_BINARY for int8, sixteen elements at a time where both operands have elements side by side.
func binaryInt8(_ args: hr_binary_args) {
  let function = UInt32(bitPattern: args.parameters.function)
  guard args.a_step == 1 && args.b_step == 1 && args.count >= 16 else {
    return binaryInteger(args, Int8.self)
  }
  switch function {
  case HRM_MUL.rawValue: multiplyInt8(args)
  case HRM_ADD.rawValue, HRM_SUB.rawValue:
    let isDifference = function == HRM_SUB.rawValue
    guard let approximation = SumApproximation(args, isDifference: isDifference) else {
      return binaryInteger(args, Int8.self)
    }
    addInt8(args, approximation, isDifference: isDifference)
  default: binaryInteger(args, Int8.self)
  }
}

/// Rows of operands and results, sixteen elements and the rest of a row at a time.
extension hr_binary_args {
  @inline(__always)
  fileprivate func forEachRow(
    _ body: (
      _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ y: UnsafeMutablePointer<Int8>
    ) -> Void
  ) {
    var a = self.a!.of(Int8.self)
    var b = self.b!.of(Int8.self)
    var y = self.y!.of(Int8.self)
    for _ in 0..<rows {
      body(a, b, y)
      a += a_row
      b += b_row
      y += count
    }
  }

  /// The elements of a row from `first` on.
  @inline(__always)
  fileprivate func finish(
    _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ y: UnsafeMutablePointer<Int8>,
    from first: Int
  ) {
    guard first < count else { return }
    var rest = self
    rest.a = UnsafeRawPointer(a + first)
    rest.b = UnsafeRawPointer(b + first)
    rest.y = UnsafeMutableRawPointer(y + first)
    rest.count = count &- first
    rest.rows = 1
    binaryInteger(rest, Int8.self)
  }
}

private func multiplyInt8(_ args: hr_binary_args) {
  let p = args.parameters
  // A product has less than 17 bits: only a great factor can saturate it.
  guard p.shift >= 16 else { return binaryInteger(args, Int8.self) }
  args.forEachRow { a, b, y in
    var index = 0
    while index &+ 16 <= args.count {
      let left = hr_widen_i8x16(a + index) &- SIMD16(repeating: args.zero_a)
      let right = hr_widen_i8x16(b + index) &- SIMD16(repeating: args.zero_b)
      let product = hr_scale_x16(left &* right, p.multiplier, p.shift)
      hr_store_clamped_x16(
        y + index, product &+ SIMD16(repeating: args.zero_y), p.clamp_min, p.clamp_max)
      index &+= 16
    }
    args.finish(a, b, y, from: index)
  }
}

private func addInt8(
  _ args: hr_binary_args, _ approximation: SumApproximation, isDifference: Bool
) {
  let p = args.parameters
  let factorA = SIMD16(repeating: approximation.factorA)
  let factorB = SIMD16(repeating: approximation.factorB)
  // A fraction that is far from 0 and 1 stays what it is when the error is added.
  let offset = SIMD16(repeating: approximation.offset &+ approximation.error)
  let shift = SIMD16(repeating: approximation.bits)
  let farBits = approximation.farBits(approximation.error)
  args.forEachRow { a, b, y in
    @inline(__always)
    func sum(_ index: Int) -> SIMD16<Int32> {
      hr_widen_i8x16(a + index) &* factorA &+ hr_widen_i8x16(b + index) &* factorB &+ offset
    }
    // Where fractions are near 0 or 1 twice in a row, as halves of odd numbers are, more will be.
    var exactEnd = -1
    @inline(__always)
    func addSomeExactly(_ index: Int, _ least: Int) -> Int {
      let count = index == exactEnd ? min(256, (args.count &- index) & ~15) : least
      addFinely(
        args, approximation, a + index, b + index, y + index, count, isDifference: isDifference)
      exactEnd = index &+ count
      return exactEnd
    }
    var index = 0
    #if HEADRACE_VNNI
    while index &+ 64 <= args.count {
      let sum0 = sum(index)
      let sum1 = sum(index &+ 16)
      let sum2 = sum(index &+ 32)
      let sum3 = sum(index &+ 48)
      if hr_any_without_x64(sum0, sum1, sum2, sum3, farBits) {
        index = addSomeExactly(index, 64)
        continue
      }
      let sums = hr_clamped_x16(
        sum0 &>> shift, sum1 &>> shift, sum2 &>> shift, sum3 &>> shift, p.clamp_min, p.clamp_max)
      hr_store_rows(hr_rows_x16(sums), y + index)
      index &+= 64
    }
    #endif
    while index &+ 16 <= args.count {
      let sum = sum(index)
      if hr_any_without_x16(sum, farBits) {
        index = addSomeExactly(index, 16)
        continue
      }
      hr_store_clamped_x16(y + index, sum &>> shift, p.clamp_min, p.clamp_max)
      index &+= 16
    }
    args.finish(a, b, y, from: index)
  }
}

/// The sums of `count` elements, a multiple of sixteen, with both terms of the approximation.
@inline(never)
private func addFinely(
  _ args: hr_binary_args, _ approximation: SumApproximation, _ a: UnsafePointer<Int8>,
  _ b: UnsafePointer<Int8>, _ y: UnsafeMutablePointer<Int8>, _ count: Int, isDifference: Bool
) {
  let p = args.parameters
  let offset = SIMD16(repeating: approximation.offset &+ approximation.fineError)
  let farBits = approximation.farBits(approximation.fineError)
  var index = 0
  while index < count {
    let left = hr_widen_i8x16(a + index)
    let right = hr_widen_i8x16(b + index)
    let low =
      left &* SIMD16(repeating: approximation.lowA)
      &+ right &* SIMD16(repeating: approximation.lowB)
      &+ SIMD16(repeating: approximation.lowOffset)
    let sum =
      left &* SIMD16(repeating: approximation.factorA)
      &+ right &* SIMD16(repeating: approximation.factorB) &+ offset
      &+ (low &>> SIMD16(repeating: 15))
    if hr_any_without_x16(sum, farBits) {
      addExactly(args, a + index, b + index, y + index, isDifference: isDifference)
    } else {
      hr_store_clamped_x16(
        y + index, sum &>> SIMD16(repeating: approximation.bits), p.clamp_min, p.clamp_max)
    }
    index &+= 16
  }
}

/// The sums, as they are defined, of sixteen elements.
@inline(never)
private func addExactly(
  _ args: hr_binary_args, _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>,
  _ y: UnsafeMutablePointer<Int8>, isDifference: Bool
) {
  let p = args.parameters
  let left = SIMD16(repeating: p.left_shift)
  let scaledA = hr_scale_x16(
    (hr_widen_i8x16(a) &- SIMD16(repeating: args.zero_a)) &<< left, p.multiplier_a, p.shift_a)
  let scaledB = hr_scale_x16(
    (hr_widen_i8x16(b) &- SIMD16(repeating: args.zero_b)) &<< left, p.multiplier_b, p.shift_b)
  let sum = isDifference ? scaledA &- scaledB : scaledA &+ scaledB
  let result = hr_scale_x16(sum, p.multiplier, p.shift) &+ SIMD16(repeating: args.zero_y)
  hr_store_clamped_x16(y, result, p.clamp_min, p.clamp_max)
}

#endif
