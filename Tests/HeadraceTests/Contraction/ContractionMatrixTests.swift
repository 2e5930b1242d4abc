import CHeadrace
import Testing

@testable import Headrace

@Suite struct ContractionMatrixTests {
  @Test(
    arguments: [([1, 33], 10), ([7, 16], 24), ([2, 3, 5], 1), ([1, 600], 70)],
    ActivationType.allCases)
  func denseAgreesWithItsDefinition(_ layer: ([Int], Int), _ type: ActivationType) throws {
    let (dims, outputs) = layer
    let depth = dims.last!
    let vectors = dims.dropLast().reduce(1, *)
    let shape = ConvolutionShape(
      height: 1, width: vectors, input: depth, output: outputs, kernel: (1, 1))
    let operands = ContractionOperands(
      type, inputs: vectors * depth, outputChannels: outputs, sums: depth, seed: depth)
    let expected = operands.finish(
      shape.convolve(operands.centred, operands.weights, operands.bias))
    let inputs: [TestTensor?] =
      [
        operands.input(dims),
        operands.weightTensor(
          shape.blockedWeightDims(run: type.weightRun),
          shape.packInBlocks(operands.weights, run: type.weightRun)),
      ] + operands.epilogue(padded: shape.paddedChannels, slot: shape.paddedChannel)
    let output = operands.output(Array(dims.dropLast()) + [outputs])
    let parameters = hrm_dense(clamp_min: operands.clamps.0, clamp_max: operands.clamps.1)
    let whole = try runOperator(HRM_DENSE, parameters, inputs, output, parts: 1)
    #expect(agrees(whole, expected))
    for parts in 2...4 {
      let split = try runOperator(HRM_DENSE, parameters, inputs, output, parts: parts)
      #expect(split.bytes == whole.bytes, "\(parts) parts")
    }
  }

  struct Product: Sendable, CustomTestStringConvertible {
    var a: [Int]
    var b: [Int]
    var y: [Int]
    var transposeA = false
    var transposeB = false
    var testDescription: String { "\(a)\(transposeA ? "T" : "") * \(b)\(transposeB ? "T" : "")" }

    var depth: Int { a[a.count - (transposeA ? 2 : 1)] }
  }

  static let products = [
    Product(a: [5, 7], b: [7, 11], y: [5, 11]),
    Product(a: [2, 3, 4, 6], b: [2, 3, 9, 6], y: [2, 3, 4, 9], transposeB: true),
    Product(a: [3, 8, 5], b: [1, 8, 3], y: [3, 5, 3], transposeA: true),
    Product(a: [2, 1, 3, 4], b: [5, 6, 4], y: [2, 5, 3, 6], transposeB: true),
    Product(a: [6, 1], b: [4, 6], y: [1, 4], transposeA: true, transposeB: true),
    Product(a: [53, 41], b: [41, 26], y: [53, 26]),
    Product(a: [2, 13, 45], b: [2, 45, 17], y: [2, 13, 17]),
    Product(a: [10, 48], b: [21, 48], y: [10, 21], transposeB: true),
    Product(a: [197, 10], b: [197, 9], y: [10, 9], transposeA: true),
    Product(a: [3, 6], b: [11, 3], y: [6, 11], transposeA: true, transposeB: true),
    Product(a: [1, 70], b: [70, 1], y: [1, 1]),
  ]

  @Test(arguments: products, ActivationType.allCases)
  func matrixProductAgreesWithItsDefinition(_ product: Product, _ type: ActivationType) throws {
    let count = product.a.reduce(1, *)
    let other = product.b.reduce(1, *)
    let first = ContractionOperands(
      type, inputs: count, outputChannels: 1, sums: product.depth, xZero: 5, seed: count)
    let second = ContractionOperands(
      type, inputs: other, outputChannels: 1, sums: product.depth, xZero: -7, seed: other + 1)
    var parameters = hrm_matmul(
      transpose_a: product.transposeA ? 1 : 0, transpose_b: product.transposeB ? 1 : 0,
      multiplier: 0, shift: 1, clamp_min: first.clamps.0, clamp_max: first.clamps.1)
    if type != .float {
      parameters.multiplier = type == .int8 ? 1_234_567_890 : 23456
      parameters.shift = type == .int8 ? 38 : 31
    }
    let sums = multiply(product, first.centred, second.centred)
    let expected = sums.map { sum -> Double in
      let low = first.clamps.0
      let high = first.clamps.1
      guard type != .float else {
        return max(sum, Double(Float(bitPattern: UInt32(bitPattern: low))))
      }
      let shift = Int128(parameters.shift)
      let scaled =
        (Int128(sum) * Int128(parameters.multiplier) + Int128(1) << (shift - 1)) >> shift
      return Double(min(max(scaled + Int128(first.yZero), Int128(low)), Int128(high)))
    }
    let inputs: [TestTensor?] = [first.input(product.a), second.input(product.b)]
    let output = first.output(product.y)
    let whole = try runOperator(HRM_MATMUL, parameters, inputs, output, parts: 1)
    #expect(agrees(whole, expected))
    for parts in 2...4 {
      let split = try runOperator(HRM_MATMUL, parameters, inputs, output, parts: parts)
      #expect(split.bytes == whole.bytes, "\(parts) parts")
    }
  }

  /// What weights of a convolution cannot hold: differences from a zero point of up to 255, and products of
  /// -128 with itself.
  @Test(
    arguments: [(-128, -128), (127, 127), (-128, 127), (127, -128), (0, 0), (3, -1)],
    [(9, 12, 64), (5, 8, 37), (4, 3, 43), (17, 33, 3)])
  func extremesOfInt8MultiplyExactly(_ zeros: (a: Int, b: Int), _ extents: (Int, Int, Int)) throws {
    let (rows, columns, depth) = extents
    var state = UInt32(rows)
    func element() -> Int8 {
      state = state &* 1_664_525 &+ 1_013_904_223
      let value = Int8(truncatingIfNeeded: state >> 24)
      return state >> 20 & 3 == 0 ? value : value < 0 ? -128 : 127
    }
    for isSwapped in [false, true] {
      let a = (0..<rows * depth).map { _ in element() }
      let b = (0..<columns * depth).map { _ in element() }
      let flag: Int32 = isSwapped ? 1 : 0
      let parameters = hrm_matmul(
        transpose_a: flag, transpose_b: flag, multiplier: 1_900_000_000, shift: 31 + 8,
        clamp_min: -128, clamp_max: 127)
      var expected: [Int8] = []
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = 0
          for k in 0..<depth {
            sum +=
              (Int(a[isSwapped ? k * rows + row : row * depth + k]) - zeros.a)
              * (Int(b[isSwapped ? column * depth + k : k * columns + column]) - zeros.b)
          }
          let scaled = (sum * 1_900_000_000 + (1 << 38)) >> 39
          expected.append(Int8(min(max(scaled + 7, -128), 127)))
        }
      }
      let output = try runOperator(
        HRM_MATMUL, parameters,
        [
          .int8(isSwapped ? [depth, rows] : [rows, depth], a, zeroPoint: Int32(zeros.a)),
          .int8(isSwapped ? [columns, depth] : [depth, columns], b, zeroPoint: Int32(zeros.b)),
        ], .int8([rows, columns], zeroPoint: 7), parts: 2)
      #expect(output.int8s == expected)
    }
  }

  /// The product by its definition, leading axes broadcast as NumPy does.
  private func multiply(_ product: Product, _ a: [Double], _ b: [Double]) -> [Double] {
    let rank = product.y.count
    func element(_ values: [Double], _ dims: [Int], _ index: [Int]) -> Double {
      var offset = 0
      for (axis, extent) in dims.enumerated() {
        offset = offset * extent + (extent == 1 ? 0 : index[rank - dims.count + axis])
      }
      return values[offset]
    }
    var sums: [Double] = []
    for flat in 0..<product.y.reduce(1, *) {
      var index = [Int](repeating: 0, count: rank)
      var rest = flat
      for axis in product.y.indices.reversed() {
        index[axis] = rest % product.y[axis]
        rest /= product.y[axis]
      }
      var sum = 0.0
      for k in 0..<product.depth {
        let lead = Array(index.dropLast(2))
        let (row, column) = (index[rank - 2], index[rank - 1])
        sum +=
          element(a, product.a, lead + (product.transposeA ? [k, row] : [row, k]))
          * element(b, product.b, lead + (product.transposeB ? [column, k] : [k, column]))
      }
      sums.append(sum)
    }
    return sums
  }
}
