import CHeadrace

/// HRM_SOFTMAX for float32, a row at a time.
func softmaxFloat(_ args: hr_softmax_args) {
  var x = args.x!.of(Float.self)
  var y = args.y!.of(Float.self)
  for _ in 0..<args.rows {
    var largest = x[0]
    for index in 1..<max(args.count, 1) { largest = x[index] > largest ? x[index] : largest }
    var sum = 0.0
    for index in 0..<args.count {
      let e = expf(x[index] - largest)
      y[index] = e
      sum += Double(e)
    }
    let inverse = Float(1 / sum)
    for index in 0..<args.count { y[index] *= inverse }
    x += args.count
    y += args.count
  }
}

/// HRM_SOFTMAX for int8.
func softmax8(_ args: hr_softmax_args) {
  let table = args.table!
  var x = args.x!.of(Int8.self)
  var y = args.y!.of(Int8.self)
  for _ in 0..<args.rows {
    let largest = maximum(x, args.count)
    var sum: UInt64 = 0
    for index in 0..<args.count { sum &+= UInt64(exponential8(table, largest, x[index])) }
    for index in 0..<args.count {
      let share = share(exponential8(table, largest, x[index]), of: sum, unit: 256)
      y[index] = Int8(truncatingIfNeeded: min(share, 255) &- 128)
    }
    x += args.count
    y += args.count
  }
}

/// HRM_SOFTMAX for int16.
func softmax16(_ args: hr_softmax_args) {
  var x = args.x!.of(Int16.self)
  var y = args.y!.of(Int16.self)
  for _ in 0..<args.rows {
    let largest = maximum(x, args.count)
    var sum: UInt64 = 0
    for index in 0..<args.count { sum &+= UInt64(exponential16(args, largest, x[index])) }
    for index in 0..<args.count {
      let share = share(exponential16(args, largest, x[index]), of: sum, unit: 32768)
      y[index] = Int16(truncatingIfNeeded: min(share, 32767))
    }
    x += args.count
    y += args.count
  }
}

@inline(__always)
private func maximum<Element: FixedWidthInteger & SignedInteger>(
  _ x: UnsafePointer<Element>, _ count: Int
) -> Int32 {
  var largest = x[0]
  for index in 0..<count { largest = max(largest, x[index]) }
  return Int32(truncatingIfNeeded: largest)
}

/// `floor(unit * e / sum + 1/2)`. The sum holds 2^23 for the largest element, so it is not zero.
@inline(__always)
private func share(_ e: UInt32, of sum: UInt64, unit: UInt64) -> Int32 {
  let twice = 2 &* unit &* UInt64(e) &+ sum
  return Int32(truncatingIfNeeded: twice.dividedReportingOverflow(by: 2 &* sum).partialValue)
}

/// `exp(-(largest - x) scale)` in Q23.
@inline(__always)
private func exponential8(
  _ table: UnsafePointer<Int32>, _ largest: Int32, _ x: Int8
) -> UInt32 {
  UInt32(bitPattern: table[Int(largest &- Int32(x))])
}

/// The same as the product of a coarse and a fine exponential.
@inline(__always)
private func exponential16(_ args: hr_softmax_args, _ largest: Int32, _ x: Int16) -> UInt32 {
  let distance = largest &- Int32(x)
  let u = min(requantize(distance, args.parameters.multiplier, args.parameters.shift), 0x3ffff)
  let coarse = Int64(args.table![Int(u &>> 9)])
  let fine = Int64(args.table![Int(512 &+ (u & 511))])
  return UInt32(truncatingIfNeeded: (coarse &* fine &+ (1 &<< 22)) &>> 23)
}
