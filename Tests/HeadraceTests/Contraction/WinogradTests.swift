import CHeadrace
import Testing

@testable import Headrace

@Suite struct WinogradTests {
  static let shapes: [ConvolutionShape] = [
    ConvolutionShape(height: 8, width: 8, input: 8, output: 8, pads: (1, 1, 1, 1)),
    ConvolutionShape(
      batch: 2, height: 13, width: 22, input: 20, output: 33, pads: (1, 1, 1, 1)),
    ConvolutionShape(height: 7, width: 30, input: 3, output: 17, pads: (0, 2, 1, 0)),
    ConvolutionShape(height: 3, width: 3, input: 5, output: 1),
    ConvolutionShape(height: 40, width: 41, input: 12, output: 40, pads: (1, 1, 1, 1)),
    ConvolutionShape(
      height: 11, width: 9, input: 7, output: 9, kernel: (4, 4), pads: (1, 2, 2, 1)),
    ConvolutionShape(
      height: 30, width: 27, input: 3, output: 24, kernel: (7, 7), stride: (2, 2),
      pads: (3, 3, 3, 3)),
    ConvolutionShape(
      batch: 2, height: 12, width: 15, input: 2, output: 8, kernel: (8, 8), stride: (2, 2),
      pads: (3, 3, 4, 4)),
    ConvolutionShape(
      height: 14, width: 10, input: 9, output: 16, kernel: (5, 5), stride: (2, 2),
      pads: (2, 2, 2, 2)),
    ConvolutionShape(
      height: 9, width: 9, input: 4, output: 8, kernel: (6, 6), stride: (2, 2),
      pads: (9, 0, 0, 12)),
  ]

  /// FORMAT.md's G, for three taps and for four.
  static let transforms: [Int: [[Double]]] = [
    3: [
      [1 / 4.0, 0, 0], [-1 / 6.0, -1 / 6.0, -1 / 6.0], [-1 / 6.0, 1 / 6.0, -1 / 6.0],
      [1 / 24.0, 1 / 12.0, 1 / 6.0], [1 / 24.0, -1 / 12.0, 1 / 6.0], [0, 0, 1],
    ],
    4: [
      [1 / 4.0, 0, 0, 0], [-1 / 6.0, -1 / 6.0, -1 / 6.0, -1 / 6.0],
      [-1 / 6.0, 1 / 6.0, -1 / 6.0, 1 / 6.0], [1 / 24.0, 1 / 12.0, 1 / 6.0, 1 / 3.0],
      [1 / 24.0, -1 / 12.0, 1 / 6.0, -1 / 3.0], [0, 0, 0, 1],
    ],
  ]

  @Test(arguments: shapes)
  func aWinogradConvolutionAgreesWithTheDefinitionOfConvolution(
    _ shape: ConvolutionShape
  ) throws {
    let operands = ContractionOperands(
      .float, inputs: shape.batch * shape.height * shape.width * shape.input,
      outputChannels: shape.output, sums: shape.depth, seed: shape.depth)
    let expected = operands.finish(
      shape.convolve(operands.x, operands.weights, operands.bias))
    let padded = shape.paddedChannels
    let inputs: [TestTensor?] =
      [
        operands.input([shape.batch, shape.height, shape.width, shape.input]),
        Self.weights(shape, operands.weights),
      ] + operands.epilogue(padded: padded, slot: { $0 })
    let output = operands.output(
      [shape.batch, shape.outputHeight, shape.outputWidth, shape.output])
    func run(parts: Int) throws -> TestTensor {
      try runOperator(
        HRM_WINOGRAD_CONV2D, shape.parameters(operands.clamps), inputs, output, parts: parts)
    }
    let whole = try run(parts: 1)
    let tolerance = 3e-5 * (expected.map { abs($0) }.max() ?? 1)
    for (found, exact) in zip(whole.doubles, expected) {
      #expect(abs(found - exact) <= tolerance)
    }
    for parts in 2...4 {
      let split = try run(parts: parts)
      #expect(split.bytes == whole.bytes, "\(parts) parts")
    }
  }

  @Test func withoutABiasSumsBeginAtZero() throws {
    let shape = ConvolutionShape(height: 6, width: 6, input: 4, output: 8, pads: (1, 1, 1, 1))
    let x = TestTensor.float([1, 6, 6, 4], [Float](repeating: 0, count: 144))
    let weights = Self.weights(shape, [Double](repeating: 1, count: 288))
    let limits = (Int32(bitPattern: Float(-1).bitPattern), Int32(bitPattern: Float(1).bitPattern))
    let y = try runOperator(
      HRM_WINOGRAD_CONV2D, shape.parameters(limits), [x, weights], .float([1, 6, 6, 8]))
    #expect(y.floats.allSatisfy { $0 == 0 })
  }

  /// O x kh x kw x I into [ceil(O / 8)][36][K][8].
  private static func weights(_ shape: ConvolutionShape, _ w: [Double]) -> TestTensor {
    let (kernel, stride) = (shape.kernel.h, shape.stride.h)
    let taps = (kernel + stride - 1) / stride
    let depth = stride * stride * shape.input
    let g = transforms[taps]!
    var packed = [Float](repeating: 0, count: shape.paddedChannels * 36 * depth)
    for o in 0..<shape.output {
      for k in 0..<depth {
        let (phase, i) = (k / shape.input, k % shape.input)
        for u in 0..<6 {
          for v in 0..<6 {
            var sum = 0.0
            for a in 0..<taps {
              for b in 0..<taps {
                let (y, x) = (stride * a + phase / stride, stride * b + phase % stride)
                guard y < kernel && x < kernel else { continue }
                sum += g[u][a] * g[v][b] * w[((o * kernel + y) * kernel + x) * shape.input + i]
              }
            }
            packed[((o / 8 * 36 + 6 * u + v) * depth + k) * 8 + o % 8] = Float(sum)
          }
        }
      }
    }
    return TestTensor.float([shape.paddedChannels / 8, 36, depth, 8], packed).constant
  }

  private static func draft() -> Damage<hrm_conv>.Draft {
    let shape = ConvolutionShape(height: 8, width: 8, input: 4, output: 6, pads: (1, 1, 1, 1))
    return Damage.Draft(
      parameters: shape.parameters((0, Int32(bitPattern: Float(6).bitPattern))),
      inputs: [
        .float([1, 8, 8, 4], [Float](repeating: 1, count: 256)),
        weights([1, 36, 4, 8]), TestTensor.float([8], [Float](repeating: 1, count: 8)).constant,
      ],
      output: .float([1, 8, 8, 6]))
  }

  private static func weights(_ dims: [Int]) -> TestTensor {
    TestTensor.float(dims, [Float](repeating: 1, count: dims.reduce(1, *))).constant
  }

  private func refuses(_ draft: Damage<hrm_conv>.Draft) throws -> Bool {
    do {
      _ = try runOperator(HRM_WINOGRAD_CONV2D, draft.parameters, draft.inputs, draft.output)
      return false
    } catch let failure as Failure {
      return failure.status == HR_BAD_MODEL
    }
  }

  @Test func theUndamagedConvolutionIsAccepted() throws {
    #expect(try !refuses(Self.draft()))
  }

  static let damages: [Damage<hrm_conv>] = [
    Damage("int8") {
      $0.inputs[0] = .int8([1, 8, 8, 4], [Int8](repeating: 1, count: 256))
      $0.output = .int8([1, 8, 8, 6])
    },
    Damage("no weights") { $0.inputs[1] = nil },
    Damage("a requantization") {
      $0.inputs.append(TestTensor.int32([2, 8], [Int32](repeating: 1, count: 16)).constant)
    },
    Damage("weights in the arena") { $0.inputs[1]!.isConstant = false },
    Damage("weights of another number of points") { $0.inputs[1] = weights([1, 16, 4, 8]) },
    Damage("weights of fewer channels") { $0.inputs[1] = weights([1, 36, 3, 8]) },
    Damage("weights of too many blocks") { $0.inputs[1] = weights([2, 36, 4, 8]) },
    Damage("a short bias") { $0.inputs[2] = .float([6], [Float](repeating: 1, count: 6)).constant },
    Damage("a kernel of five taps") {
      $0.parameters.kernel_h = 5; $0.parameters.kernel_w = 5
      $0.parameters.pad_top = 2; $0.parameters.pad_left = 2
      $0.parameters.pad_bottom = 2; $0.parameters.pad_right = 2
    },
    Damage("a kernel that is not square") {
      $0.parameters.kernel_h = 4
      $0.parameters.pad_top = 2
    },
    Damage("dilation") {
      $0.parameters.dilation_h = 2; $0.parameters.pad_top = 2; $0.parameters.pad_bottom = 2
    },
    Damage("a stride of three") {
      $0.parameters.stride_h = 3; $0.parameters.stride_w = 3
      $0.output = .float([1, 3, 3, 6])
    },
    Damage("groups") { $0.parameters.groups = 2 },
    Damage("padding that does not give the output") { $0.parameters.pad_top = 2 },
    Damage("a negative padding") { $0.parameters.pad_top = -1 },
    Damage("a huge kernel") {
      $0.parameters.kernel_h = .max; $0.parameters.kernel_w = .max
    },
    Damage("clamps out of order") { $0.parameters.clamp_max = -1 },
  ]

  @Test(arguments: damages) func damageIsRefused(_ damage: Damage<hrm_conv>) throws {
    var draft = Self.draft()
    damage.apply(&draft)
    #expect(try refuses(draft))
  }
}
