import CHeadrace
import Testing

@testable import Headrace

@Suite struct PointwiseLookupTests {
  @Test func everyInt8ValueFindsItsEntry() throws {
    var values = TestValues(seed: 2)
    let table = values.integers(256, Int8.self)
    let x = (-128...127).map { Int8($0) }
    let y = try runEveryWay(
      HRM_LOOKUP, ModelBuilder.NoParameters(),
      [.int8([2, 128], x), TestTensor.int8([256], table).constant], .int8([2, 128]),
      inPlace: true)
    #expect(y.int8s == table)
  }

  @Test func everyInt16ValueIsInterpolatedBetweenTwoEntries() throws {
    var values = TestValues(seed: 3)
    let table = values.integers(513, Int16.self)
    let x = (-32768...32767).map { Int16($0) }
    let y = try runEveryWay(
      HRM_LOOKUP, ModelBuilder.NoParameters(),
      [.int16([65536], x), TestTensor.int16([513], table).constant], .int16([65536]),
      inPlace: true)
    let expected = x.map { x -> Int16 in
      let position = (Double(x) + 32768) / 128
      let low = Int(position)
      let exact =
        Double(table[low]) + (Double(table[low + 1]) - Double(table[low]))
        * (position - Double(low))
      return Int16((exact + 0.5).rounded(.down))
    }
    #expect(y.int16s == expected)
  }

  @Test func badArgumentsAreRefused() {
    let none = ModelBuilder.NoParameters()
    let x8 = TestTensor.int8([4], [1, 2, 3, 4])
    let table8 = TestTensor.int8([256], [Int8](repeating: 1, count: 256))
    let table16 = TestTensor.int16([513], [Int16](repeating: 1, count: 513))
    expectRefused(HRM_LOOKUP, none, [x8], .int8([4]), "no table")
    expectRefused(HRM_LOOKUP, none, [x8, nil], .int8([4]), "an absent table")
    expectRefused(HRM_LOOKUP, none, [x8, table8], .int8([4]), "a table that may change")
    expectRefused(HRM_LOOKUP, none, [x8, table16.constant], .int8([4]), "the other type's table")
    expectRefused(
      HRM_LOOKUP, none, [.int16([4], [1, 2, 3, 4]), table8.constant], .int16([4]), "too short")
    expectRefused(HRM_LOOKUP, none, [x8, table8.constant], .int8([2, 2]), "shape")
    expectRefused(HRM_LOOKUP, none, [x8, table8.constant], .int16([4]), "types")
  }
}
