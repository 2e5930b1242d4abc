import CHeadrace

/// HRM_REDUCE for float32; sums are kept in double precision.
@_optimize(size)
@inline(never)
func reduceFloat(_ args: hr_reduce_args) {
  let x = args.x!.of(Float.self)
  let y = args.y!.of(Float.self)
  switch UInt32(bitPattern: args.parameters.function) {
  case HRM_REDUCE_MAX.rawValue:
    reduceExtremum(args) {
      hr_greater_f32x8($0, $1)
    } one: {
      $0 > $1 ? $0 : $1
    }
  case HRM_REDUCE_MIN.rawValue:
    reduceExtremum(args) {
      hr_lesser_f32x8($0, $1)
    } one: {
      $0 < $1 ? $0 : $1
    }
  default:
    let isMean = args.parameters.function == Int32(HRM_REDUCE_MEAN.rawValue)
    let divisor = isMean ? Double(args.elements) : 1
    let sums = args.scratch!.of(Double.self)
    args.forEachBlock { first, count in
      sums.update(repeating: 0, count: count)
      args.forEachRow { offset in
        let row = x + (offset &+ first)
        inEights(count) { index in
          store8(hr_add_f64x8(load8(sums + index), load8(row + index)), sums + index, 8)
        } one: { index in
          sums[index] += Double(row[index])
        }
      }
      for index in 0..<count { y[first &+ index] = Float(sums[index] / divisor) }
    }
  }
}

extension hr_reduce_args {
  /// How many elements become one.
  @inline(__always)
  var elements: Int { extent.0 &* extent.1 &* extent.2 }

  /// Calls `body` with the offset of every row that is reduced.
  @inline(__always)
  func forEachRow(_ body: (Int) -> Void) {
    for i in 0..<extent.0 {
      for j in 0..<extent.1 {
        for k in 0..<extent.2 { body(i &* stride.0 &+ j &* stride.1 &+ k &* stride.2) }
      }
    }
  }

  /// Calls `body` with first index and length of the blocks whose sums fit in scratch.
  @inline(__always)
  func forEachBlock(_ body: (Int, Int) -> Void) {
    let block = Int(HR_REDUCE_SCRATCH) / 8
    var first = 0
    while first < count {
      body(first, min(block, count &- first))
      first &+= block
    }
  }
}

/// The element among all that one `choose` prefers, and of eight at a time the other.
@inline(__always)
private func reduceExtremum(
  _ args: hr_reduce_args, eight: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>,
  one: (Float, Float) -> Float
) {
  let x = args.x!.of(Float.self)
  let y = args.y!.of(Float.self)
  y.update(from: x, count: args.count)
  args.forEachRow { offset in
    let row = x + offset
    inEights(args.count) { index in
      store8(eight(load8(row + index), load8(y + index)), y + index, 8)
    } one: { index in
      y[index] = one(row[index], y[index])
    }
  }
}
