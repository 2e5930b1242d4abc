/// Codes bits, each with a probability that the encoder and the decoder know. The encoder passes the bit
/// on; the decoder ignores what it is given and returns the bit that it finds. So a model written once
/// serves both and they cannot drift apart.
protocol BinaryCoder {
  /// `zero` is the probability of 0 in units of 2^-15, 1 ... 32767.
  mutating func code(_ bit: Bool, zero: UInt32) -> Bool
}

extension BinaryCoder {
  /// Codes a bit and lets the probability learn from it.
  @inline(__always)
  mutating func code(_ bit: Bool, _ probability: inout AdaptiveProbability) -> Bool {
    let coded = code(bit, zero: probability.zero)
    probability.learn(coded)
    return coded
  }
}

/// How likely a 0 is, learned from the bits so far: the mean of a fast and a slow estimate, which
/// follows changes and still settles.
struct AdaptiveProbability: BitwiseCopyable {
  private var fast: UInt16 = 1 << 14
  private var slow: UInt16 = 1 << 14

  /// In units of 2^-15. The shifts keep the estimates away from 0 and 1: 71 ... 32697.
  var zero: UInt32 { (UInt32(fast) &+ UInt32(slow)) &>> 1 }

  @inline(__always)
  mutating func learn(_ bit: Bool) {
    if bit {
      fast &-= fast &>> 4
      slow &-= slow &>> 7
    } else {
      fast &+= (1 << 15 &- fast) &>> 4
      slow &+= (1 << 15 &- slow) &>> 7
    }
  }
}
