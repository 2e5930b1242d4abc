import CHeadrace
import Foundation
import Testing

@testable import HeadraceCompiler

/// The numbers that lowering computes, against the definitions in hrm.h and ONNX in double precision.
@Suite struct LowerArithmeticTests {
  @Test(arguments: [0.5, 1.0, 0.75, 3.1e-9, 1234.5, 0.999999999999, 2.0e-10, 1e9])
  func aMultiplierIsNormalisedAndClose(factor: Double) throws {
    let word = try FixedMultiplier(factor, .word, at: "")
    #expect((1 << 30..<1 << 31).contains(Int(word.multiplier)) || word.shift == 62)
    #expect((1...62).contains(word.shift))
    #expect(abs(word.real / factor - 1) < 1e-9 || word.shift == 62)
    let half = try? FixedMultiplier(factor, .half, at: "")
    if factor < 8192 && factor > 1e-9 {
      #expect((1 << 14..<1 << 15).contains(Int(half!.multiplier)))
      #expect(abs(half!.real / factor - 1) <= 1.0 / 32768)
    }
  }

  @Test func aFactorThatIsTooLargeIsRefused() {
    #expect(throws: CompilerError.self) { try FixedMultiplier(3e9, .word, at: "conv") }
    #expect(throws: CompilerError.self) { try FixedMultiplier(.infinity, .word, at: "conv") }
  }

  @Test func aFactorBelowWhatShiftsReachLosesBitsNotSense() throws {
    #expect(try FixedMultiplier(1e-30, .word, at: "") == FixedMultiplier(multiplier: 0, shift: 62))
    #expect(try FixedMultiplier(0, .word, at: "") == .zero)
  }

  /// Output channel o of group g stands in block (g * blocks per group + o / 8), lane o % 8.
  @Test func convolutionWeightsArePackedInBlocksOfEightPerGroup() {
    let (groups, perGroup, depth, kh, kw) = (2, 11, 3, 2, 2)
    let shape = [groups * perGroup, depth, kh, kw]
    let elements = Array(0..<shape.reduce(1, *))
    let kernels = ContractionKernels(layout: .convolution, groups: groups, shape: shape)
    let rows = kernels.rows(elements)
    let packed = kernels.pack(rows, run: 1, zero: -1)
    #expect(kernels.dims(rows, run: 1) == [4, kh * kw * depth, 8])
    for group in 0..<groups {
      for o in 0..<16 {
        for (y, x, i) in [(0, 0, 0), (1, 0, 2), (1, 1, 1)] {
          let block = group * 2 + o / 8
          let k = (y * kw + x) * depth + i
          let found = packed[(block * kh * kw * depth + k) * 8 + o % 8]
          let expected =
            o < perGroup
            ? elements[(((group * perGroup + o) * depth + i) * kh + y) * kw + x] : -1
          #expect(found == expected)
        }
      }
    }
  }

  /// Weight k of a channel stands in quad k / 4 of its block, behind the four of the channels before it.
  @Test func fixedPointWeightsStandInQuadsPaddedWithZeros() {
    let kernels = ContractionKernels(layout: .dense, groups: 1, shape: [9, 6])
    let rows = kernels.rows(Array(1...54))
    #expect(kernels.dims(rows, run: 4) == [2, 2, 8, 4])
    let packed = kernels.pack(rows, run: 4, zero: 0)
    #expect(packed[0..<8] == [1, 2, 3, 4, 7, 8, 9, 10])
    #expect(packed[32..<40] == [5, 6, 0, 0, 11, 12, 0, 0])
    #expect(packed[64..<72] == [49, 50, 51, 52, 0, 0, 0, 0])
  }

  @Test func depthwiseWeightsRunOverChannelsFastest() {
    let kernels = ContractionKernels(layout: .depthwise, groups: 5, shape: [10, 1, 1, 3])
    let rows = kernels.rows(Array(0..<30))
    #expect(kernels.dims(rows, run: 4) == [1, 3, 16])
    let packed = kernels.pack(rows, run: 4, zero: -1)
    #expect(packed[0..<16] == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, -1, -1, -1, -1, -1, -1])
    #expect(packed[16] == 1)
  }

  @Test func transposedWeightsReadInputChannelsOfTheirGroup() {
    let (groups, inputs, perGroup) = (2, 4, 3)
    let shape = [inputs, perGroup, 1, 2]
    let kernels = ContractionKernels(layout: .transposed, groups: groups, shape: shape)
    let rows = kernels.rows(Array(0..<shape.reduce(1, *)))
    #expect(kernels.dims(rows, run: 1) == [2, 4, 8])
    // Output channel 4 is channel 1 of group 1, whose inputs are 2 and 3: [kw][I/G].
    let expected = [(2, 0), (3, 0), (2, 1), (3, 1)].map { i, x in (i * perGroup + 1) * 2 + x }
    #expect(rows.rows[4] == expected)
  }

  @Test func theInputsZeroPointIsFoldedIntoTheBias() throws {
    let input = ElementFormat(type: HRM_INT8, scale: 0.5, zeroPoint: -3)
    let quantized = try WeightQuantizer.quantize(
      .quantized([[1, -2, 3]], scales: [0.25]), bias: [10], input: input, at: "")
    #expect(quantized.rows == [[1, -2, 3]])
    #expect(quantized.bias == [80 + 3 * 2])
  }

  @Test func weightsUseTheirWholeRangePerChannel() throws {
    let input = ElementFormat(type: HRM_INT8, scale: 1)
    let quantized = try WeightQuantizer.quantize(
      .real([[0.51, -1], [0.0011, 0.002]]), bias: nil, input: input, at: "")
    #expect(quantized.rows == [[65, -127], [70, 127]])
  }

  @Test func aChannelWhoseBiasWouldOverflowGetsCoarserWeights() throws {
    let input = ElementFormat(type: HRM_INT8, scale: 1e-4)
    let quantized = try WeightQuantizer.quantize(
      .real([[1e-6, 2e-6]]), bias: [1000], input: input, at: "")
    #expect(quantized.coarsenedChannels == [0])
    let stored = Double(quantized.bias[0])
    #expect(abs(stored) + 255 * 127 * 2 < 2_147_483_648)
    #expect(abs(stored * quantized.scales[0] * 1e-4 / 1000 - 1) < 1e-6)
  }

  @Test func infiniteWeightsAreRefused() {
    let input = ElementFormat(type: HRM_INT8, scale: 1)
    #expect(throws: CompilerError.self) {
      try WeightQuantizer.quantize(.real([[.infinity]]), bias: nil, input: input, at: "conv")
    }
  }

  @Test func anInt8TableHoldsTheFunctionOfEveryElement() {
    let input = ElementFormat(type: HRM_INT8, scale: 0.05, zeroPoint: 7)
    let output = ElementFormat(type: HRM_INT8, scale: 1 / 256, zeroPoint: -128)
    let table = LookupTable.data(from: input, to: output, Unary.sigmoid.evaluate)
    for element in -128...127 {
      let real = 1 / (1 + exp(-0.05 * Double(element - 7)))
      // Float(0.05) is not 0.05: one unit in the last place may turn a tie.
      let exact = min(real * 256 - 128, 127)
      #expect(abs(Double(Int8(bitPattern: table[element + 128])) - exact) <= 0.501)
    }
  }

  @Test func anInt16TableInterpolatesToWithinAStepOrTwo() {
    let input = ElementFormat(type: HRM_INT16, scale: 8 / 32768)
    let output = ElementFormat(type: HRM_INT16, scale: 1 / 32768)
    let table = LookupTable.data(from: input, to: output, Unary.tanh.evaluate)
      .withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    #expect(table.count == 513)
    var worst = 0.0
    for x in stride(from: -32768, through: 32767, by: 7) {
      let (i, f) = (256 + (x >> 7), x & 127)
      let y = Int(table[i]) + ((Int(table[i + 1]) - Int(table[i])) * f + 64) >> 7
      let exact = min(tanh(Double(x) * 8 / 32768) * 32768, 32767)
      worst = max(worst, abs(Double(y) - exact))
    }
    #expect(worst < 4)
  }

  /// Coordinates from ONNX's reference text for Resize.
  @Test func resizeTapsFollowOnnx() {
    func taps(
      _ mode: Resize.Mode, _ coordinates: Resize.Coordinates,
      _ rounding: Resize.Rounding = .preferFloor, from input: Int, to output: Int
    ) -> [ResizeTable.Tap] {
      let scale = Double(output) / Double(input)
      return ResizeTable.taps(
        Resize(mode: mode, coordinates: coordinates, rounding: rounding, scales: [scale, scale]),
        inputExtent: input, outputExtent: output, scale: scale)
    }
    #expect(taps(.nearest, .asymmetric, .floor, from: 2, to: 4).map(\.first) == [0, 0, 1, 1])
    #expect(taps(.nearest, .halfPixel, .preferCeil, from: 4, to: 2).map(\.first) == [1, 3])
    #expect(taps(.nearest, .halfPixel, .preferFloor, from: 4, to: 2).map(\.first) == [0, 2])
    #expect(taps(.nearest, .alignCorners, from: 3, to: 5).map(\.first) == [0, 0, 1, 1, 2])
    #expect(taps(.nearest, .asymmetric, .ceil, from: 2, to: 4).map(\.first) == [0, 1, 1, 1])
    let half = taps(.bilinear, .halfPixel, from: 2, to: 4)
    #expect(
      half.map { Double($0.first) * (1 - $0.weight) + Double($0.second) * $0.weight }
        == [0, 0.25, 0.75, 1])
    let aligned = taps(.bilinear, .alignCorners, from: 3, to: 5)
    #expect(
      aligned.map { Double($0.first) * (1 - $0.weight) + Double($0.second) * $0.weight }
        == [0, 0.5, 1, 1.5, 2])
    #expect(taps(.bilinear, .pytorchHalfPixel, from: 7, to: 1).map(\.first) == [0])
  }

  @Test func normParametersKeepThirtyBitsOfTheLargestGamma() throws {
    let fixed = try Lowering.fixedNorm([0.5, -2, 1], [0.25, 0, -1], 0.02, at: "")
    let unit = pow(2, Double(fixed.shift - 16)) / 0.02
    for (stored, gamma) in zip(fixed.gamma, [0.5, -2, 1]) {
      #expect(abs(Double(stored) - gamma * unit) <= 0.5)
    }
    #expect((1 << 29...1 << 30).contains(Int(abs(fixed.gamma[1]))))
    #expect(fixed.beta == [3200, 0, -12800])
  }

  @Test func aRangeAlwaysHoldsZeroExactly() throws {
    for (low, high) in [(-1.0, 3.0), (0, 2.0), (-4, 0), (0, 0), (-1e-9, 1e-9)] {
      let format = try Lowering.format(covering: [low, high], type: HRM_INT8, at: "")
      #expect(format.real(format.element(0)) == 0)
      #expect(abs(format.real(format.element(high)) - max(high, 0)) <= Double(format.scale))
      #expect(abs(format.real(format.element(low)) - min(low, 0)) <= Double(format.scale))
    }
  }

  @Test(arguments: [HRM_INT8, HRM_INT16], [1e-45, 1e-300, 3.4e38])
  func theSmallestAndTheLargestRangesHaveAScale(type: hrm_type, limit: Double) throws {
    let format = try Lowering.format(covering: [-limit, limit], type: type, at: "")
    #expect(format.scale.isNormal)
    #expect(abs(format.real(format.element(limit)) - limit) <= Double(format.scale))
  }

  @Test(arguments: [HRM_INT8, HRM_INT16], [Double.nan, .infinity, -.infinity, 1e300])
  func aRangeThatNoScaleCoversIsRefused(type: hrm_type, value: Double) {
    #expect(throws: CompilerError.self) {
      try Lowering.format(covering: [0, value], type: type, at: "weights")
    }
  }

  @Test(arguments: [Double.nan, .infinity])
  func constantsThatAreNotFiniteAreRefused(value: Double) {
    let input = ElementFormat(type: HRM_INT8, scale: 0.5)
    #expect(throws: CompilerError.self) {
      try WeightQuantizer.quantize(
        .real([[1, Float(value)]]), bias: nil, input: input, at: "conv")
    }
    #expect(throws: CompilerError.self) {
      try WeightQuantizer.quantize(
        .quantized([[1, 2]], scales: [0.1]), bias: [value], input: input, at: "conv")
    }
    #expect(throws: CompilerError.self) {
      try Lowering.fixedNorm([1, value], [0, 0], 0.02, at: "norm")
    }
    #expect(throws: CompilerError.self) {
      try Lowering.fixedNorm([1, 1], [0, value], 0.02, at: "norm")
    }
  }
}
