import CHeadrace
import Testing

@testable import Headrace

@Suite struct ContractionTransposedTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var shape: ConvolutionShape
    /// What the strides leave open.
    var extra = 0
    var xZero = 5

    var size: (h: Int, w: Int) {
      let shape = shape
      return (
        (shape.height - 1) * shape.stride.h + (shape.kernel.h - 1) * shape.dilation.h + 1
          - shape.pads.top - shape.pads.bottom + extra,
        (shape.width - 1) * shape.stride.w + (shape.kernel.w - 1) * shape.dilation.w + 1
          - shape.pads.left - shape.pads.right + extra
      )
    }
    var testDescription: String { "\(shape.testDescription), zero \(xZero)" }
  }

  static let cases: [Case] = [
    Case(
      shape: ConvolutionShape(
        height: 4, width: 5, input: 6, output: 9, kernel: (2, 2), stride: (2, 2))),
    Case(
      shape: ConvolutionShape(
        batch: 2, height: 3, width: 7, input: 8, output: 16, kernel: (4, 4), stride: (2, 2),
        pads: (1, 1, 1, 1)), xZero: 0),
    Case(
      shape: ConvolutionShape(
        height: 5, width: 4, input: 4, output: 6, kernel: (3, 3), stride: (2, 3),
        pads: (1, 0, 0, 1), groups: 2), extra: 1),
    Case(
      shape: ConvolutionShape(
        height: 1, width: 40, input: 3, output: 5, kernel: (1, 3), stride: (1, 2),
        dilation: (1, 2))),
    // Strides beyond the kernel: some outputs receive nothing but the bias.
    Case(
      shape: ConvolutionShape(
        height: 3, width: 3, input: 2, output: 8, kernel: (1, 2), stride: (3, 4)), xZero: 0),
    Case(
      shape: ConvolutionShape(
        height: 3, width: 3, input: 8, output: 8, kernel: (1, 2), stride: (3, 4)), xZero: 0),
  ]

  @Test(arguments: cases, ActivationType.allCases)
  func transposedConvolutionAgreesWithItsDefinition(_ test: Case, _ type: ActivationType) throws {
    let shape = test.shape
    let operands = ContractionOperands(
      type, inputs: shape.batch * shape.height * shape.width * shape.input,
      outputChannels: shape.output, sums: shape.depth, xZero: test.xZero, seed: shape.width)
    let expected = operands.finish(
      shape.spread(operands.centred, operands.weights, operands.bias, to: test.size))
    let inputs: [TestTensor?] =
      [
        operands.input([shape.batch, shape.height, shape.width, shape.input]),
        operands.weightTensor(
          shape.blockedWeightDims(run: type.weightRun),
          shape.packInBlocks(operands.weights, run: type.weightRun)),
      ] + operands.epilogue(padded: shape.paddedChannels, slot: shape.paddedChannel)
    let output = operands.output([shape.batch, test.size.h, test.size.w, shape.output])
    let whole = try runOperator(
      HRM_TRANSPOSED_CONV2D, shape.parameters(operands.clamps), inputs, output, parts: 1)
    #expect(agrees(whole, expected))
    for parts in 2...4 {
      let split = try runOperator(
        HRM_TRANSPOSED_CONV2D, shape.parameters(operands.clamps), inputs, output, parts: parts)
      #expect(split.bytes == whole.bytes, "\(parts) parts")
    }
  }
}
