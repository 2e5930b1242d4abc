import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct PointwiseSoftmaxTests {
  private func softmax(_ x: [Double]) -> [Double] {
    let exponentials = x.map { exp($0 - x.max()!) }
    return exponentials.map { $0 / exponentials.reduce(0, +) }
  }

  private func rows<T>(_ x: [T], _ count: Int) -> [[T]] {
    stride(from: 0, to: x.count, by: count).map { Array(x[$0..<$0 + count]) }
  }

  @Test(arguments: [1, 2, 17, 100]) func floatRowsSumToOne(_ count: Int) throws {
    var values = TestValues(seed: 9)
    let x = values.floats(5 * count, range: 30)
    let y = try runEveryWay(
      HRM_SOFTMAX, hrm_softmax(), [.float([5, count], x)], .float([5, count]), inPlace: true)
    expectClose(
      y.floats, rows(x, count).flatMap { softmax($0.map { Double($0) }) }, relative: 2e-6)
  }

  static func table8(scale: Double) -> TestTensor {
    TestTensor.int32(
      [256], (0..<256).map { Int32((8_388_608 * exp(-Double($0) * scale)).rounded()) }
    )
    .constant
  }

  static var table16: TestTensor {
    let coarse = (0..<512).map { Int32((8_388_608 * exp(-Double($0) / 32)).rounded()) }
    let fine = (0..<512).map { Int32((8_388_608 * exp(-Double($0) / 16384)).rounded()) }
    return TestTensor.int32([1024], coarse + fine).constant
  }

  @Test(arguments: [1, 3, 42, 1000]) func int8IsWithinOneStepOfTheRealValue(_ count: Int) throws {
    var values = TestValues(seed: 10)
    let x = values.integers(3 * count, Int8.self)
    let scale = 0.03
    let y = try runEveryWay(
      HRM_SOFTMAX, hrm_softmax(),
      [.int8([3, count], x, zeroPoint: 4), Self.table8(scale: scale)],
      .int8([3, count], scale: 1 / 256, zeroPoint: -128), inPlace: true)
    let truth = rows(x, count).flatMap { softmax($0.map { Double($0) * scale }) }
    for (y, truth) in zip(y.int8s, truth) {
      #expect(abs(Double(y) - min(truth * 256 - 128, 127)) <= 0.51)
    }
  }

  @Test(arguments: [1e-4, 1e-3, 0.01])
  func int16IsWithinOneStepOfTheRealValue(_ scale: Double) throws {
    var values = TestValues(seed: 11)
    let x = values.integers(4 * 33, Int16.self)
    let (multiplier, shift) = fixedMultiplier(scale * 16384)
    let y = try runEveryWay(
      HRM_SOFTMAX, hrm_softmax(multiplier: multiplier, shift: shift),
      [.int16([4, 33], x), Self.table16], .int16([4, 33], scale: 1 / 32768), inPlace: true)
    let truth = rows(x, 33).flatMap { softmax($0.map { Double($0) * scale }) }
    for (y, truth) in zip(y.int16s, truth) {
      #expect(abs(Double(y) - min(truth * 32768, 32767)) <= 1)
    }
  }

  @Test func badArgumentsAreRefused() {
    let x = TestTensor.int8([2], [1, 2])
    let fine = hrm_softmax(multiplier: 1, shift: 1)
    func table(_ change: (inout [Int32]) -> Void) -> TestTensor {
      var entries = [Int32](repeating: 1, count: 256)
      entries[0] = 1 << 23
      change(&entries)
      return TestTensor.int32([entries.count], entries).constant
    }
    expectRefused(HRM_SOFTMAX, fine, [x], .int8([2]), "no table")
    expectRefused(HRM_SOFTMAX, fine, [x, table { $0[0] = 0 }], .int8([2]), "a sum of zero")
    expectRefused(HRM_SOFTMAX, fine, [x, table { $0[9] = -1 }], .int8([2]), "negative")
    expectRefused(HRM_SOFTMAX, fine, [x, table { $0[9] = 1 << 24 }], .int8([2]), "too large")
    expectRefused(HRM_SOFTMAX, fine, [x, table { $0.removeLast() }], .int8([2]), "too short")
    let y = TestTensor.int16([2])
    expectRefused(
      HRM_SOFTMAX, hrm_softmax(multiplier: -1, shift: 1), [.int16([2], [1, 2]), Self.table16], y)
    expectRefused(
      HRM_SOFTMAX, hrm_softmax(multiplier: 1, shift: 0), [.int16([2], [1, 2]), Self.table16], y)
    expectRefused(HRM_SOFTMAX, fine, [.int16([2], [1, 2]), table { _ in }], y, "int8's table")
    expectRefused(
      HRM_SOFTMAX, fine, [.float([2], [1, 2]), table { _ in }], .float([2]), "a table for floats")
  }
}
