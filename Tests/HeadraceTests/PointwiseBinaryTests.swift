import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct PointwiseBinaryTests {
  struct Shapes: CustomTestStringConvertible {
    let a: [Int]
    let b: [Int]
    var y: [Int] { zip(a, b).map { max($0, $1) } }
    var testDescription: String { "\(a) and \(b)" }
  }

  static let shapes = [
    Shapes(a: [2, 3, 5, 7], b: [2, 3, 5, 7]),
    Shapes(a: [2, 3, 5, 7], b: [1, 1, 1, 7]),
    Shapes(a: [1, 1, 1, 7], b: [2, 3, 5, 7]),
    Shapes(a: [2, 3, 5, 7], b: [1, 1, 1, 1]),
    Shapes(a: [1], b: [19]),
    Shapes(a: [2, 3, 5, 7], b: [2, 1, 1, 7]),
    Shapes(a: [2, 3, 5, 7], b: [2, 3, 5, 1]),
    Shapes(a: [2, 1, 5, 1], b: [1, 3, 1, 7]),
    Shapes(a: [1, 3, 1, 2, 1, 3], b: [2, 1, 3, 1, 2, 1]),
    Shapes(a: [1, 1], b: [1, 1]),
    Shapes(a: [4, 1, 6], b: [4, 5, 6]),
  ]

  private func pairs<T>(_ shapes: Shapes, _ a: [T], _ b: [T]) -> [(T, T)] {
    indices(shapes.y).map { (a[place($0, in: shapes.a)], b[place($0, in: shapes.b)]) }
  }

  private func parameters(_ function: hrm_binary_function) -> hrm_binary {
    var parameters = hrm_binary()
    parameters.function = Int32(function.rawValue)
    parameters.clamp_min = Int32(bitPattern: (-Float.infinity).bitPattern)
    parameters.clamp_max = Int32(bitPattern: Float.infinity.bitPattern)
    return parameters
  }

  @Test(arguments: shapes) func floatsSpreadOverTheOutput(_ shapes: Shapes) throws {
    var values = TestValues(seed: 6)
    let a = values.floats(shapes.a.reduce(1, *)).map { abs($0) + 0.1 }
    let b = values.floats(shapes.b.reduce(1, *))
    let functions: [(hrm_binary_function, (Double, Double) -> Double)] = [
      (HRM_ADD, { $0 + $1 }), (HRM_SUB, { $0 - $1 }), (HRM_MUL, { $0 * $1 }),
      (HRM_DIV, { $0 / $1 }), (HRM_MIN, { min($0, $1) }), (HRM_MAX, { max($0, $1) }),
      (HRM_POW, { pow($0, $1) }), (HRM_SQUARED_DIFFERENCE, { ($0 - $1) * ($0 - $1) }),
    ]
    let canBeInPlace = shapes.y == shapes.a || shapes.y == shapes.b
    for (function, reference) in functions {
      let y = try runEveryWay(
        HRM_BINARY, parameters(function), [.float(shapes.a, a), .float(shapes.b, b)],
        .float(shapes.y), inPlace: canBeInPlace)
      expectClose(
        y.floats, pairs(shapes, a, b).map { reference(Double($0), Double($1)) }, relative: 1e-6,
        absolute: 1e-6)
    }
  }

  @Test func theClampIsTheFusedActivation() throws {
    var relu6 = parameters(HRM_ADD)
    relu6.clamp_min = Int32(bitPattern: Float(0).bitPattern)
    relu6.clamp_max = Int32(bitPattern: Float(6).bitPattern)
    let y = try runOperator(
      HRM_BINARY, relu6, [.float([4], [-3, 1, 5, .nan]), .float([4], [1, 1, 5, 1])], .float([4]))
    #expect(y.floats[0..<3] == [0, 2, 6])
    #expect(y.floats[3].isNaN)
  }

  /// Every step as hrm.h states it, in unbounded integers with the stated saturation.
  private func exact<T: FixedWidthInteger>(
    _ p: hrm_binary, _ a: T, _ b: T, _ zeros: (a: Int, b: Int, y: Int)
  ) -> T {
    let (u, v) = (Int(a) - zeros.a, Int(b) - zeros.b)
    func word(_ value: Int) -> Int { Int(Int32(clamping: value)) }
    func requantized(_ value: Int, _ m: Int32, _ t: Int32) -> Int {
      word(exactRequantize(value, m, t))
    }
    let result: Int
    switch hrm_binary_function(rawValue: UInt32(p.function)) {
    case HRM_ADD, HRM_SUB:
      let left = requantized(u << Int(p.left_shift), p.multiplier_a, p.shift_a)
      let right = requantized(v << Int(p.left_shift), p.multiplier_b, p.shift_b)
      let sum = p.function == Int32(HRM_ADD.rawValue) ? left + right : left - right
      result = requantized(word(sum), p.multiplier, p.shift)
    case HRM_MUL: result = requantized(u * v, p.multiplier, p.shift)
    case HRM_DIV:
      let ratio = Double(u << 15) / Double(v == 0 ? 1 : v)
      result = requantized(Int(ratio.rounded(.toNearestOrAwayFromZero)), p.multiplier, p.shift)
    case HRM_MIN:
      result = min(
        requantized(u, p.multiplier_a, p.shift_a), requantized(v, p.multiplier_b, p.shift_b))
    default:
      result = max(
        requantized(u, p.multiplier_a, p.shift_a), requantized(v, p.multiplier_b, p.shift_b))
    }
    return T(min(max(result + zeros.y, Int(p.clamp_min)), Int(p.clamp_max)))
  }

  private func fixedParameters(
    _ function: hrm_binary_function, isInt8: Bool, values: inout TestValues
  ) -> hrm_binary {
    var p = hrm_binary()
    p.function = Int32(function.rawValue)
    p.left_shift = isInt8 ? 20 : 15
    p.multiplier_a = Int32(values.integer(1 << 30...Int(Int32.max)))
    p.multiplier_b = Int32(values.integer(1 << 30...Int(Int32.max)))
    p.multiplier = Int32(values.integer(1 << 30...Int(Int32.max)))
    p.shift_a = Int32(values.integer(30...33))
    p.shift_b = Int32(values.integer(30...33))
    switch function {
    case HRM_MUL: p.shift = isInt8 ? 37 : 45
    case HRM_DIV: p.shift = isInt8 ? 40 : 33
    default: p.shift = p.left_shift + 31
    }
    p.clamp_min = isInt8 ? -120 : -32000
    p.clamp_max = isInt8 ? 125 : 32767
    return p
  }

  @Test(arguments: shapes) func fixedPointIsExact(_ shapes: Shapes) throws {
    var values = TestValues(seed: 7)
    let counts = (shapes.a.reduce(1, *), shapes.b.reduce(1, *))
    let canBeInPlace = shapes.y == shapes.a || shapes.y == shapes.b
    for function in [HRM_ADD, HRM_SUB, HRM_MUL, HRM_DIV, HRM_MIN, HRM_MAX] {
      let p8 = fixedParameters(function, isInt8: true, values: &values)
      let (a8, b8) = (values.integers(counts.0, Int8.self), values.integers(counts.1, Int8.self))
      let zeros = (a: -128, b: 9, y: -5)
      let y8 = try runEveryWay(
        HRM_BINARY, p8,
        [.int8(shapes.a, a8, zeroPoint: -128), .int8(shapes.b, b8, zeroPoint: 9)],
        .int8(shapes.y, zeroPoint: -5), inPlace: canBeInPlace)
      #expect(y8.int8s == pairs(shapes, a8, b8).map { exact(p8, $0, $1, zeros) })

      let p16 = fixedParameters(function, isInt8: false, values: &values)
      let a16 = values.integers(counts.0, Int16.self)
      let b16 = values.integers(counts.1, Int16.self)
      let y16 = try runEveryWay(
        HRM_BINARY, p16, [.int16(shapes.a, a16), .int16(shapes.b, b16)], .int16(shapes.y),
        inPlace: canBeInPlace)
      #expect(y16.int16s == pairs(shapes, a16, b16).map { exact(p16, $0, $1, (0, 0, 0)) })
    }
  }

  /// A multiplier and shift may be anything in range, also one whose product saturates.
  @Test func extremeScalesSaturate() throws {
    var p = hrm_binary()
    (p.multiplier, p.multiplier_a, p.multiplier_b) = (.max, .max, .max)
    (p.shift, p.shift_a, p.shift_b) = (1, 1, 1)
    (p.clamp_min, p.clamp_max) = (-32768, 32767)
    p.left_shift = 15
    let a: [Int16] = [.min, .max, 0, 1]
    let b: [Int16] = [.min, .min, 0, -1]
    for function in [HRM_ADD, HRM_SUB, HRM_MUL, HRM_DIV, HRM_MIN, HRM_MAX] {
      p.function = Int32(function.rawValue)
      let y = try runOperator(HRM_BINARY, p, [.int16([4], a), .int16([4], b)], .int16([4]))
      #expect(y.int16s == zip(a, b).map { exact(p, $0, $1, (0, 0, 0)) })
    }
  }

  @Test func badArgumentsAreRefused() {
    let add = parameters(HRM_ADD)
    let a = TestTensor.float([2, 3], [Float](repeating: 1, count: 6))
    expectRefused(HRM_BINARY, add, [a, .float([3], [1, 2, 3])], .float([2, 3]), "rank")
    expectRefused(HRM_BINARY, add, [a, .float([1, 2], [1, 2])], .float([2, 3]), "shape")
    expectRefused(HRM_BINARY, add, [a, a], .float([2, 1]), "output's shape")
    expectRefused(HRM_BINARY, add, [a, .int8([1, 1], [1])], .float([2, 3]), "types")
    expectRefused(HRM_BINARY, add, [a, nil], .float([2, 3]), "an absent operand")
    expectRefused(HRM_BINARY, hrm_binary(), [a, a], .float([2, 3]), "function 0")
    var values = TestValues(seed: 8)
    let fine = fixedParameters(HRM_ADD, isInt8: true, values: &values)
    let x = TestTensor.int8([2], [1, 2])
    func refused(_ change: (inout hrm_binary) -> Void, _ why: Comment) {
      var p = fine
      change(&p)
      expectRefused(HRM_BINARY, p, [x, x], .int8([2]), why)
    }
    refused({ $0.function = Int32(HRM_POW.rawValue) }, "no fixed-point power")
    refused({ $0.multiplier = -1 }, "multiplier")
    refused({ $0.multiplier_a = .min }, "multiplier of a")
    refused({ $0.shift_b = 63 }, "shift of b")
    refused({ $0.shift = 0 }, "shift")
    refused({ $0.left_shift = 21 }, "left shift")
    refused({ $0.left_shift = -1 }, "left shift")
    refused({ $0.clamp_max = 128 }, "clamp beyond the type")
    refused({ $0.clamp_min = 126 }, "clamp upside down")
    expectRefused(HRM_BINARY, fine, [x, .int8([2], [1, 2], zeroPoint: 128)], .int8([2]))
  }
}
