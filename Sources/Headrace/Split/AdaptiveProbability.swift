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
