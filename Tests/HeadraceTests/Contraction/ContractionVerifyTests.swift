import CHeadrace
import Testing

@testable import Headrace

/// One way to damage a valid operator.
struct Damage<Parameters: BitwiseCopyable & Sendable>: Sendable, CustomTestStringConvertible {
  struct Draft {
    var parameters: Parameters
    var inputs: [TestTensor?]
    var output: TestTensor
  }

  let testDescription: String
  let apply: @Sendable (inout Draft) -> Void

  init(_ name: String, _ apply: @escaping @Sendable (inout Draft) -> Void) {
    testDescription = name
    self.apply = apply
  }
}

@Suite struct ContractionVerifyTests {
  /// Whether the operator is refused as a bad model.
  private func refuses<Parameters>(
    _ code: hrm_code, _ draft: Damage<Parameters>.Draft
  ) throws -> Bool {
    do {
      _ = try runOperator(code, draft.parameters, draft.inputs, draft.output)
      return false
    } catch let failure as Failure {
      return failure.status == HR_BAD_MODEL && failure.operatorIndex == 0
    }
  }

  // MARK: Convolution

  private static func parameters() -> hrm_conv {
    hrm_conv(
      kernel_h: 2, kernel_w: 3, stride_h: 1, stride_w: 2, dilation_h: 1, dilation_w: 1, pad_top: 1,
      pad_left: 0,
      pad_bottom: 0, pad_right: 1, groups: 2, clamp_min: -128, clamp_max: 127)
  }

  private static func requant(multiplier: Int32 = 1 << 30, shift: Int32 = 38) -> TestTensor {
    TestTensor.int32(
      [2, 16],
      [Int32](repeating: multiplier, count: 16) + [Int32](repeating: shift, count: 16)
    ).constant
  }

  private static func weights(_ dims: [Int] = [2, 3, 8, 4]) -> TestTensor {
    TestTensor.int8(dims, [Int8](repeating: 3, count: dims.reduce(1, *))).constant
  }

  /// 4 to 6 channels in two groups, kernel 2 x 3.
  static func convolution() -> Damage<hrm_conv>.Draft {
    Damage.Draft(
      parameters: parameters(),
      inputs: [
        .int8([1, 4, 6, 4], [Int8](repeating: 1, count: 96)), weights(),
        TestTensor.int32([16], [Int32](repeating: 5, count: 16)).constant, requant(),
      ],
      output: .int8([1, 4, 3, 6]))
  }

  @Test func theUndamagedConvolutionIsAccepted() throws {
    #expect(try !refuses(HRM_CONV2D, Self.convolution()))
  }

  static let convolutions: [Damage<hrm_conv>] = [
    Damage("no weights") { $0.inputs[1] = nil },
    Damage("one operand") { $0.inputs = [$0.inputs[0]] },
    Damage("too many operands") { $0.inputs.append(nil) },
    Damage("weights in the arena") { $0.inputs[1]!.isConstant = false },
    Damage("float weights") {
      $0.inputs[1] = TestTensor.float([2, 12, 8], [Float](repeating: 0, count: 192)).constant
    },
    Damage("weights of another rank") { $0.inputs[1] = weights([2, 12, 8]) },
    Damage("weights in blocks of four") { $0.inputs[1] = weights([4, 3, 4, 4]) },
    Damage("weights that are not in quads") { $0.inputs[1] = weights([2, 6, 8, 2]) },
    Damage("a weight of -128") {
      $0.inputs[1] = TestTensor.int8([2, 3, 8, 4], [Int8](repeating: -128, count: 192)).constant
    },
    Damage("weights for other input channels") { $0.inputs[1] = weights([2, 5, 8, 4]) },
    Damage("too few blocks") { $0.inputs[1] = weights([1, 3, 8, 4]) },
    Damage("a kernel that does not give the output") {
      $0.inputs[1] = weights([2, 2, 8, 4])
      $0.parameters.kernel_h = 1; $0.parameters.kernel_w = 4
    },
    Damage("a kernel of no rows") { $0.parameters.kernel_h = 0 },
    Damage("a kernel with a negative width") { $0.parameters.kernel_w = -3 },
    Damage("a kernel with too many taps") {
      $0.parameters.kernel_h = 65535; $0.parameters.kernel_w = 65535
    },
    Damage("a bias in 64 bits") {
      $0.inputs[2] = TestTensor.int64([16], [Int64](repeating: 0, count: 16)).constant
    },
    Damage("a short bias") {
      $0.inputs[2] = TestTensor.int32([6], [Int32](repeating: 0, count: 6)).constant
    },
    Damage("a bias in the arena") { $0.inputs[2]!.isConstant = false },
    Damage("a bias near overflow") {
      $0.inputs[2] = TestTensor.int32([16], [Int32](repeating: .max, count: 16)).constant
    },
    Damage("a bias of the least integer") {
      $0.inputs[2] = TestTensor.int32([16], [Int32](repeating: .min, count: 16)).constant
    },
    Damage("no requantization") { $0.inputs[3] = nil },
    Damage("requantization of another shape") {
      $0.inputs[3] = TestTensor.int32([16, 2], [Int32](repeating: 1, count: 32)).constant
    },
    Damage("requantization in the arena") { $0.inputs[3]!.isConstant = false },
    Damage("a negative multiplier") { $0.inputs[3] = requant(multiplier: -1) },
    Damage("shift 0") { $0.inputs[3] = requant(shift: 0) },
    Damage("shift 63") { $0.inputs[3] = requant(shift: 63) },
    Damage("clamps out of order") {
      $0.parameters.clamp_min = 127; $0.parameters.clamp_max = 0
    },
    Damage("a clamp beyond int8") { $0.parameters.clamp_max = 128 },
    Damage("another batch") { $0.output.dims[0] = 2 },
    Damage("a taller output") { $0.output.dims[1] = 5 },
    Damage("a wider output") { $0.output.dims[2] = 4 },
    Damage("channels that groups do not divide") { $0.output.dims[3] = 7 },
    Damage("another type of output") { $0.output = .int16([1, 4, 3, 6]) },
    Damage("an output of rank 3") { $0.output.dims = [4, 3, 6] },
    Damage("an input of rank 3") {
      $0.inputs[0] = .int8([4, 6, 4], [Int8](repeating: 1, count: 96))
    },
    Damage("an input of integers in 32 bits") {
      $0.inputs[0] = .int32([1, 4, 6, 4], [Int32](repeating: 1, count: 96))
    },
    Damage("a zero point beyond int8") { $0.inputs[0]!.zeroPoint = 128 },
    Damage("an output's zero point beyond int8") { $0.output.zeroPoint = -129 },
    Damage("stride 0") { $0.parameters.stride_h = 0 },
    Damage("a negative stride") { $0.parameters.stride_w = -2 },
    Damage("a huge stride") { $0.parameters.stride_w = 65536 },
    Damage("dilation 0") { $0.parameters.dilation_w = 0 },
    Damage("a huge dilation") { $0.parameters.dilation_h = .max },
    Damage("negative padding") { $0.parameters.pad_top = -1 },
    Damage("huge padding") { $0.parameters.pad_bottom = 65536 },
    Damage("no groups") { $0.parameters.groups = 0 },
    Damage("negative groups") { $0.parameters.groups = -2 },
    Damage("groups that do not divide the input") { $0.parameters.groups = 3 },
  ]

  @Test(arguments: convolutions)
  func aDamagedConvolutionIsRefused(_ damage: Damage<hrm_conv>) throws {
    var draft = Self.convolution()
    damage.apply(&draft)
    #expect(try refuses(HRM_CONV2D, draft))
  }

  @Test(arguments: convolutions)
  func noDamagedConvolutionPassesForATransposedOne(_ damage: Damage<hrm_conv>) throws {
    var draft = Self.convolution()
    // 4 x 6 spreads to 4 x 12.
    draft.output.dims = [1, 4, 12, 6]
    #expect(try !refuses(HRM_TRANSPOSED_CONV2D, draft))
    damage.apply(&draft)
    if draft.output.dims[2] == 4 { draft.output.dims[2] = 20 }
    #expect(try refuses(HRM_TRANSPOSED_CONV2D, draft))
  }

  @Test(arguments: [
    Damage<hrm_conv>("a bias of 47 bits") {
      $0.inputs[2] = TestTensor.int64([16], [Int64](repeating: 1 << 47, count: 16)).constant
    },
    Damage("the least bias") {
      $0.inputs[2] = TestTensor.int64([16], [Int64](repeating: .min, count: 16)).constant
    },
    Damage("a multiplier of 16 bits") { $0.inputs[3] = requant(multiplier: 32768, shift: 20) },
    Damage("shift 48") { $0.inputs[3] = requant(multiplier: 3, shift: 48) },
    Damage("an input with a zero point") { $0.inputs[0]!.zeroPoint = 1 },
    Damage("an output with a zero point") { $0.output.zeroPoint = -1 },
    Damage("a clamp beyond int16") { $0.parameters.clamp_min = -32769 },
  ])
  func aDamagedInt16ConvolutionIsRefused(_ damage: Damage<hrm_conv>) throws {
    var draft = Self.convolution()
    draft.inputs[0] = .int16([1, 4, 6, 4], [Int16](repeating: 1, count: 96))
    draft.inputs[2] = TestTensor.int64([16], [Int64](repeating: 5, count: 16)).constant
    draft.inputs[3] = Self.requant(multiplier: 1 << 14, shift: 22)
    draft.output = .int16([1, 4, 3, 6])
    #expect(try !refuses(HRM_CONV2D, draft))
    damage.apply(&draft)
    #expect(try refuses(HRM_CONV2D, draft))
  }

  @Test(arguments: [
    Damage<hrm_conv>("requantization") { $0.inputs.append(requant()) },
    Damage("clamps out of order") { $0.parameters.clamp_max = Int32(bitPattern: 0xbf80_0000) },
    Damage("a clamp that is not a number") {
      $0.parameters.clamp_min = Int32(bitPattern: 0x7fc0_0000)
    },
    Damage("int8 weights") { $0.inputs[1] = weights() },
  ])
  func aDamagedFloatConvolutionIsRefused(_ damage: Damage<hrm_conv>) throws {
    var draft = Self.convolution()
    draft.parameters.clamp_min = 0
    draft.parameters.clamp_max = Int32(bitPattern: Float.infinity.bitPattern)
    draft.inputs = [
      .float([1, 4, 6, 4], [Float](repeating: 1, count: 96)),
      TestTensor.float([2, 12, 8], [Float](repeating: 1, count: 192)).constant, nil,
    ]
    draft.output = .float([1, 4, 3, 6])
    #expect(try !refuses(HRM_CONV2D, draft))
    damage.apply(&draft)
    #expect(try refuses(HRM_CONV2D, draft))
  }

  @Test func sumsThatCouldOverflowAreRefusedAndTheGreatestThatCannotAreNot() throws {
    // 128 * 127 * 132,104 + bias = 2^31 - 1.
    let depth = 132_104
    let bias = Int32(Int64(Int32.max) - 128 * 127 * Int64(depth))
    let requant = TestTensor.int32(
      [2, 8], [Int32](repeating: 1, count: 8) + [Int32](repeating: 31, count: 8)
    ).constant
    func draft(_ bias: Int32) -> Damage<hrm_dense>.Draft {
      Damage.Draft(
        parameters: hrm_dense(clamp_min: -128, clamp_max: 127),
        inputs: [
          .int8([1, depth], [Int8](repeating: -128, count: depth)),
          TestTensor.int8([1, depth / 4, 8, 4], [Int8](repeating: -127, count: depth * 8)).constant,
          TestTensor.int32([8], [Int32](repeating: bias, count: 8)).constant, requant,
        ],
        output: .int8([1, 8]))
    }
    #expect(try !refuses(HRM_DENSE, draft(bias)))
    #expect(try refuses(HRM_DENSE, draft(bias + 1)))
  }

  // MARK: Depthwise convolution

  @Test(arguments: [
    Damage<hrm_conv>("groups that are not the channels") { $0.parameters.groups = 2 },
    Damage("outputs that are no multiple") { $0.output.dims[3] = 9 },
    Damage("weights that are not padded") { $0.inputs[1] = weights([2, 2, 12]) },
    Damage("weights of another rank") { $0.inputs[1] = weights([2, 2, 2, 8]) },
    Damage("a kernel with too many taps") {
      $0.inputs[1] = weights([2000, 40, 16])
      $0.parameters.kernel_h = 2000; $0.parameters.kernel_w = 40
    },
    Damage("another kernel than its weights") { $0.parameters.kernel_w = 1 },
    Damage("a taller output") { $0.output.dims[1] = 4 },
    Damage("no requantization") { $0.inputs[3] = nil },
  ])
  func aDamagedDepthwiseConvolutionIsRefused(_ damage: Damage<hrm_conv>) throws {
    var draft = Self.convolution()
    draft.parameters = hrm_conv(
      kernel_h: 2, kernel_w: 2, stride_h: 1, stride_w: 1, dilation_h: 1, dilation_w: 1, pad_top: 0,
      pad_left: 0,
      pad_bottom: 0, pad_right: 0, groups: 4, clamp_min: -128, clamp_max: 127)
    draft.inputs[1] = Self.weights([2, 2, 16])
    draft.output.dims = [1, 3, 5, 12]
    #expect(try !refuses(HRM_DEPTHWISE_CONV2D, draft))
    damage.apply(&draft)
    #expect(try refuses(HRM_DEPTHWISE_CONV2D, draft))
  }

  // MARK: Matrix product and pool

  @Test(arguments: [
    Damage<hrm_matmul>("depths that differ") { $0.inputs[1]!.dims = [2, 4, 5] },
    Damage("more rows") { $0.output.dims[1] = 4 },
    Damage("more columns") { $0.output.dims[2] = 6 },
    Damage("leading extents that do not broadcast") { $0.inputs[0]!.dims = [3, 2, 3] },
    Damage("a transposition that is neither 0 nor 1") { $0.parameters.transpose_a = 2 },
    Damage("another rank") { $0.output.dims = [6, 5] },
    Damage("a vector") { $0.inputs[0]!.dims = [18] },
    Damage("shift 0") { $0.parameters.shift = 0 },
    Damage("another type") { $0.inputs[1] = .int16([2, 3, 5], [Int16](repeating: 0, count: 30)) },
    Damage("a sum that could overflow") {
      $0.inputs[0] = .int8([1, 3, 33026], [Int8](repeating: 0, count: 99078))
      $0.inputs[1] = .int8([2, 33026, 5], [Int8](repeating: 0, count: 330_260))
    },
  ])
  func aDamagedMatrixProductIsRefused(_ damage: Damage<hrm_matmul>) throws {
    var draft = Damage<hrm_matmul>.Draft(
      parameters: hrm_matmul(
        transpose_a: 0, transpose_b: 0, multiplier: 1 << 30, shift: 31, clamp_min: -128,
        clamp_max: 127),
      inputs: [
        .int8([1, 3, 3], [Int8](repeating: 1, count: 9)),
        .int8([2, 3, 5], [Int8](repeating: 1, count: 30)),
      ],
      output: .int8([2, 3, 5]))
    #expect(try !refuses(HRM_MATMUL, draft))
    damage.apply(&draft)
    #expect(try refuses(HRM_MATMUL, draft))
  }

  @Test(arguments: [
    Damage<hrm_pool2d>("an unknown kind") { $0.parameters.function = 3 },
    Damage("a dilated average") {
      $0.parameters.dilation_w = 2; $0.output.dims[2] = 3
    },
    Damage("a window in the padding") {
      $0.parameters.pad_left = 2
      $0.output.dims[2] = 6
    },
    Damage("other channels") { $0.output.dims[3] = 4 },
    Damage("a kernel of nothing") { $0.parameters.kernel_h = 0 },
    Damage("a negative kernel") { $0.parameters.kernel_w = -2 },
    Damage("a shift that could overflow") { $0.parameters.shift = 62 },
    Damage("a negative multiplier") { $0.parameters.multiplier = -1 },
    Damage("a maximum that changes the zero point") {
      $0.parameters.function = Int32(HRM_MAX_POOL.rawValue)
    },
  ])
  func aDamagedPoolIsRefused(_ damage: Damage<hrm_pool2d>) throws {
    var draft = Damage<hrm_pool2d>.Draft(
      parameters: hrm_pool2d(
        function: Int32(HRM_AVERAGE_POOL.rawValue), kernel_h: 2, kernel_w: 2, stride_h: 1,
        stride_w: 1, dilation_h: 1, dilation_w: 1, pad_top: 0, pad_left: 0, pad_bottom: 0,
        pad_right: 0, count_include_pad: 0, clamp_min: -128, clamp_max: 127,
        multiplier: 1 << 30, shift: 30),
      inputs: [.int8([1, 5, 5, 3], [Int8](repeating: 1, count: 75))],
      output: .int8([1, 4, 4, 3], zeroPoint: 4))
    #expect(try !refuses(HRM_POOL2D, draft))
    damage.apply(&draft)
    #expect(try refuses(HRM_POOL2D, draft))
  }

  /// Tensors are far larger than the file that describes them, which takes no longer for it: two thousand million
  /// windows would take minutes to look at.
  @Test(.timeLimit(.minutes(1)), arguments: [0, 1])
  func aPoolOfAnyHeightIsVerifiedByItsPadding(padding: Int32) throws {
    let height = Int32.max - 63
    var model = ModelBuilder()
    let x = model.tensor(HRM_INT8, [1, Int(height), 1, 1], scale: 1)
    let y = model.tensor(HRM_INT8, [1, Int(height), 1, 1], scale: 1)
    model.add(
      HRM_POOL2D,
      hrm_pool2d(
        function: Int32(HRM_MAX_POOL.rawValue), kernel_h: 1 + 2 * padding, kernel_w: 1,
        stride_h: 1, stride_w: 1, dilation_h: 1, dilation_w: 1, pad_top: padding, pad_left: 0,
        pad_bottom: padding, pad_right: 0, count_include_pad: 0, clamp_min: -128, clamp_max: 127,
        multiplier: 0, shift: 0),
      inputs: [x], outputs: [y])
    model.inputs = [x]
    model.outputs = [y]
    let file = AlignedBytes(model.file())
    var opened = hr_model()
    #expect(hr_model_open(&opened, file.base, file.count, nil) == HR_OK)
  }
}
