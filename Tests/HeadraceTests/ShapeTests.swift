import CHeadrace
import Testing

@testable import Headrace

/// Data movement, each compared with its definition index by index. Elements number themselves, so
/// that one in the wrong place shows.
@Suite struct ShapeTests {
  private func numbered(_ dims: [Int], _ type: hrm_type) -> TestTensor {
    let count = dims.reduce(1, *)
    switch type {
    case HRM_INT8: return .int8(dims, (0..<count).map { Int8(truncatingIfNeeded: $0) })
    case HRM_INT16: return .int16(dims, (0..<count).map { Int16(truncatingIfNeeded: $0) })
    default: return .float(dims, (0..<count).map { Float($0) })
    }
  }

  private func empty(_ dims: [Int], _ type: hrm_type) -> TestTensor {
    TestTensor(type: type, dims: dims)
  }

  /// Runs the operator in all three types; element i of the output is element `sources[i]` of the
  /// input (nil: the byte pattern of `constant`).
  private func expectMoved<Parameters: BitwiseCopyable>(
    _ code: hrm_code, _ parameters: Parameters, _ x: [Int], _ y: [Int], sources: [Int],
    inPlace: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for type in [HRM_FLOAT32, HRM_INT8, HRM_INT16] {
      let input = numbered(x, type)
      let size = input.bytes.count / x.reduce(1, *)
      let result = try runEveryWay(
        code, parameters, [input], empty(y, type), inPlace: inPlace,
        sourceLocation: sourceLocation)
      let expected = sources.flatMap { input.bytes[$0 * size..<($0 + 1) * size] }
      #expect(result.bytes == expected, sourceLocation: sourceLocation)
    }
  }

  struct Permutation: CustomTestStringConvertible {
    let dims: [Int]
    let order: [Int]
    var testDescription: String { "\(dims) by \(order)" }
  }

  @Test(arguments: [
    Permutation(dims: [1, 3, 5, 7], order: [0, 2, 3, 1]),
    Permutation(dims: [1, 3, 5, 7], order: [0, 3, 1, 2]),
    Permutation(dims: [37, 41], order: [1, 0]),
    Permutation(dims: [2, 3, 4, 5], order: [3, 2, 1, 0]),
    Permutation(dims: [2, 3, 2, 3, 2, 3], order: [5, 3, 1, 4, 2, 0]),
    Permutation(dims: [2, 3, 4], order: [1, 0, 2]),
    Permutation(dims: [2, 3, 4], order: [0, 1, 2]),
    Permutation(dims: [1, 1, 1], order: [2, 0, 1]),
    Permutation(dims: [4, 1, 6], order: [2, 1, 0]),
  ])
  func axesArePermuted(_ test: Permutation) throws {
    let y = test.order.map { test.dims[$0] }
    let sources = indices(y).map { index -> Int in
      var source = [Int](repeating: 0, count: y.count)
      for (axis, from) in test.order.enumerated() { source[from] = index[axis] }
      return place(source, in: test.dims)
    }
    let words = test.order.map { Int32($0) } + [Int32](repeating: 0, count: 6 - y.count)
    let parameters = hrm_transpose(
      permutation: (words[0], words[1], words[2], words[3], words[4], words[5]))
    try expectMoved(HRM_TRANSPOSE, parameters, test.dims, y, sources: sources)
  }

  @Test func badPermutationsAreRefused() {
    let x = numbered([2, 3], HRM_INT8)
    for (first, second): (Int32, Int32) in [(0, 0), (0, 2), (-1, 0), (1, .min)] {
      let parameters = hrm_transpose(permutation: (first, second, 0, 0, 0, 0))
      expectRefused(HRM_TRANSPOSE, parameters, [x], empty([3, 2], HRM_INT8))
    }
    let swap = hrm_transpose(permutation: (1, 0, 0, 0, 0, 0))
    expectRefused(HRM_TRANSPOSE, swap, [x], empty([2, 3], HRM_INT8), "shape")
    expectRefused(HRM_TRANSPOSE, swap, [x], empty([3, 2], HRM_INT16), "type")
    expectRefused(HRM_TRANSPOSE, swap, [x], empty([3, 2, 1], HRM_INT8), "rank")
  }

  private func slice(_ begin: [Int32], _ step: [Int32]) -> hrm_slice {
    let b = begin + [Int32](repeating: 0, count: 6 - begin.count)
    let s = step + [Int32](repeating: 1, count: 6 - step.count)
    return hrm_slice(
      begin: (b[0], b[1], b[2], b[3], b[4], b[5]), step: (s[0], s[1], s[2], s[3], s[4], s[5]))
  }

  @Test(arguments: [
    ([1, 2, 0, 1], [1, 1, 1, 1], [1, 3, 5, 2]),
    ([0, 4, 4, 3], [1, -1, -2, -1], [2, 5, 3, 4]),
    ([1, 0, 1, 0], [-1, 2, 3, 1], [2, 3, 2, 4]),
    ([0, 0, 0, 0], [1, 1, 1, 1], [2, 5, 6, 4]),
    ([1, 4, 5, 3], [Int(Int32.max), Int(Int32.min), -1, 7], [1, 1, 6, 1]),
  ])
  func sliceTakesEveryStepthElement(begin: [Int], step: [Int], y: [Int]) throws {
    let x = [2, 5, 6, 4]
    let sources = indices(y).map { index in
      place(index.indices.map { begin[$0] + index[$0] * step[$0] }, in: x)
    }
    try expectMoved(
      HRM_SLICE, slice(begin.map { Int32($0) }, step.map { Int32($0) }), x, y, sources: sources)
  }

  @Test func slicesBeyondTheInputAreRefused() {
    let x = numbered([4, 3], HRM_INT16)
    let y = empty([2, 3], HRM_INT16)
    let bad: [([Int32], [Int32])] = [
      ([3, 0], [1, 1]), ([0, 1], [1, 1]), ([-1, 0], [1, 1]), ([0, 0], [0, 1]), ([0, 0], [4, 1]),
      ([0, 0], [-1, 1]), ([4, 0], [-1, 1]), ([1, 0], [.max, 1]), ([1, 0], [.min, 1]),
      ([.min, 0], [.max, 1]), ([.max, 0], [.min, 1]),
    ]
    for (begin, step) in bad {
      expectRefused(HRM_SLICE, slice(begin, step), [x], y, "\(begin) \(step)")
    }
    expectRefused(HRM_SLICE, slice([0, 0], [1, 1]), [x], empty([6], HRM_INT16), "rank")
  }

  @Test(arguments: [0, 1, 2]) func inputsAreConcatenated(_ axis: Int) throws {
    for type in [HRM_FLOAT32, HRM_INT8, HRM_INT16] {
      let extents = [3, 1, 4]
      let shapes = extents.map { extent in
        var dims = [2, 3, 5]
        dims[axis] = extent
        return dims
      }
      var inputs: [TestTensor] = []
      var expected: [[UInt8]] = []
      var y = [2, 3, 5]
      y[axis] = extents.reduce(0, +)
      for (position, dims) in shapes.enumerated() {
        var input = numbered(dims, type)
        input.bytes = input.bytes.map { $0 &+ UInt8(position * 70) }
        inputs.append(position == 1 ? input.constant : input)
      }
      let size = inputs[0].bytes.count / shapes[0].reduce(1, *)
      for index in indices(y) {
        var (input, local) = (0, index)
        while local[axis] >= extents[input] {
          local[axis] -= extents[input]
          input += 1
        }
        let from = place(local, in: shapes[input]) * size
        expected.append(Array(inputs[input].bytes[from..<from + size]))
      }
      let result = try runEveryWay(
        HRM_CONCAT, hrm_concat(axis: Int32(axis)), inputs, empty(y, type))
      #expect(result.bytes == expected.flatMap { $0 })
    }
  }

  @Test func badConcatenationsAreRefused() {
    let x = numbered([2, 3], HRM_INT8)
    let fine = hrm_concat(axis: 1)
    expectRefused(HRM_CONCAT, hrm_concat(axis: 2), [x, x], empty([2, 6], HRM_INT8), "axis")
    expectRefused(HRM_CONCAT, hrm_concat(axis: -1), [x, x], empty([2, 6], HRM_INT8), "axis")
    expectRefused(HRM_CONCAT, fine, [x, x], empty([2, 5], HRM_INT8), "sum")
    expectRefused(HRM_CONCAT, fine, [x, numbered([3, 3], HRM_INT8)], empty([2, 6], HRM_INT8))
    expectRefused(HRM_CONCAT, fine, [x, numbered([2, 3], HRM_INT16)], empty([2, 6], HRM_INT8))
    expectRefused(HRM_CONCAT, fine, [x, nil], empty([2, 6], HRM_INT8), "an absent input")
    expectRefused(HRM_CONCAT, fine, [], empty([2, 6], HRM_INT8), "no inputs")
  }

  @Test func elementsKeepTheirOrderInAnotherShape() throws {
    try expectMoved(
      HRM_RESHAPE, ModelBuilder.NoParameters(), [3, 4, 5], [5, 12], sources: Array(0..<60),
      inPlace: true)
  }

  @Test func reshapingToAnotherSizeIsRefused() {
    let none = ModelBuilder.NoParameters()
    let x = numbered([2, 4], HRM_INT16)
    expectRefused(HRM_RESHAPE, none, [x], empty([7], HRM_INT16))
    expectRefused(HRM_RESHAPE, none, [x], empty([16], HRM_INT8), "as many bytes, another type")
  }

  @Test(arguments: [(2, 0), (2, 1), (3, 0), (3, 1), (1, 0)])
  func channelsBecomeBlocksAndBlocksChannels(block: Int, order: Int) throws {
    let deep = [2, 3, 2, 2 * block * block]
    let wide = [2, 3 * block, 2 * block, 2]
    let parameters = hrm_block(block: Int32(block), column_row_depth: Int32(order))
    let toWide = indices(wide).map { index -> Int in
      let tap = index[1] % block * block + index[2] % block
      let channel = order == 1 ? index[3] * block * block + tap : tap * 2 + index[3]
      return place([index[0], index[1] / block, index[2] / block, channel], in: deep)
    }
    try expectMoved(HRM_DEPTH_TO_SPACE, parameters, deep, wide, sources: toWide)
    var toDeep = [Int](repeating: 0, count: toWide.count)
    for (wide, deep) in toWide.enumerated() { toDeep[deep] = wide }
    try expectMoved(HRM_SPACE_TO_DEPTH, parameters, wide, deep, sources: toDeep)
  }

  @Test func badBlocksAreRefused() {
    let deep = numbered([1, 2, 2, 8], HRM_INT8)
    func block(_ block: Int32, _ order: Int32 = 0) -> hrm_block {
      hrm_block(block: block, column_row_depth: order)
    }
    let wide = empty([1, 4, 4, 2], HRM_INT8)
    for bad in [block(0), block(-2), block(3), block(65536), block(.min), block(2, 2)] {
      expectRefused(HRM_DEPTH_TO_SPACE, bad, [deep], wide)
    }
    expectRefused(HRM_DEPTH_TO_SPACE, block(2), [deep], empty([1, 4, 2, 4], HRM_INT8))
    expectRefused(HRM_SPACE_TO_DEPTH, block(2), [deep], empty([1, 1, 1, 8], HRM_INT8))
    expectRefused(HRM_DEPTH_TO_SPACE, block(2), [numbered([4], HRM_INT8)], empty([4], HRM_INT8))
  }
}
