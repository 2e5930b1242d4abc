/// An arithmetic encoder with carry propagation: G. N. N. Martin, "Range encoding", 1979, in the form
/// that LZMA made common. Integers only.
///
/// Writes at most `limit` bytes; what does not fit is dropped and `overflowed` says so.
struct RangeEncoder {
  private let output: UnsafeMutablePointer<UInt8>
  private let limit: Int
  private var count = 0
  /// Zeros that follow, written once something follows them.
  private var zeros = 0
  private(set) var overflowed = false

  private var low: UInt64 = 0
  private var range = UInt32.max
  /// The last byte settled but for a carry, followed by `pending` bytes of 0xff that would pass it on.
  /// nil before the first: no carry can reach beyond it.
  private var held: UInt8?
  private var pending = 0

  init(_ output: UnsafeMutablePointer<UInt8>, limit: Int) {
    self.output = output
    self.limit = limit
  }

  @inline(__always)
  mutating func code(_ bit: Bool, zero: UInt32) -> Bool {
    let bound = (range &>> 15) &* zero
    if bit {
      low &+= UInt64(bound)
      range &-= bound
    } else {
      range = bound
    }
    while range < 1 << 24 {
      range &<<= 8
      shift()
    }
    return bit
  }

  @inline(__always)
  mutating func code(_ symbol: Int32, _ distribution: LogisticDistribution) -> Int32 {
    let below = distribution.below(symbol)
    let step = range &>> 16
    low &+= UInt64(step &* below)
    range = step &* (distribution.below(symbol &+ 1) &- below)
    while range < 1 << 24 {
      range &<<= 8
      shift()
    }
    return symbol
  }

  /// Ends the code with the fewest bytes and returns how many there are. The decoder reads zeros behind
  /// them, so trailing zeros are left out.
  mutating func finish() -> Int {
    // range is at least 2^24: this number lies in [low, low + range).
    low = (low &+ 0xff_ffff) & ~0xff_ffff
    for _ in 0..<5 { shift() }
    return count
  }

  /// Moves the topmost of the 32 bits that are still open out of `low`. Out of line: a byte of code holds many
  /// bits, and each place that codes one would carry a copy.
  @inline(never)
  private mutating func shift() {
    let carry = UInt8(truncatingIfNeeded: low &>> 32)
    let top = UInt8(truncatingIfNeeded: low &>> 24)
    if carry != 0 || top != 0xff {
      if let held { write(held &+ carry) }
      while pending > 0 {
        write(0xff &+ carry)
        pending &-= 1
      }
      held = top
    } else {
      pending &+= 1
    }
    low = (low & 0xff_ffff) &<< 8
  }

  private mutating func write(_ byte: UInt8) {
    guard byte != 0 else {
      zeros &+= 1
      return
    }
    guard zeros < limit &- count else {
      overflowed = true
      return
    }
    while zeros > 0 {
      output[count] = 0
      count &+= 1
      zeros &-= 1
    }
    output[count] = byte
    count &+= 1
  }
}
