import CHeadrace
import Foundation

/// The table of `HRM_LOOKUP` for a function of one real number.
enum LookupTable {
  /// int8: one entry for each element. int16: 513 entries, 128 elements apart, that the runtime
  /// interpolates between.
  static func data(
    from input: ElementFormat, to output: ElementFormat, _ function: (Double) -> Double
  ) -> [UInt8] {
    if input.type == HRM_INT8 {
      return bytes(
        of: input.elementRange.map { Int8(output.element(function(input.real($0)))) })
    }
    return bytes(of: interpolated(from: input, to: output, function))
  }

  /// Each entry gives up half of the error that interpolation makes at the middle of the interval
  /// before it, which halves the largest error of curved functions (as TensorFlow Lite's tables do).
  private static func interpolated(
    from input: ElementFormat, to output: ElementFormat, _ function: (Double) -> Double
  ) -> [Int16] {
    func exact(_ element: Double) -> Double {
      let real = function(Double(input.scale) * element)
      let stored = real.isNaN ? 0 : real / Double(output.scale)
      return min(max(stored, -32768), 32767)
    }
    return (0...512).map { index in
      let element = Double(index - 256) * 128
      let sample = exact(element)
      guard index < 512 else { return Int16(sample.rounded()) }
      let middle = (exact(element + 128) + sample) / 2
      let error = middle - exact(element + 64)
      return Int16(min(max((sample - error / 2).rounded(), -32768), 32767))
    }
  }
}

/// The tables of `HRM_SOFTMAX`.
enum SoftmaxTable {
  /// int8: round(2^23 exp(-d scale)) for d = 0 ... 255.
  static func int8(scale: Double) -> [Int32] {
    (0...255).map { Int32((8_388_608 * exp(-Double($0) * scale)).rounded()) }
  }

  /// int16: round(2^23 exp(-i / 32)) for i < 512, then round(2^23 exp(-j / 2^14)) for j < 512.
  static func int16() -> [Int32] {
    let coarse = (0..<512).map { Int32((8_388_608 * exp(-Double($0) / 32)).rounded()) }
    let fine = (0..<512).map { Int32((8_388_608 * exp(-Double($0) / 16384)).rounded()) }
    return coarse + fine
  }
}
