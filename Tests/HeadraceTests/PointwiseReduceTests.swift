import CHeadrace
import Testing

@testable import Headrace

@Suite struct PointwiseReduceTests {
  struct Case: CustomTestStringConvertible {
    let dims: [Int]
    let axes: [Int]
    var y: [Int] { dims.enumerated().map { axes.contains($0) ? 1 : $1 } }
    var mask: Int32 { axes.reduce(0) { $0 | 1 << Int32($1) } }
    var testDescription: String { "\(dims) over \(axes)" }
  }

  static let cases = [
    Case(dims: [1, 5, 7, 9], axes: [1, 2]),
    Case(dims: [2, 5, 7, 3], axes: [3]),
    Case(dims: [2, 5, 7, 3], axes: [0, 1, 2, 3]),
    Case(dims: [3, 4, 5], axes: [1]),
    Case(dims: [3, 4, 5], axes: [0, 2]),
    Case(dims: [2, 3, 2, 3, 2, 3], axes: [0, 2, 4]),
    Case(dims: [2, 3, 2, 3, 2, 3], axes: [1, 3, 5]),
    Case(dims: [17], axes: [0]),
    Case(dims: [1], axes: [0]),
    Case(dims: [3, 300], axes: [0]),
    Case(dims: [2, 1, 3], axes: [1]),
  ]

  /// The elements of x that each element of y is made of.
  private func groups<T>(_ test: Case, _ x: [T]) -> [[T]] {
    var groups = [[T]](repeating: [], count: test.y.reduce(1, *))
    for index in indices(test.dims) {
      groups[place(index, in: test.y)].append(x[place(index, in: test.dims)])
    }
    return groups
  }

  @Test(arguments: cases) func floatsAreReduced(_ test: Case) throws {
    var values = TestValues(seed: 16)
    let x = values.floats(test.dims.reduce(1, *))
    let references: [(hrm_reduction, ([Double]) -> Double)] = [
      (HRM_REDUCE_MEAN, { $0.reduce(0, +) / Double($0.count) }),
      (HRM_REDUCE_SUM, { $0.reduce(0, +) }),
      (HRM_REDUCE_MAX, { $0.max()! }), (HRM_REDUCE_MIN, { $0.min()! }),
    ]
    for (function, reference) in references {
      let parameters = hrm_reduce(
        function: Int32(function.rawValue), axes: test.mask, multiplier: 0, shift: 0)
      let y = try runEveryWay(
        HRM_REDUCE, parameters, [.float(test.dims, x)], .float(test.y))
      expectClose(y.floats, groups(test, x).map { reference($0.map { Double($0) }) })
    }
  }

  @Test(arguments: cases) func fixedPointIsExact(_ test: Case) throws {
    var values = TestValues(seed: 17)
    let count = test.dims.reduce(1, *)
    let x8 = values.integers(count, Int8.self)
    let x16 = values.integers(count, Int16.self)
    for function in [HRM_REDUCE_MEAN, HRM_REDUCE_SUM, HRM_REDUCE_MAX, HRM_REDUCE_MIN] {
      let parameters = hrm_reduce(
        function: Int32(function.rawValue), axes: test.mask, multiplier: 1_987_654_321, shift: 33)
      func reduced(_ group: [Int], zeroX: Int, zeroY: Int) -> Int {
        switch function {
        case HRM_REDUCE_MAX: group.max()!
        case HRM_REDUCE_MIN: group.min()!
        default:
          exactRequantize(group.reduce(0) { $0 + $1 - zeroX }, 1_987_654_321, 33) + zeroY
        }
      }
      let y8 = try runEveryWay(
        HRM_REDUCE, parameters, [.int8(test.dims, x8, zeroPoint: -9)],
        .int8(test.y, zeroPoint: 30))
      #expect(
        y8.int8s
          == groups(test, x8).map {
            saturated(reduced($0.map { Int($0) }, zeroX: -9, zeroY: 30), Int8.self)
          })
      let y16 = try runEveryWay(
        HRM_REDUCE, parameters, [.int16(test.dims, x16)], .int16(test.y))
      #expect(
        y16.int16s
          == groups(test, x16).map {
            saturated(reduced($0.map { Int($0) }, zeroX: 0, zeroY: 0), Int16.self)
          })
    }
  }

  @Test(arguments: [(Int32.max, Int32(16)), (.max, 62), (1 << 30, 50), (0, 16)])
  func sumsBeyond32BitsAreExact(multiplier: Int32, shift: Int32) throws {
    for value: Int16 in [.min, .max, 12345] {
      let x = [Int16](repeating: value, count: 300_000)
      let parameters = hrm_reduce(
        function: Int32(HRM_REDUCE_SUM.rawValue), axes: 1, multiplier: multiplier, shift: shift)
      let y = try runOperator(HRM_REDUCE, parameters, [.int16([300_000], x)], .int16([1]))
      let exact = exactRequantize(300_000 * Int(value), multiplier, shift)
      #expect(y.int16s == [saturated(exact, Int16.self)])
    }
  }

  @Test func badArgumentsAreRefused() {
    let x = TestTensor.int8([2, 3], [1, 2, 3, 4, 5, 6])
    func parameters(
      _ function: Int32 = 1, axes: Int32 = 2, multiplier: Int32 = 1, shift: Int32 = 16
    ) -> hrm_reduce {
      hrm_reduce(function: function, axes: axes, multiplier: multiplier, shift: shift)
    }
    let y = TestTensor.int8([2, 1])
    expectRefused(HRM_REDUCE, parameters(0), [x], y, "function")
    expectRefused(HRM_REDUCE, parameters(5), [x], y, "function")
    expectRefused(HRM_REDUCE, parameters(axes: 0), [x], .int8([2, 3]), "no axes")
    expectRefused(HRM_REDUCE, parameters(axes: 6), [x], y, "axes beyond the rank")
    expectRefused(HRM_REDUCE, parameters(axes: -1), [x], y, "axes")
    expectRefused(HRM_REDUCE, parameters(axes: 1), [x], y, "shape")
    expectRefused(HRM_REDUCE, parameters(), [x], .int8([2]), "rank")
    expectRefused(HRM_REDUCE, parameters(shift: 15), [x], y, "shift")
    expectRefused(HRM_REDUCE, parameters(shift: 63), [x], y, "shift")
    expectRefused(HRM_REDUCE, parameters(multiplier: -1), [x], y, "multiplier")
  }
}
