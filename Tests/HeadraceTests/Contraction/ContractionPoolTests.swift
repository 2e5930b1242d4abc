import CHeadrace
import Testing

@testable import Headrace

@Suite struct ContractionPoolTests {
  struct Case: Sendable {
    var shape: ConvolutionShape
    var isAverage = false
    var countsPadding = false
  }

  static let cases: [Case] = [
    Case(
      shape: ConvolutionShape(
        height: 11, width: 14, input: 12, output: 12, stride: (2, 2), pads: (1, 1, 1, 1))),
    Case(
      shape: ConvolutionShape(
        batch: 2, height: 6, width: 9, input: 5, output: 5, kernel: (2, 3), dilation: (2, 1))),
    Case(
      shape: ConvolutionShape(height: 7, width: 7, input: 19, output: 19, kernel: (7, 7)),
      isAverage: true),
    // 64 elements, the most whose number has a reciprocal, and 81.
    Case(
      shape: ConvolutionShape(height: 9, width: 8, input: 11, output: 11, kernel: (8, 8)),
      isAverage: true),
    Case(
      shape: ConvolutionShape(height: 9, width: 10, input: 9, output: 9, kernel: (9, 9)),
      isAverage: true),
    Case(
      shape: ConvolutionShape(
        batch: 2, height: 8, width: 5, input: 8, output: 8, stride: (2, 1), pads: (1, 0, 1, 2)),
      isAverage: true),
    Case(
      shape: ConvolutionShape(
        height: 5, width: 6, input: 3, output: 3, kernel: (2, 2), pads: (1, 1, 0, 0)),
      isAverage: true, countsPadding: true),
  ]

  @Test(arguments: cases, ActivationType.allCases)
  func poolAgreesWithItsDefinition(_ test: Case, _ type: ActivationType) throws {
    let shape = test.shape
    let operands = ContractionOperands(
      type, inputs: shape.batch * shape.height * shape.width * shape.input,
      outputChannels: 1, sums: 1, seed: shape.height)
    var parameters = hrm_pool2d()
    parameters.function = Int32((test.isAverage ? HRM_AVERAGE_POOL : HRM_MAX_POOL).rawValue)
    parameters.kernel_h = Int32(shape.kernel.h)
    parameters.kernel_w = Int32(shape.kernel.w)
    parameters.stride_h = Int32(shape.stride.h)
    parameters.stride_w = Int32(shape.stride.w)
    parameters.dilation_h = Int32(shape.dilation.h)
    parameters.dilation_w = Int32(shape.dilation.w)
    parameters.pad_top = Int32(shape.pads.top)
    parameters.pad_left = Int32(shape.pads.left)
    parameters.pad_bottom = Int32(shape.pads.bottom)
    parameters.pad_right = Int32(shape.pads.right)
    parameters.count_include_pad = test.countsPadding ? 1 : 0
    parameters.clamp_min = operands.clamps.0
    parameters.clamp_max = operands.clamps.1
    if type != .float {
      parameters.multiplier = type == .int8 ? 1_900_000_000 : 29000
      parameters.shift = type == .int8 ? 30 : 14
    }
    var output = operands.output(
      [shape.batch, shape.outputHeight, shape.outputWidth, shape.input])
    if !test.isAverage { output.zeroPoint = Int32(operands.xZero) }
    let inputs: [TestTensor?] = [
      operands.input([shape.batch, shape.height, shape.width, shape.input])
    ]
    let expected = reference(test, operands, parameters)
    let whole = try runOperator(HRM_POOL2D, parameters, inputs, output, parts: 1)
    #expect(agrees(whole, expected))
    for parts in 2...4 {
      let split = try runOperator(HRM_POOL2D, parameters, inputs, output, parts: parts)
      #expect(split.bytes == whole.bytes, "\(parts) parts")
    }
  }

  private func reference(
    _ test: Case, _ operands: ContractionOperands, _ parameters: hrm_pool2d
  ) -> [Double] {
    let shape = test.shape
    var y: [Double] = []
    for n in 0..<shape.batch {
      for oy in 0..<shape.outputHeight {
        for ox in 0..<shape.outputWidth {
          for c in 0..<shape.input {
            var taken: [Double] = []
            for ky in 0..<shape.kernel.h {
              for kx in 0..<shape.kernel.w {
                let iy = oy * shape.stride.h + ky * shape.dilation.h - shape.pads.top
                let ix = ox * shape.stride.w + kx * shape.dilation.w - shape.pads.left
                guard iy >= 0, iy < shape.height, ix >= 0, ix < shape.width else { continue }
                taken.append(
                  operands.x[((n * shape.height + iy) * shape.width + ix) * shape.input + c])
              }
            }
            let count = test.countsPadding ? shape.kernel.h * shape.kernel.w : taken.count
            y.append(
              test.isAverage
                ? average(taken, count, operands, parameters)
                : clamp(taken.max()!, operands))
          }
        }
      }
    }
    return y
  }

  private func average(
    _ taken: [Double], _ count: Int, _ operands: ContractionOperands, _ parameters: hrm_pool2d
  ) -> Double {
    let sum = taken.reduce(0) { $0 + $1 - Double(operands.xZero) }
    guard operands.type != .float else { return clamp(sum / Double(count), operands) }
    // floor(a / b + 1/2) is floor((2 a + b) / (2 b)).
    let a = Int128(sum) * Int128(parameters.multiplier)
    let b = Int128(count) << Int128(parameters.shift)
    let (quotient, remainder) = (2 * a + b).quotientAndRemainder(dividingBy: 2 * b)
    return clamp(Double(quotient - (remainder < 0 ? 1 : 0)) + Double(operands.yZero), operands)
  }

  private func clamp(_ value: Double, _ operands: ContractionOperands) -> Double {
    let (low, high) = operands.clamps
    guard operands.type == .float else { return min(max(value, Double(low)), Double(high)) }
    return max(value, Double(Float(bitPattern: UInt32(bitPattern: low))))
  }
}
