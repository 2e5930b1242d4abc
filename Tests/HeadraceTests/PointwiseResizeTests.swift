import CHeadrace
import Testing

@testable import Headrace

@Suite struct PointwiseResizeTests {
  /// Two source indices and a weight for each output index, random but in range.
  private struct Taps {
    var first: [Int]
    var second: [Int]
    var weight: [Int]  // of 16384

    init(_ count: Int, extent: Int, values: inout TestValues) {
      first = []
      second = []
      weight = []
      for index in 0..<count {
        first.append(values.integer(0...extent - 1))
        second.append(values.integer(0...extent - 1))
        weight.append(index % 3 == 0 ? 0 : values.integer(0...16384))
      }
    }

    func table(isFloat: Bool) -> TestTensor {
      var entries: [Int32] = []
      for index in first.indices {
        let weight = Float(weight[index]) / 16384
        entries += [
          Int32(first[index]), Int32(second[index]),
          isFloat ? Int32(bitPattern: weight.bitPattern) : Int32(self.weight[index]),
        ]
      }
      return TestTensor.int32([first.count, 3], entries).constant
    }
  }

  /// The weighted sum of four elements in units of 2^-28.
  private func sums(_ x: [Double], _ dims: [Int], _ rows: Taps, _ columns: Taps) -> [Double] {
    indices([dims[0], rows.first.count, columns.first.count, dims[3]]).map { index in
      let (n, i, j, c) = (index[0], index[1], index[2], index[3])
      var sum = 0.0
      for (row, rowWeight) in [
        (rows.first[i], 16384 - rows.weight[i]), (rows.second[i], rows.weight[i]),
      ] {
        for (column, columnWeight) in [
          (columns.first[j], 16384 - columns.weight[j]), (columns.second[j], columns.weight[j]),
        ] {
          sum += x[place([n, row, column, c], in: dims)] * Double(rowWeight * columnWeight)
        }
      }
      return sum
    }
  }

  @Test(arguments: [[1, 4, 5, 3], [2, 1, 7, 1], [1, 3, 3, 16]])
  func fourTapsAreWeighted(_ dims: [Int]) throws {
    var values = TestValues(seed: 18)
    let rows = Taps(7, extent: dims[1], values: &values)
    let columns = Taps(11, extent: dims[2], values: &values)
    let output = [dims[0], 7, 11, dims[3]]
    let none = ModelBuilder.NoParameters()
    let count = dims.reduce(1, *)

    let floats = values.floats(count)
    let y = try runEveryWay(
      HRM_RESIZE, none,
      [.float(dims, floats), rows.table(isFloat: true), columns.table(isFloat: true)],
      .float(output))
    let unit = Double(1 << 28)
    expectClose(
      y.floats, sums(floats.map { Double($0) }, dims, rows, columns).map { $0 / unit },
      absolute: 1e-6)

    let x8 = values.integers(count, Int8.self)
    let y8 = try runEveryWay(
      HRM_RESIZE, none,
      [.int8(dims, x8), rows.table(isFloat: false), columns.table(isFloat: false)],
      .int8(output))
    #expect(
      y8.int8s
        == sums(x8.map { Double($0) }, dims, rows, columns).map {
          Int8(($0 / unit + 0.5).rounded(.down))
        })

    let x16 = values.integers(count, Int16.self)
    let y16 = try runEveryWay(
      HRM_RESIZE, none,
      [.int16(dims, x16), rows.table(isFloat: false), columns.table(isFloat: false)],
      .int16(output))
    #expect(
      y16.int16s
        == sums(x16.map { Double($0) }, dims, rows, columns).map {
          Int16(($0 / unit + 0.5).rounded(.down))
        })
  }

  @Test func nearestKeepsInfinities() throws {
    let rows = TestTensor.int32([1, 3], [0, 0, 0]).constant
    let columns = TestTensor.int32([3, 3], [1, 1, 0, 0, 0, 0, 1, 0, 0]).constant
    let y = try runOperator(
      HRM_RESIZE, ModelBuilder.NoParameters(),
      [.float([1, 1, 2, 1], [.infinity, 3]), rows, columns], .float([1, 1, 3, 1]))
    #expect(y.floats == [3, .infinity, 3])
  }

  @Test func badArgumentsAreRefused() {
    let x = TestTensor.int8([1, 2, 2, 1], [1, 2, 3, 4])
    let y = TestTensor.int8([1, 1, 1, 1])
    func tap(_ entries: [Int32]) -> TestTensor { TestTensor.int32([1, 3], entries).constant }
    let fine = tap([0, 1, 100])
    let none = ModelBuilder.NoParameters()
    for bad: [Int32] in [[-1, 0, 0], [0, 2, 0], [2, 0, 0], [0, 0, -1], [0, 0, 16385]] {
      expectRefused(HRM_RESIZE, none, [x, tap(bad), fine], y, "row \(bad)")
      expectRefused(HRM_RESIZE, none, [x, fine, tap(bad)], y, "column \(bad)")
    }
    let nan = tap([0, 1, Int32(bitPattern: Float.nan.bitPattern)])
    expectRefused(
      HRM_RESIZE, none, [.float([1, 2, 2, 1], [1, 2, 3, 4]), nan, nan], .float([1, 1, 1, 1]))
    expectRefused(HRM_RESIZE, none, [x, fine, fine], .int8([1, 2, 1, 1]), "too few rows")
    expectRefused(HRM_RESIZE, none, [x, fine, fine], .int8([1, 1, 1, 2]), "channels")
    expectRefused(HRM_RESIZE, none, [x, fine, nil], y, "an absent table")
    expectRefused(
      HRM_RESIZE, none, [x, .int32([1, 3], [0, 0, 0]), fine], y, "a table that may change")
  }
}
