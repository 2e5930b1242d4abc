import CHeadrace

/// How a group's elements become normalised ones: `(x - mean) * inverse`. The mean has two parts, so
/// that a mean far from zero does not cost accuracy.
private struct Standardization {
  var mean: Float
  var meanRest: Float
  var inverse: Float

  @inline(__always)
  init(mean: Double, variance: Double, epsilon: Float) {
    self.mean = Float(mean)
    meanRest = Float(mean - Double(self.mean))
    inverse = Float(1 / (variance + Double(epsilon)).squareRoot())
  }

  @inline(__always)
  func callAsFunction(_ x: Float) -> Float { ((x - mean) - meanRest) * inverse }
}

/// HRM_LAYER_NORM for float32; mean and variance in double precision, in two passes.
@_optimize(size)
@inline(never)
func layerNormFloat(_ args: hr_norm_args) {
  let gamma = args.gamma!.of(Float.self)
  let beta = args.beta!.of(Float.self)
  var x = args.x!.of(Float.self)
  var y = args.y!.of(Float.self)
  let count = Double(args.count)
  for _ in 0..<args.rows {
    var sum = 0.0
    for index in 0..<args.count { sum += Double(x[index]) }
    let mean = sum / count
    var squares = 0.0
    for index in 0..<args.count {
      let difference = Double(x[index]) - mean
      squares += difference * difference
    }
    let standardize = Standardization(
      mean: mean, variance: squares / count, epsilon: args.parameters.epsilon)
    inEights(args.count) { index in
      let centred = load8(x + index) - standardize.mean - standardize.meanRest
      let standardized = centred * standardize.inverse
      store8(standardized * load8(gamma + index) + load8(beta + index), y + index, 8)
    } one: { index in
      y[index] = standardize(x[index]) * gamma[index] + beta[index]
    }
    x += args.count
    y += args.count
  }
}

/// HRM_GROUP_NORM for float32. Walks memory row by row; sums stand in scratch, one a channel.
@_optimize(size)
@inline(never)
func groupNormFloat(_ args: hr_norm_args) {
  let gamma = args.gamma!.of(Float.self)
  let beta = args.beta!.of(Float.self)
  let x = args.x!.of(Float.self)
  let y = args.y!.of(Float.self)
  let sums = args.scratch!.of(Double.self)
  let means = sums + args.count
  let mean = UnsafeMutableRawPointer(means + args.count).of(Float.self)
  let meanRest = mean + args.count
  let inverse = meanRest + args.count
  let count = Double(args.rows) * Double(args.group)

  sums.update(repeating: 0, count: args.count)
  for row in 0..<args.rows {
    let x = x + row &* args.channels
    inEights(args.count) { channel in
      store8(hr_add_f64x8(load8(sums + channel), load8(x + channel)), sums + channel, 8)
    } one: { channel in
      sums[channel] += Double(x[channel])
    }
  }
  args.forEachGroup { first in
    let mean = total(sums + first, args.group) / count
    (means + first).update(repeating: mean, count: args.group)
  }

  sums.update(repeating: 0, count: args.count)
  for row in 0..<args.rows {
    let x = x + row &* args.channels
    inEights(args.count) { channel in
      let squares = hr_add_squares_f64x8(
        load8(sums + channel), load8(x + channel), load8(means + channel))
      store8(squares, sums + channel, 8)
    } one: { channel in
      let difference = Double(x[channel]) - means[channel]
      sums[channel] += difference * difference
    }
  }
  args.forEachGroup { first in
    let group = Standardization(
      mean: means[first], variance: total(sums + first, args.group) / count,
      epsilon: args.parameters.epsilon)
    (mean + first).update(repeating: group.mean, count: args.group)
    (meanRest + first).update(repeating: group.meanRest, count: args.group)
    (inverse + first).update(repeating: group.inverse, count: args.group)
  }

  for row in 0..<args.rows {
    let x = x + row &* args.channels
    let y = y + row &* args.channels
    inEights(args.count) { channel in
      let x = load8(x + channel)
      let centred = x - load8(mean + channel) - load8(meanRest + channel)
      let standardized = centred * load8(inverse + channel)
      store8(standardized * load8(gamma + channel) + load8(beta + channel), y + channel, 8)
    } one: { channel in
      let centred = x[channel] - mean[channel] - meanRest[channel]
      y[channel] = centred * inverse[channel] * gamma[channel] + beta[channel]
    }
  }
}

extension hr_norm_args {
  /// Calls `body` with the first channel of every group.
  @inline(__always)
  func forEachGroup(_ body: (Int) -> Void) {
    var first = 0
    while first < count {
      body(first)
      first &+= group
    }
  }
}

@inline(__always)
private func total(_ values: UnsafePointer<Double>, _ count: Int) -> Double {
  var sum = 0.0
  for index in 0..<count { sum += values[index] }
  return sum
}
