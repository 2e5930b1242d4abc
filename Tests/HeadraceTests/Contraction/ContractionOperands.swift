import CHeadrace

@testable import Headrace

/// Repeatable random numbers (SplitMix64).
struct Random: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

enum ActivationType: CaseIterable, Sendable {
  case float, int8, int16

  /// Weights of a channel that stand side by side in a block.
  var weightRun: Int { self == .float ? 1 : 4 }
}

/// Random contents of a contraction: raw elements for the operator, and what they stand for, as
/// doubles, which hold all integer sums exactly.
struct ContractionOperands {
  let type: ActivationType
  let xZero: Int
  let yZero: Int
  /// Raw input elements and bias, weights in the order of the definition.
  let x: [Double]
  let weights: [Double]
  let bias: [Double]
  let multipliers: [Int32]
  let shifts: [Int32]
  let clamps: (Int32, Int32)

  /// `sums` is how many products an output sums up: outputs are scaled to spread over the type.
  init(
    _ type: ActivationType, inputs: Int, outputChannels: Int, sums: Int, xZero: Int = 5, seed: Int
  ) {
    var random = Random(seed)
    self.type = type
    self.xZero = type == .int8 ? xZero : 0
    yZero = type == .int8 ? -9 : 0
    let weightCount = outputChannels * sums
    switch type {
    case .float:
      x = (0..<inputs).map { _ in Double(Float.random(in: -1...1, using: &random)) }
      weights = (0..<weightCount).map { _ in Double(Float.random(in: -1...1, using: &random)) }
      bias = (0..<outputChannels).map { _ in Double(Float.random(in: -1...1, using: &random)) }
      let least = (Float(-0.8) * Float(sums).squareRoot()).bitPattern
      clamps = (Int32(bitPattern: least), Int32(bitPattern: Float.infinity.bitPattern))
      multipliers = []
      shifts = []
    case .int8, .int16:
      let limit = type == .int8 ? 128 : 32768
      x = (0..<inputs).map { _ in Double(Int.random(in: -limit..<limit, using: &random)) }
      weights = (0..<weightCount).map { _ in Double(Int.random(in: -127...127, using: &random)) }
      let deviation = Double(sums).squareRoot() * Double(limit) * 0.58 * 73
      bias = (0..<outputChannels).map { _ in
        Double.random(in: -deviation...deviation, using: &random).rounded()
      }
      let bits = type == .int8 ? 31 : 15
      let spread = deviation / (Double(limit) * 0.4)
      let shift = Int32(bits) + Int32(spread.exponent)
      multipliers = (0..<outputChannels).map { _ in
        Int32.random(in: 1 << Int32(bits - 2)...Int32((1 << bits) - 1), using: &random)
      }
      shifts = (0..<outputChannels).map { _ in shift + Int32.random(in: 0...1, using: &random) }
      clamps = type == .int8 ? (-110, 127) : (-30000, 32767)
    }
  }

  /// The input less its zero point.
  var centred: [Double] { x.map { $0 - Double(xZero) } }

  func input(_ dims: [Int]) -> TestTensor { tensor(dims, x, zero: xZero) }

  func output(_ dims: [Int]) -> TestTensor { tensor(dims, [], zero: yZero) }

  private func tensor(_ dims: [Int], _ values: [Double], zero: Int) -> TestTensor {
    switch type {
    case .float: .float(dims, values.map { Float($0) })
    case .int8: .int8(dims, values.map { Int8($0) }, zeroPoint: Int32(zero))
    case .int16: .int16(dims, values.map { Int16($0) })
    }
  }

  /// Packed weights as a constant.
  func weightTensor(_ dims: [Int], _ packed: [Double]) -> TestTensor {
    (type == .float
      ? TestTensor.float(dims, packed.map { Float($0) })
      : TestTensor.int8(dims, packed.map { Int8($0) })).constant
  }

  /// Bias, with the zero point folded in, and requantization, channels placed by `slot`.
  func epilogue(padded: Int, slot: (Int) -> Int) -> [TestTensor?] {
    let sums = weights.count / bias.count
    var folded = [Double](repeating: 0, count: padded)
    var requant = [Int32](repeating: 0, count: padded) + [Int32](repeating: 1, count: padded)
    for channel in bias.indices {
      let total = weights[channel * sums..<(channel + 1) * sums].reduce(0, +)
      folded[slot(channel)] = bias[channel] - (type == .int8 ? Double(xZero) * total : 0)
      if type != .float {
        requant[slot(channel)] = multipliers[channel]
        requant[padded + slot(channel)] = shifts[channel]
      }
    }
    switch type {
    case .float: return [TestTensor.float([padded], folded.map { Float($0) }).constant]
    case .int8:
      return [
        TestTensor.int32([padded], folded.map { Int32($0) }).constant,
        TestTensor.int32([2, padded], requant).constant,
      ]
    case .int16:
      return [
        TestTensor.int64([padded], folded.map { Int64($0) }).constant,
        TestTensor.int32([2, padded], requant).constant,
      ]
    }
  }

  /// What exact sums (channels last) become: hrm.h's requantization, zero point and clamps.
  func finish(_ sums: [Double]) -> [Double] {
    sums.enumerated().map { index, sum in
      guard type != .float else {
        return max(sum, Double(Float(bitPattern: UInt32(bitPattern: clamps.0))))
      }
      let channel = index % bias.count
      let shift = Int128(shifts[channel])
      let scaled =
        (Int128(sum) * Int128(multipliers[channel]) + Int128(1) << (shift - 1)) >> shift
      return Double(min(max(scaled + Int128(yZero), Int128(clamps.0)), Int128(clamps.1)))
    }
  }
}

extension TestTensor {
  /// The elements as doubles, which hold them exactly.
  var doubles: [Double] {
    switch type {
    case HRM_FLOAT32: floats.map { Double($0) }
    case HRM_INT8: int8s.map { Double($0) }
    default: int16s.map { Double($0) }
    }
  }
}

/// The greatest difference allowed and found: integers must agree exactly, floats to 1e-5 of the
/// greatest magnitude.
func agrees(_ actual: TestTensor, _ expected: [Double]) -> Bool {
  let values = actual.doubles
  guard values.count == expected.count else { return false }
  let greatest = expected.map { abs($0) }.max() ?? 0
  let tolerance = actual.type == HRM_FLOAT32 ? 1e-5 * max(1, greatest) : 0
  return zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance }
}
