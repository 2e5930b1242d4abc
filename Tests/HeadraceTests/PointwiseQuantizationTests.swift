import CHeadrace
import Testing

@testable import Headrace

@Suite struct PointwiseQuantizationTests {
  private let none = ModelBuilder.NoParameters()

  @Test func floatsRoundHalfToEvenAndSaturate() throws {
    let x: [Float] = [0, 0.25, 0.75, 1.25, -0.25, -0.75, 63.4, 80, -80, 1e30, -1e30]
    let y = try runEveryWay(
      HRM_QUANTIZE, none, [.float([11], x)], .int8([11], scale: 0.5, zeroPoint: 3))
    #expect(y.int8s == [3, 3, 5, 5, 3, 1, 127, 127, -128, 127, -128])
    let word = try runEveryWay(HRM_QUANTIZE, none, [.float([11], x)], .int16([11], scale: 0.5))
    #expect(word.int16s == [0, 0, 2, 2, 0, -2, 127, 160, -160, 32767, -32768])
  }

  @Test func notANumberBecomesZeroAndInfinitiesSaturate() throws {
    let x: [Float] = [.nan, .signalingNaN, .infinity, -.infinity]
    let y = try runOperator(
      HRM_QUANTIZE, none, [.float([4], x)], .int8([4], scale: 1e-30, zeroPoint: -20))
    #expect(y.int8s == [-20, -20, 127, -128])
  }

  @Test(arguments: [Float(0.017), 1e-38, 3e38, 1.4e-45])
  func anyPositiveScaleWorks(_ scale: Float) throws {
    var values = TestValues(seed: 19)
    let x = values.floats(100, range: 300 * max(scale, 1e-36))
    let y = try runEveryWay(
      HRM_QUANTIZE, none, [.float([100], x)], .int16([100], scale: scale))
    let expected = x.map { x -> Int16 in
      let ratio = x / scale
      return ratio >= 40000
        ? .max
        : ratio <= -40000
          ? .min
          : Int16(clamping: Int(ratio.rounded(.toNearestOrEven)))
    }
    #expect(y.int16s == expected)
  }

  @Test func everyIntegerIsScaledBack() throws {
    let bytes = (-128...127).map { Int8($0) }
    let y = try runEveryWay(
      HRM_DEQUANTIZE, none, [.int8([256], bytes, scale: 0.1, zeroPoint: -11)], .float([256]))
    #expect(y.floats == bytes.map { Float(0.1) * Float(Int($0) + 11) })
    let words: [Int16] = [.min, -1, 0, 1, .max]
    let z = try runOperator(
      HRM_DEQUANTIZE, none, [.int16([5], words, scale: 0.3)], .float([5]))
    #expect(z.floats == words.map { Float(0.3) * Float($0) })
  }

  @Test(arguments: [(Int32(1_234_567_890), Int32(31)), (.max, 1), (1 << 30, 38), (0, 1), (3, 62)])
  func scalesAndWidthsChangeExactly(multiplier: Int32, shift: Int32) throws {
    var values = TestValues(seed: 20)
    let parameters = hrm_requantize(multiplier: multiplier, shift: shift)
    func exact(_ x: Int, _ zeroX: Int, _ zeroY: Int) -> Int {
      exactRequantize(x - zeroX, multiplier, shift) + zeroY
    }
    let bytes = values.integers(101, Int8.self)
    let words = values.integers(101, Int16.self)
    let toBytes = try runEveryWay(
      HRM_REQUANTIZE, parameters, [.int8([101], bytes, zeroPoint: 5)],
      .int8([101], zeroPoint: -128), inPlace: true)
    #expect(toBytes.int8s == bytes.map { saturated(exact(Int($0), 5, -128), Int8.self) })
    let widened = try runEveryWay(
      HRM_REQUANTIZE, parameters, [.int8([101], bytes, zeroPoint: 5)], .int16([101]))
    #expect(widened.int16s == bytes.map { saturated(exact(Int($0), 5, 0), Int16.self) })
    let narrowed = try runEveryWay(
      HRM_REQUANTIZE, parameters, [.int16([101], words)], .int8([101], zeroPoint: 7))
    #expect(narrowed.int8s == words.map { saturated(exact(Int($0), 0, 7), Int8.self) })
    let toWords = try runEveryWay(
      HRM_REQUANTIZE, parameters, [.int16([101], words)], .int16([101]), inPlace: true)
    #expect(toWords.int16s == words.map { saturated(exact(Int($0), 0, 0), Int16.self) })
  }

  @Test func badArgumentsAreRefused() {
    let floats = TestTensor.float([2], [1, 2])
    let bytes = TestTensor.int8([2], [1, 2])
    for scale: Float in [0, -1, .nan, .infinity] {
      expectRefused(HRM_QUANTIZE, none, [floats], .int8([2], scale: scale))
      expectRefused(
        HRM_DEQUANTIZE, none, [.int8([2], [1, 2], scale: scale)], .float([2]))
    }
    expectRefused(HRM_QUANTIZE, none, [floats], .int8([2], zeroPoint: 128), "zero point")
    expectRefused(HRM_QUANTIZE, none, [floats], .int8([1]), "shape")
    expectRefused(HRM_QUANTIZE, none, [bytes], .int8([2]), "type")
    expectRefused(HRM_QUANTIZE, none, [floats], .float([2]), "type")
    expectRefused(HRM_DEQUANTIZE, none, [floats], .float([2]), "type")
    expectRefused(HRM_DEQUANTIZE, none, [.int32([2], [1, 2])], .float([2]), "type")
    for (multiplier, shift): (Int32, Int32) in [(-1, 1), (1, 0), (1, 63)] {
      expectRefused(
        HRM_REQUANTIZE, hrm_requantize(multiplier: multiplier, shift: shift), [bytes],
        .int8([2]))
    }
    expectRefused(
      HRM_REQUANTIZE, hrm_requantize(multiplier: 1, shift: 1), [floats], .int8([2]), "type")
  }
}
