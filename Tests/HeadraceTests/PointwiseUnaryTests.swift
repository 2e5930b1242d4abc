import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct PointwiseUnaryTests {
  struct Case: CustomTestStringConvertible {
    let function: hrm_function
    var a: Float = 0
    var b: Float = 0
    var positive = false
    let reference: @Sendable (Double) -> Double
    var testDescription: String { "function \(function.rawValue)" }
  }

  static let cases: [Case] = [
    Case(function: HRM_CLAMP, a: 0, b: 6) { min(max($0, 0), 6) },
    Case(function: HRM_CLAMP, a: 0, b: .infinity) { max($0, 0) },
    Case(function: HRM_LEAKY_RELU, a: 0.1) { $0 < 0 ? Double(Float(0.1)) * $0 : $0 },
    Case(function: HRM_ELU, a: 1.5) { $0 < 0 ? 1.5 * expm1($0) : $0 },
    Case(function: HRM_SELU, a: 1.6732632, b: 1.050701) {
      Double(Float(1.050701)) * ($0 < 0 ? Double(Float(1.6732632)) * expm1($0) : $0)
    },
    Case(function: HRM_SIGMOID) { 1 / (1 + exp(-$0)) },
    Case(function: HRM_TANH) { tanh($0) },
    Case(function: HRM_HARD_SIGMOID, a: 0.25, b: 0.5) { min(max(0.25 * $0 + 0.5, 0), 1) },
    Case(function: HRM_HARD_SWISH) { $0 * min(max($0 / 6 + 0.5, 0), 1) },
    Case(function: HRM_GELU) { $0 / 2 * erfc(-$0 / 2.0.squareRoot()) },
    Case(function: HRM_GELU_TANH) {
      $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
    },
    Case(function: HRM_SQRT, positive: true) { $0.squareRoot() },
    Case(function: HRM_EXP) { exp($0) },
    Case(function: HRM_LOG, positive: true) { log($0) },
    Case(function: HRM_ABS) { abs($0) },
    Case(function: HRM_NEG) { -$0 },
    Case(function: HRM_RECIPROCAL) { 1 / $0 },
    Case(function: HRM_SOFTPLUS) { log1p(exp($0)) },
    Case(function: HRM_ERF) { erf($0) },
    Case(function: HRM_SWISH) { $0 / (1 + exp(-$0)) },
    Case(function: HRM_POWER, a: 2) { $0 * $0 },
    Case(function: HRM_POWER, a: 3) { $0 * $0 * $0 },
    Case(function: HRM_POWER, a: 0.75, positive: true) { pow($0, 0.75) },
    Case(function: HRM_FLOOR) { $0.rounded(.down) },
    Case(function: HRM_CEIL) { $0.rounded(.up) },
    Case(function: HRM_ROUND) { $0.rounded(.toNearestOrEven) },
    Case(function: HRM_SIN) { sin($0) },
    Case(function: HRM_COS) { cos($0) },
    Case(function: HRM_AFFINE, a: 1.25, b: -3) { 1.25 * $0 - 3 },
    Case(function: HRM_SOFTSIGN) { $0 / (1 + abs($0)) },
  ]

  @Test(arguments: cases) func aFunctionIsAsAccurateAsItsDoublePrecisionReference(
    _ test: Case
  ) throws {
    var values = TestValues(seed: 1)
    var x = values.floats(59, range: 8) + [0.5, 1.5, -0.5, -2.5, 1e-6, -1e-6, 0, -0.0]
    if test.positive { x = x.map { abs($0) } }
    let parameters = hrm_unary(function: Int32(test.function.rawValue), a: test.a, b: test.b)
    let dims = [1, x.count]
    let y = try runEveryWay(
      HRM_UNARY, parameters, [.float(dims, x)], .float(dims), inPlace: true)
    expectClose(y.floats, x.map { test.reference(Double($0)) }, relative: 2e-6)
  }

  @Test(arguments: cases) func noFunctionStopsAtExtremeValues(_ test: Case) throws {
    let x: [Float] = [
      .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNonzeroMagnitude, -120, 120,
    ]
    let parameters = hrm_unary(function: Int32(test.function.rawValue), a: test.a, b: test.b)
    let y = try runOperator(HRM_UNARY, parameters, [.float([8], x)], .float([8]))
    #expect(y.floats[0].isNaN)
  }

  @Test func saturatingFunctionsReachTheirLimits() throws {
    let x: [Float] = [-.infinity, -200, 200, .infinity]
    func limits(_ function: hrm_function) throws -> [Float] {
      let parameters = hrm_unary(function: Int32(function.rawValue), a: 1, b: 0)
      return try runOperator(HRM_UNARY, parameters, [.float([4], x)], .float([4])).floats
    }
    #expect(try limits(HRM_SIGMOID) == [0, 0, 1, 1])
    #expect(try limits(HRM_SWISH) == [0, 0, 200, .infinity])
    #expect(try limits(HRM_GELU) == [0, 0, 200, .infinity])
    #expect(try limits(HRM_GELU_TANH) == [0, 0, 200, .infinity])
    #expect(try limits(HRM_SOFTPLUS) == [0, 0, 200, .infinity])
    #expect(try limits(HRM_ELU) == [-1, -1, 200, .infinity])
  }

  @Test func badArgumentsAreRefused() {
    let relu = hrm_unary(function: Int32(HRM_CLAMP.rawValue), a: 0, b: 1)
    let x = TestTensor.float([2, 3], [1, 2, 3, 4, 5, 6])
    for function: Int32 in [0, -1, Int32(HRM_FUNCTION_COUNT), .max] {
      expectRefused(HRM_UNARY, hrm_unary(function: function, a: 0, b: 0), [x], .float([2, 3]))
    }
    expectRefused(HRM_UNARY, relu, [x], .float([3, 2]), "shape")
    expectRefused(HRM_UNARY, relu, [x, x], .float([2, 3]), "too many inputs")
    expectRefused(HRM_UNARY, relu, [], .float([2, 3]), "too few inputs")
    expectRefused(HRM_UNARY, relu, [nil], .float([2, 3]), "an absent input")
    expectRefused(
      HRM_UNARY, relu, [.int8([2], [1, 2])], .int8([2]), "fixed point is for tables")
    expectRefused(HRM_UNARY, relu, [.int8([6], [1, 2, 3, 4, 5, 6])], .float([6]), "types")
  }

  @Test func largeWorkIsSplitAndSmallWorkIsNot() throws {
    func parts(_ count: Int) throws -> Int {
      var builder = ModelBuilder()
      let x = builder.tensor(HRM_FLOAT32, [count])
      let y = builder.tensor(HRM_FLOAT32, [count])
      builder.add(
        HRM_UNARY, hrm_unary(function: Int32(HRM_ABS.rawValue), a: 0, b: 0), inputs: [x],
        outputs: [y])
      let file = AlignedBytes(builder.file())
      return Operators.parts(ModelView(base: file.base)[operator: 0], threads: 4)
    }
    #expect(try parts(1000) == 1)
    #expect(try parts(70_000) == 2)
    #expect(try parts(1_000_000) == 4)
  }
}
