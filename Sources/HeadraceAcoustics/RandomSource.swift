import Foundation

/// Random numbers that a seed repeats on every machine: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
public struct RandomSource: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform, from 0 to below 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func within(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  mutating func index(below count: Int) -> Int { min(Int(unit() * Double(count)), count - 1) }

  /// Two of the standard normal distribution (Box and Muller, 1958).
  mutating func normals() -> (Double, Double) {
    let radius = sqrt(-2 * log(1 - unit()))
    let angle = 2 * Double.pi * unit()
    return (radius * cos(angle), radius * sin(angle))
  }
}
