import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct PointwiseNormTests {
  /// Which elements of a row-major tensor are normalised together, and whose gamma each takes.
  private struct Groups {
    var groups: [[Int]]
    var channel: (Int) -> Int

    static func layers(_ dims: [Int], axes: Int) -> Groups {
      let count = dims.suffix(axes).reduce(1, *)
      let rows = dims.reduce(1, *) / count
      return Groups(
        groups: (0..<rows).map { row in (0..<count).map { row * count + $0 } },
        channel: { $0 % count })
    }

    static func channels(_ dims: [Int], groups: Int) -> Groups {
      let size = dims[3] / groups
      var lists = [[Int]](repeating: [], count: dims[0] * groups)
      for index in indices(dims) {
        lists[index[0] * groups + index[3] / size].append(place(index, in: dims))
      }
      return Groups(groups: lists, channel: { $0 % dims[3] })
    }
  }

  private func reference(
    _ x: [Double], _ groups: Groups, _ gamma: [Double], _ beta: [Double], epsilon: Double
  ) -> [Double] {
    var y = x
    for group in groups.groups {
      let mean = group.reduce(0) { $0 + x[$1] } / Double(group.count)
      let variance = group.reduce(0) { $0 + pow(x[$1] - mean, 2) } / Double(group.count)
      for index in group {
        let channel = groups.channel(index)
        y[index] =
          (x[index] - mean) / (variance + epsilon).squareRoot() * gamma[channel] + beta[channel]
      }
    }
    return y
  }

  struct Shape: CustomTestStringConvertible {
    let code: hrm_code
    let dims: [Int]
    let parameter: Int
    var count: Int {
      code == HRM_LAYER_NORM ? dims.suffix(parameter).reduce(1, *) : dims[3]
    }
    var testDescription: String { "code \(code.rawValue) \(dims) \(parameter)" }
  }

  static let shapes = [
    Shape(code: HRM_LAYER_NORM, dims: [5, 33], parameter: 1),
    Shape(code: HRM_LAYER_NORM, dims: [2, 3, 4, 5], parameter: 3),
    Shape(code: HRM_LAYER_NORM, dims: [7, 1], parameter: 1),
    Shape(code: HRM_GROUP_NORM, dims: [1, 6, 5, 8], parameter: 2),
    Shape(code: HRM_GROUP_NORM, dims: [3, 4, 3, 6], parameter: 6),
    Shape(code: HRM_GROUP_NORM, dims: [2, 1, 9, 5], parameter: 1),
  ]

  private func groups(_ shape: Shape) -> Groups {
    shape.code == HRM_LAYER_NORM
      ? .layers(shape.dims, axes: shape.parameter)
      : .channels(shape.dims, groups: shape.parameter)
  }

  private func parameters(_ shape: Shape) -> hrm_norm {
    var parameters = hrm_norm()
    parameters.axes = Int32(shape.code == HRM_LAYER_NORM ? shape.parameter : 0)
    parameters.groups = Int32(shape.code == HRM_GROUP_NORM ? shape.parameter : 0)
    return parameters
  }

  @Test(arguments: shapes) func floatsFollowTheFormula(_ shape: Shape) throws {
    var values = TestValues(seed: 12)
    // A mean far from zero: the variance must not suffer.
    let x = values.floats(shape.dims.reduce(1, *)).map { $0 + 300 }
    let gamma = values.floats(shape.count)
    let beta = values.floats(shape.count)
    var p = parameters(shape)
    p.epsilon = 1e-5
    let y = try runEveryWay(
      shape.code, p,
      [
        .float(shape.dims, x), TestTensor.float([shape.count], gamma).constant,
        TestTensor.float([shape.count], beta).constant,
      ], .float(shape.dims), inPlace: true)
    let truth = reference(
      x.map { Double($0) }, groups(shape), gamma.map { Double($0) }, beta.map { Double($0) },
      epsilon: Double(Float(1e-5)))
    expectClose(y.floats, truth, relative: 1e-6, absolute: 2e-6)
  }

  private func fixed(
    _ p: hrm_norm, gamma: [Double], beta: [Double], epsilon: Double, scaleX: Double,
    scaleY: Double
  ) -> (hrm_norm, TestTensor, TestTensor) {
    var p = p
    let largest = gamma.map { abs($0) }.max()! / scaleY
    p.shift = Int32(29 - Int(floor(log2(largest))) + 16)
    let unit = pow(2, Double(p.shift) - 16) / scaleY
    let bits = Int64((epsilon / (scaleX * scaleX) * 16_777_216).rounded())
    p.epsilon_low = Int32(truncatingIfNeeded: bits)
    p.epsilon_high = Int32(truncatingIfNeeded: bits >> 32)
    return (
      p, TestTensor.int32([gamma.count], gamma.map { Int32(($0 * unit).rounded()) }).constant,
      TestTensor.int32([beta.count], beta.map { Int32(($0 / scaleY * 256).rounded()) }).constant
    )
  }

  @Test(arguments: shapes) func fixedPointIsWithinAStepOfTheRealValue(_ shape: Shape) throws {
    var values = TestValues(seed: 13)
    let count = shape.dims.reduce(1, *)
    let gamma = values.floats(shape.count, range: 1).map { Double($0) + 0.2 }
    let beta = values.floats(shape.count, range: 1).map { Double($0) }
    for (scaleX, scaleY) in [(0.02, 0.03), (1.5, 0.01), (0.001, 0.05)] {
      let x = values.integers(count, Int8.self)
      let (p, g, b) = fixed(
        parameters(shape), gamma: gamma, beta: beta, epsilon: 1e-5, scaleX: scaleX,
        scaleY: scaleY)
      let y = try runEveryWay(
        shape.code, p, [.int8(shape.dims, x, zeroPoint: 17), g, b],
        .int8(shape.dims, zeroPoint: -3), inPlace: true)
      let truth = reference(
        x.map { (Double($0) - 17) * scaleX }, groups(shape), gamma, beta, epsilon: 1e-5)
      for (y, truth) in zip(y.int8s, truth) {
        #expect(abs(Double(y) - min(max(truth / scaleY - 3, -128), 127)) <= 0.52)
      }
    }
    for (scaleX, scaleY) in [(0.0001, 0.0002), (0.01, 0.0005)] {
      let x = values.integers(count, Int16.self)
      let (p, g, b) = fixed(
        parameters(shape), gamma: gamma, beta: beta, epsilon: 1e-5, scaleX: scaleX,
        scaleY: scaleY)
      let y = try runEveryWay(
        shape.code, p, [.int16(shape.dims, x), g, b], .int16(shape.dims), inPlace: true)
      let truth = reference(
        x.map { Double($0) * scaleX }, groups(shape), gamma, beta, epsilon: 1e-5)
      for (y, truth) in zip(y.int16s, truth) {
        #expect(abs(Double(y) - min(max(truth / scaleY, -32768), 32767)) <= 1)
      }
    }
  }

  /// The steps of hrm.h once more, in 128-bit integers and with a square root by bisection.
  private func exact(
    _ x: [Int], _ g: [Int], _ b: [Int], epsilon: Int, shift: Int, zeros: (x: Int, y: Int),
    limits: ClosedRange<Int>
  ) -> [Int] {
    func down(_ a: Int128, _ b: Int128) -> Int128 {
      let quotient = a / b
      return a % b < 0 ? quotient - 1 : quotient
    }
    let v = x.map { Int128($0 - zeros.x) }
    let n = Int128(x.count)
    let sum = v.reduce(0, +)
    let mean = down(sum, n)
    let r = sum - n * mean
    let spread = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let f = down(r << 24, n)
    let d = max(down(spread << 24, n) - ((f * f) >> 24) + Int128(epsilon), 1)
    var h = 0
    while d << Int128(2 * (h + 1)) < Int128(1) << 63 { h += 1 }
    var (low, high): (Int128, Int128) = (0, 1 << 32)
    while high - low > 1 {
      let middle = (low + high) / 2
      if middle * middle <= d << Int128(2 * h) { low = middle } else { high = middle }
    }
    let reciprocal = down(1 << 62, low)
    let a = down((r << 14) + n / 2, n)
    return v.enumerated().map { index, v in
      let q = ((((v - mean) << 14) - a) * reciprocal + (1 << Int128(47 - h))) >> Int128(48 - h)
      let word = Int128(Int32(clamping: q))
      let p = (word * Int128(g[index])) >> Int128(shift - 8)
      let y = Int((p + Int128(b[index]) + 128) >> 8) + zeros.y
      return min(max(y, limits.lowerBound), limits.upperBound)
    }
  }

  @Test func everyBitIsAsTheFormatSays() throws {
    var values = TestValues(seed: 14)
    let extremes: [[Int16]] = [
      values.integers(64, Int16.self), [Int16](repeating: .min, count: 64),
      [.max] + [Int16](repeating: .min, count: 63), [1] + [Int16](repeating: 0, count: 63),
      (0..<64).map { $0 % 2 == 0 ? .min : .max }, (0..<64).map { Int16($0 % 3) },
    ]
    for epsilon in [0, 1, 16_777_216 / 100, 1 << 61] {
      for shift in [8, 30, 62] {
        let g = (0..<64).map { _ in Int32(truncatingIfNeeded: values.next()) }
        let b = (0..<64).map { _ in Int32(truncatingIfNeeded: values.next()) >> 8 }
        var p = hrm_norm()
        p.axes = 1
        p.shift = Int32(shift)
        p.epsilon_low = Int32(truncatingIfNeeded: epsilon)
        p.epsilon_high = Int32(truncatingIfNeeded: epsilon >> 32)
        for x in extremes {
          let y = try runOperator(
            HRM_LAYER_NORM, p,
            [
              .int16([64], x), TestTensor.int32([64], g).constant,
              TestTensor.int32([64], b).constant,
            ],
            .int16([64]))
          let expected = exact(
            x.map { Int($0) }, g.map { Int($0) }, b.map { Int($0) }, epsilon: epsilon,
            shift: shift, zeros: (0, 0), limits: -32768...32767)
          #expect(y.int16s.map { Int($0) } == expected, "epsilon \(epsilon), shift \(shift)")
        }
      }
    }
  }

  @Test func aMillionElementsAreNormalisedTogether() throws {
    var values = TestValues(seed: 15)
    // A thousand rows alike have the mean and variance of one.
    let row = values.integers(1024, Int16.self)
    let dims = [1, 1024, 256, 4]
    let (p, g, b) = fixed(
      parameters(Shape(code: HRM_GROUP_NORM, dims: dims, parameter: 1)),
      gamma: [1, 1, 1, 1], beta: [0, 0, 0, 0], epsilon: 1e-5, scaleX: 0.001, scaleY: 0.001)
    let x = [[Int16]](repeating: row, count: 1024).flatMap { $0 }
    let y = try runOperator(HRM_GROUP_NORM, p, [.int16(dims, x), g, b], .int16(dims)).int16s
    let mean = row.reduce(0) { $0 + Double($1) } / 1024
    let variance = row.reduce(0) { $0 + pow(Double($1) - mean, 2) } / 1024
    for (value, source) in zip(y.suffix(1024), row) {
      #expect(abs(Double(value) - (Double(source) - mean) / variance.squareRoot() * 1000) <= 0.6)
    }
    #expect(y.prefix(1024) == y.suffix(1024))
  }

  @Test func badArgumentsAreRefused() {
    let dims = [1, 2, 2, 4]
    let x = TestTensor.int8(dims, [Int8](repeating: 1, count: 16))
    let four = TestTensor.int32([4], [1, 2, 3, 4]).constant
    var fine = hrm_norm()
    (fine.axes, fine.groups, fine.shift) = (1, 2, 30)
    func refused(_ code: hrm_code, _ change: (inout hrm_norm) -> Void, _ why: Comment) {
      var p = fine
      change(&p)
      expectRefused(code, p, [x, four, four], .int8(dims), why)
    }
    refused(HRM_LAYER_NORM, { $0.axes = 0 }, "axes")
    refused(HRM_LAYER_NORM, { $0.axes = 5 }, "axes")
    refused(HRM_LAYER_NORM, { $0.axes = 2 }, "gamma's size")
    refused(HRM_LAYER_NORM, { $0.shift = 7 }, "shift")
    refused(HRM_LAYER_NORM, { $0.shift = 63 }, "shift")
    refused(HRM_LAYER_NORM, { $0.epsilon_high = -1 }, "epsilon")
    refused(HRM_LAYER_NORM, { $0.epsilon_high = 1 << 30 }, "epsilon")
    refused(HRM_GROUP_NORM, { $0.groups = 0 }, "groups")
    refused(HRM_GROUP_NORM, { $0.groups = 3 }, "groups")
    let floats = TestTensor.float([4], [1, 2, 3, 4])
    expectRefused(HRM_LAYER_NORM, fine, [x, floats, floats], .int8(dims), "gamma's type")
    expectRefused(HRM_GROUP_NORM, fine, [floats, floats, floats], .float([4]), "rank")
    for epsilon: Float in [-1, .nan, .infinity] {
      var p = fine
      p.epsilon = epsilon
      expectRefused(HRM_LAYER_NORM, p, [floats, floats, floats], .float([4]), "epsilon")
    }
  }
}
