/// Encodes bits and symbols, or decodes them: an encoder passes on what it is given, a decoder ignores that and
/// returns what it finds. So a model written once serves both and they cannot drift apart.
///
/// One type with a flag, not a protocol: each model would be compiled twice, for a twentieth less time.
struct RangeCoder {
  let isDecoding: Bool
  private var encoder: RangeEncoder
  private var decoder: RangeDecoder

  /// Writes at most `limit` bytes.
  init(encodingTo output: UnsafeMutablePointer<UInt8>, limit: Int) {
    isDecoding = false
    encoder = RangeEncoder(output, limit: limit)
    decoder = RangeDecoder(UnsafePointer(output), count: 0)
  }

  init(decoding input: UnsafePointer<UInt8>, count: Int) {
    isDecoding = true
    encoder = RangeEncoder(UnsafeMutablePointer(mutating: input), limit: 0)
    decoder = RangeDecoder(input, count: count)
  }

  /// Of a decoder: whether the code was used up. An encoder leaves no byte behind.
  var isAtEnd: Bool { decoder.isAtEnd }

  /// Of an encoder: ends the code and returns how many bytes there are; nil if they are more than the limit.
  mutating func finish() -> Int? {
    let count = encoder.finish()
    return encoder.overflowed ? nil : count
  }

  /// `zero` is the probability of 0 in units of 2^-15, 1 ... 32767.
  @inline(never)
  mutating func code(_ bit: Bool, zero: UInt32) -> Bool {
    isDecoding ? decoder.code(zero: zero) : encoder.code(bit, zero: zero)
  }

  /// Codes a bit and lets the probability learn from it.
  @inline(never)
  mutating func code(_ bit: Bool, _ probability: inout AdaptiveProbability) -> Bool {
    let coded = code(bit, zero: probability.zero)
    probability.learn(coded)
    return coded
  }

  /// Codes an integer, however far from the mean. nil: the code holds none.
  mutating func code(integer: Int32, _ distribution: LogisticDistribution) -> Int32? {
    let last = distribution.symbolCount &- 1
    let offset = integer &- distribution.center &+ distribution.reach &+ 1
    let given = max(0, min(last, offset))
    let symbol =
      isDecoding ? decoder.code(distribution) : encoder.code(given, distribution)
    guard symbol == 0 || symbol == last else {
      return symbol &+ distribution.center &- distribution.reach &- 1
    }
    let beyond =
      (integer &- distribution.center).magnitude &- UInt32(bitPattern: distribution.reach)
    guard let distance = code(gamma: beyond) else { return nil }
    let far = Int32(bitPattern: distance) &+ distribution.reach
    return distribution.center &+ (symbol == 0 ? 0 &- far : far)
  }

  /// Elias's gamma code of a number of at least 1, each bit as likely as not. nil from 2^16 on.
  private mutating func code(gamma value: UInt32) -> UInt32? {
    let length = 31 &- max(1, value).leadingZeroBitCount
    var coded = 0
    while code(coded < length, zero: 1 << 14) {
      coded &+= 1
      guard coded < 16 else { return nil }
    }
    var result: UInt32 = 1
    while coded > 0 {
      coded &-= 1
      let bit = code(value &>> UInt32(coded) & 1 == 1, zero: 1 << 14)
      result = result &<< 1 | (bit ? 1 : 0)
    }
    return result
  }
}
