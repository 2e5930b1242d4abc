import CHeadrace
import Testing

@testable import Headrace

@Suite struct ShapePadTests {
  struct Case: CustomTestStringConvertible {
    let x: [Int]
    let before: [Int]
    let after: [Int]
    var y: [Int] { x.indices.map { x[$0] + before[$0] + after[$0] } }
    var testDescription: String { "\(x) with \(before) before and \(after) after" }
  }

  static let cases = [
    Case(x: [1, 4, 5, 3], before: [0, 1, 2, 0], after: [0, 2, 1, 0]),
    Case(x: [2, 3, 4, 5], before: [1, 2, 0, 1], after: [0, 0, 3, 2]),
    Case(x: [9], before: [3], after: [8]),
    Case(x: [2, 3], before: [0, 0], after: [0, 0]),
    Case(x: [3, 2, 2, 2, 2, 3], before: [2, 1, 1, 1, 1, 2], after: [1, 1, 0, 1, 0, 2]),
  ]

  private func parameters(_ mode: hrm_pad_mode, _ before: [Int], value: Int32 = 0) -> hrm_pad {
    let b = before.map { Int32($0) } + [Int32](repeating: 0, count: 6 - before.count)
    return hrm_pad(
      mode: Int32(mode.rawValue), value: value, before: (b[0], b[1], b[2], b[3], b[4], b[5]))
  }

  /// Where along an axis of `extent` elements position `index` looks; nil: at the constant.
  private func source(_ mode: hrm_pad_mode, _ index: Int, _ extent: Int) -> Int? {
    switch mode {
    case HRM_PAD_CONSTANT: return (0..<extent).contains(index) ? index : nil
    case HRM_PAD_EDGE: return min(max(index, 0), extent - 1)
    default:
      var index = index
      while !(0..<extent).contains(index) {
        index = index < 0 ? -index : 2 * (extent - 1) - index
      }
      return index
    }
  }

  @Test(arguments: cases) func everyModeFillsTheBorder(_ test: Case) throws {
    let count = test.x.reduce(1, *)
    for mode in [HRM_PAD_CONSTANT, HRM_PAD_REFLECT, HRM_PAD_EDGE] {
      if mode == HRM_PAD_REFLECT,
        test.x.indices.contains(where: { max(test.before[$0], test.after[$0]) >= test.x[$0] })
      {
        continue
      }
      let sources = indices(test.y).map { index -> Int? in
        var place = 0
        for axis in test.x.indices {
          guard let from = source(mode, index[axis] - test.before[axis], test.x[axis]) else {
            return nil
          }
          place = place * test.x[axis] + from
        }
        return place
      }
      let floats = (0..<count).map { Float($0) }
      let value: Float = -7.5
      let y = try runEveryWay(
        HRM_PAD, parameters(mode, test.before, value: Int32(bitPattern: value.bitPattern)),
        [.float(test.x, floats)], .float(test.y))
      #expect(y.floats == sources.map { $0.map { floats[$0] } ?? value })
      let words = (0..<count).map { Int16($0) }
      let y16 = try runEveryWay(
        HRM_PAD, parameters(mode, test.before, value: -300), [.int16(test.x, words)],
        .int16(test.y))
      #expect(y16.int16s == sources.map { $0.map { words[$0] } ?? -300 })
      let bytes = (0..<count).map { Int8(truncatingIfNeeded: $0) }
      let y8 = try runEveryWay(
        HRM_PAD, parameters(mode, test.before, value: -128), [.int8(test.x, bytes)],
        .int8(test.y))
      #expect(y8.int8s == sources.map { $0.map { bytes[$0] } ?? -128 })
    }
  }

  @Test func badPaddingIsRefused() {
    let x = TestTensor.int8([3], [1, 2, 3])
    let y = TestTensor.int8([6])
    expectRefused(HRM_PAD, parameters(HRM_PAD_CONSTANT, [-1]), [x], y, "before below zero")
    expectRefused(HRM_PAD, parameters(HRM_PAD_CONSTANT, [4]), [x], y, "after below zero")
    expectRefused(HRM_PAD, parameters(HRM_PAD_CONSTANT, [Int(Int32.max)]), [x], y)
    expectRefused(HRM_PAD, parameters(HRM_PAD_REFLECT, [3]), [x], y, "reflection before")
    expectRefused(HRM_PAD, parameters(HRM_PAD_REFLECT, [0]), [x], y, "reflection after")
    expectRefused(HRM_PAD, parameters(HRM_PAD_CONSTANT, [1], value: 128), [x], y, "value")
    expectRefused(HRM_PAD, hrm_pad(), [x], y, "mode 0")
    expectRefused(HRM_PAD, parameters(hrm_pad_mode(4), [1]), [x], y, "mode 4")
    expectRefused(HRM_PAD, parameters(HRM_PAD_EDGE, [1]), [x], .int8([3, 2]), "rank")
  }
}
