import CHeadrace
import Testing

@testable import Headrace

@Suite struct PointwisePReluTests {
  @Test func floatsBelowZeroTakeTheirChannelsSlope() throws {
    var values = TestValues(seed: 4)
    let x = values.floats(2 * 3 * 5)
    let slope: [Float] = [0.25, -1, 0, 2, 0.1]
    let y = try runEveryWay(
      HRM_PRELU, hrm_prelu(), [.float([2, 3, 5], x), TestTensor.float([5], slope).constant],
      .float([2, 3, 5]), inPlace: true)
    expectClose(
      y.floats,
      x.enumerated().map { $1 < 0 ? Double($1) * Double(slope[$0 % 5]) : Double($1) })
  }

  /// Slopes of both signs, and multipliers that make 32 bits overflow.
  private static let multipliers: [Int32] = [1 << 30, -(1 << 30), 0, .max, -.max, 12345]
  private static let shifts: [Int32] = [32, 30, 5, 1, 1, 20]

  private func expected<T: FixedWidthInteger>(
    _ x: [T], zeroX: Int, zeroY: Int, multiplier: Int32, shift: Int32
  ) -> [T] {
    x.enumerated().map { index, x in
      let v = Int(x) - zeroX
      if v >= 0 { return T(clamping: exactRequantize(v, multiplier, shift) + zeroY) }
      let slope = Self.multipliers[index % 6]
      let size = exactRequantize(v, slope.magnitude == 0 ? 0 : abs(slope), Self.shifts[index % 6])
      return T(clamping: (slope < 0 ? -size : size) + zeroY)
    }
  }

  @Test func fixedPointIsExact() throws {
    var values = TestValues(seed: 5)
    let slope = TestTensor.int32([2, 6], Self.multipliers + Self.shifts).constant
    let bytes = values.integers(7 * 6, Int8.self)
    let y8 = try runEveryWay(
      HRM_PRELU, hrm_prelu(multiplier: 1_500_000_000, shift: 31),
      [.int8([7, 6], bytes, zeroPoint: -7), slope], .int8([7, 6], zeroPoint: 11), inPlace: true)
    #expect(
      y8.int8s == expected(bytes, zeroX: -7, zeroY: 11, multiplier: 1_500_000_000, shift: 31))
    let words = values.integers(7 * 6, Int16.self)
    let y16 = try runEveryWay(
      HRM_PRELU, hrm_prelu(multiplier: .max, shift: 30), [.int16([7, 6], words), slope],
      .int16([7, 6]), inPlace: true)
    #expect(y16.int16s == expected(words, zeroX: 0, zeroY: 0, multiplier: .max, shift: 30))
  }

  @Test func badArgumentsAreRefused() {
    let x = TestTensor.int8([2, 2], [1, 2, 3, 4])
    let fine = hrm_prelu(multiplier: 1, shift: 1)
    func slope(_ values: [Int32]) -> TestTensor { TestTensor.int32([2, 2], values).constant }
    expectRefused(HRM_PRELU, fine, [x, slope([1, 1, 0, 1])], .int8([2, 2]), "shift 0")
    expectRefused(HRM_PRELU, fine, [x, slope([1, 1, 1, 63])], .int8([2, 2]), "shift 63")
    expectRefused(HRM_PRELU, fine, [x, slope([.min, 1, 1, 1])], .int8([2, 2]), "multiplier")
    expectRefused(
      HRM_PRELU, hrm_prelu(multiplier: -1, shift: 1), [x, slope([1, 1, 1, 1])], .int8([2, 2]))
    expectRefused(
      HRM_PRELU, hrm_prelu(multiplier: 1, shift: 0), [x, slope([1, 1, 1, 1])], .int8([2, 2]))
    expectRefused(
      HRM_PRELU, fine, [x, TestTensor.int32([4, 1], [1, 1, 1, 1])], .int8([2, 2]), "not constant")
    expectRefused(
      HRM_PRELU, fine, [x, TestTensor.int32([3], [1, 1, 1]).constant], .int8([2, 2]), "size")
    expectRefused(
      HRM_PRELU, fine, [.float([2], [1, 2]), .float([3], [1, 2, 3])], .float([2]), "size")
  }
}
