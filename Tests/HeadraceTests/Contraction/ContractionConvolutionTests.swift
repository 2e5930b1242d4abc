import CHeadrace
import Testing

@testable import Headrace

@Suite struct ContractionConvolutionTests {
  static let convolutions: [ConvolutionShape] = [
    ConvolutionShape(
      height: 15, width: 17, input: 3, output: 16, kernel: (7, 7), stride: (2, 2),
      pads: (3, 3, 3, 3)),
    ConvolutionShape(batch: 2, height: 5, width: 7, input: 20, output: 13, kernel: (1, 1)),
    ConvolutionShape(
      height: 9, width: 9, input: 8, output: 24, kernel: (1, 1), stride: (2, 2)),
    ConvolutionShape(
      batch: 2, height: 8, width: 11, input: 6, output: 10, kernel: (3, 2), stride: (1, 3),
      pads: (0, 1, 2, 0)),
    ConvolutionShape(
      height: 10, width: 12, input: 12, output: 18, dilation: (2, 3), pads: (2, 3, 2, 3),
      groups: 3),
    ConvolutionShape(
      height: 1, width: 90, input: 5, output: 8, kernel: (1, 3), dilation: (1, 4),
      pads: (0, 4, 0, 4)),
    ConvolutionShape(height: 2, width: 2, input: 1, output: 1, kernel: (2, 2)),
    ConvolutionShape(
      height: 3, width: 3, input: 65, output: 9, kernel: (3, 3), pads: (1, 1, 1, 1)),
    // Few channels: rows of the kernel follow one another, over more outputs than are listed at once,
    ConvolutionShape(
      batch: 2, height: 9, width: 115, input: 2, output: 9, kernel: (3, 5), stride: (2, 1),
      dilation: (2, 1), pads: (3, 4, 1, 2)),
    // none of them wholly inside,
    ConvolutionShape(
      height: 3, width: 2, input: 3, output: 8, kernel: (3, 7), pads: (1, 6, 1, 6)),
    // too many of them in the padding in part,
    ConvolutionShape(
      height: 6, width: 1, input: 1, output: 8, kernel: (5, 5), pads: (4, 60, 4, 60)),
    // and more rows than are listed.
    ConvolutionShape(
      height: 20, width: 9, input: 1, output: 8, kernel: (17, 2), pads: (2, 1, 2, 1)),
  ]

  static let depthwise: [ConvolutionShape] = [
    ConvolutionShape(
      height: 9, width: 13, input: 24, output: 24, pads: (1, 1, 1, 1), groups: 24),
    ConvolutionShape(
      batch: 2, height: 10, width: 10, input: 13, output: 13, stride: (2, 2), pads: (0, 0, 1, 1),
      groups: 13),
    ConvolutionShape(
      height: 6, width: 5, input: 7, output: 14, pads: (1, 1, 1, 1), groups: 7),
    ConvolutionShape(
      height: 1, width: 100, input: 16, output: 16, kernel: (1, 3), dilation: (1, 32),
      pads: (0, 32, 0, 32), groups: 16),
    ConvolutionShape(
      height: 4, width: 4, input: 1, output: 8, kernel: (2, 2), stride: (1, 2), groups: 1),
    // More taps than a 32-bit sum of int16 products holds.
    ConvolutionShape(height: 26, width: 26, input: 8, output: 8, kernel: (24, 24), groups: 8),
  ]

  @Test(arguments: convolutions, ActivationType.allCases)
  func convolutionAgreesWithItsDefinition(_ shape: ConvolutionShape, _ type: ActivationType) throws
  {
    let operands = operands(shape, type)
    try check(
      HRM_CONV2D, shape, operands, weightDims: shape.blockedWeightDims(run: type.weightRun),
      packed: shape.packInBlocks(operands.weights, run: type.weightRun),
      padded: shape.paddedChannels,
      slot: shape.paddedChannel)
  }

  @Test(arguments: depthwise, ActivationType.allCases)
  func depthwiseConvolutionAgreesWithItsDefinition(
    _ shape: ConvolutionShape, _ type: ActivationType
  ) throws {
    let operands = operands(shape, type)
    let padded = (shape.output + 7) / 8 * 8
    try check(
      HRM_DEPTHWISE_CONV2D, shape, operands, weightDims: [shape.kernel.h, shape.kernel.w, padded],
      packed: shape.packDepthwise(operands.weights), padded: padded, slot: { $0 })
  }

  /// Every number of pixels up to three of the widest tiles, of inputs left over by vectors of them, and
  /// of blocks left over by pairs of blocks.
  @Test(arguments: 1...24)
  func everyRemainderOfATileIsComputed(_ pixels: Int) throws {
    for (input, output) in [(1, 8), (3, 5), (8, 16), (13, 17), (20, 40), (31, 24)] {
      let shape = ConvolutionShape(
        height: 1, width: pixels, input: input, output: output, kernel: (1, 1))
      let operands = operands(shape, .float)
      try check(
        HRM_CONV2D, shape, operands, weightDims: shape.blockedWeightDims(run: 1),
        packed: shape.packInBlocks(operands.weights, run: 1), padded: shape.paddedChannels,
        slot: shape.paddedChannel)
    }
  }

  @Test func longSumsOfGreatestInt16ProductsAreExact() throws {
    let shape = ConvolutionShape(height: 1, width: 5, input: 2000, output: 8, kernel: (1, 1))
    let x = TestTensor.int16([1, 1, 5, 2000], [Int16](repeating: .min, count: 10000))
    let weights = TestTensor.int8(
      shape.blockedWeightDims(run: 4), [Int8](repeating: -127, count: 16000)
    ).constant
    let requant = TestTensor.int32(
      [2, 8], [Int32](repeating: 1, count: 8) + [Int32](repeating: 20, count: 8)
    ).constant
    let y = try runOperator(
      HRM_CONV2D, shape.parameters((-32768, 32767)), [x, weights, nil, requant],
      .int16([1, 1, 5, 8]))
    // 2000 * 2^15 * 127 / 2^20 = 7937.5
    #expect(y.int16s.allSatisfy { $0 == 7938 })
  }

  /// Sums on both sides of what 32 bits hold, in one vector and alone, with every shift.
  @Test(arguments: 1...47)
  func int16SumsOfAnySizeAreRequantizedExactly(shift: Int32) throws {
    let shape = ConvolutionShape(height: 1, width: 3, input: 4, output: 8, kernel: (1, 1))
    let edge = Int64(1) << 31
    let biases: [[Int64]] = [
      [edge - 1, edge - 2, edge, -edge, -edge - 1, 1 - edge, 0, 5],
      [edge - 2, 1 - edge, 0, 1, 2, 3, 4, 5],
      [1 << 45, -(1 << 45), 1 << 40, -(1 << 36), 77, -1, edge * 3, -edge * 5],
    ]
    let x: [Int16] = [.max, .min, 3, -7, 0, 0, 0, 0, 1, 0, 0, 0]
    let weights = (0..<32).map { Int8(($0 * 29) % 255 - 127) }
    let multipliers: [Int32] = [32767, 1, 16384, 21845, 32766, 2, 255, 0]
    let requant = multipliers + [Int32](repeating: shift, count: 8)
    for bias in biases {
      let y = try runOperator(
        HRM_CONV2D, shape.parameters((-32768, 32767)),
        [
          .int16([1, 1, 3, 4], x),
          TestTensor.int8(shape.blockedWeightDims(run: 4), weights).constant,
          TestTensor.int64([8], bias).constant, TestTensor.int32([2, 8], requant).constant,
        ], .int16([1, 1, 3, 8]))
      let expected = (0..<24).map { index in
        let (pixel, channel) = (index / 8, index % 8)
        let sum = (0..<4).reduce(Int128(bias[channel])) {
          $0 + Int128(x[pixel * 4 + $1]) * Int128(weights[channel * 4 + $1])
        }
        let scaled =
          (sum * Int128(multipliers[channel]) + Int128(1) << (shift - 1)) >> Int128(shift)
        return Int16(clamping: scaled)
      }
      #expect(y.int16s == expected)
    }
  }

  private func operands(
    _ shape: ConvolutionShape, _ type: ActivationType
  ) -> ContractionOperands {
    ContractionOperands(
      type, inputs: shape.batch * shape.height * shape.width * shape.input,
      outputChannels: shape.output, sums: shape.depth, seed: shape.depth + shape.output)
  }

  private func check(
    _ code: hrm_code, _ shape: ConvolutionShape, _ operands: ContractionOperands,
    weightDims: [Int], packed: [Double], padded: Int, slot: (Int) -> Int
  ) throws {
    let expected = operands.finish(
      shape.convolve(operands.centred, operands.weights, operands.bias))
    let inputs: [TestTensor?] =
      [
        operands.input([shape.batch, shape.height, shape.width, shape.input]),
        operands.weightTensor(weightDims, packed),
      ] + operands.epilogue(padded: padded, slot: slot)
    let output = operands.output(
      [shape.batch, shape.outputHeight, shape.outputWidth, shape.output])
    let whole = try runOperator(
      code, shape.parameters(operands.clamps), inputs, output, parts: 1)
    #expect(agrees(whole, expected))
    for parts in 2...4 {
      let split = try runOperator(
        code, shape.parameters(operands.clamps), inputs, output, parts: parts)
      #expect(split.bytes == whole.bytes, "\(parts) parts")
    }
  }
}
