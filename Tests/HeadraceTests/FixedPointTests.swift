import Testing

@testable import HeadraceKernels

@Suite struct FixedPointTests {
  /// floor(a * m / 2^t + 1/2) in 128 bits, saturated.
  private func reference(_ a: Int64, _ m: Int32, _ t: Int32) -> Int32 {
    let product = Int128(a) * Int128(m) + (Int128(1) << Int128(t - 1))
    return Int32(clamping: product >> Int128(t))
  }

  @Test func requantizeRoundsToNearestWithHalvesUp() {
    #expect(requantize(Int32(3), 1, 1) == 2)
    #expect(requantize(Int32(-3), 1, 1) == -1)
    #expect(requantize(Int32(5), 1 << 30, 31) == 3)
  }

  @Test func requantizeIsExactOverItsWholeRange() {
    var random = SystemRandomNumberGenerator()
    let edges: [Int32] = [.min + 1, -1, 0, 1, .max]
    for shift in Int32(1)...62 {
      for multiplier in [0, 1, 1 << 30, .max, Int32.random(in: 0 ... .max, using: &random)] {
        for value in edges + [Int32.random(in: .min + 1 ... .max, using: &random)] {
          #expect(
            requantize(value, multiplier, shift) == reference(Int64(value), multiplier, shift))
        }
      }
    }
  }

  @Test func requantizeOfWideAccumulatorsIsExactOverItsWholeRange() {
    var random = SystemRandomNumberGenerator()
    let limit = Int64(1) << 47 - 1
    for shift in Int32(1)...47 {
      for multiplier in [0, 1, 32767, Int32.random(in: 0...32767, using: &random)] {
        for value in [-limit, -1, 0, 1, limit, Int64.random(in: -limit...limit, using: &random)] {
          #expect(requantize(value, multiplier, shift) == reference(value, multiplier, shift))
        }
      }
    }
  }
}
