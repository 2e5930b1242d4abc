/// Undoes `RangeEncoder`. Any bytes decode to something; behind the last one it reads zeros.
struct RangeDecoder {
  private let input: UnsafePointer<UInt8>
  private let count: Int
  private var position = 0
  private var range = UInt32.max
  private var code: UInt32 = 0

  init(_ input: UnsafePointer<UInt8>, count: Int) {
    self.input = input
    self.count = count
    for _ in 0..<4 { read() }
  }

  /// Whether the code was used up: an encoder leaves no byte behind.
  var isAtEnd: Bool { position >= count }

  @inline(__always)
  mutating func code(zero: UInt32) -> Bool {
    let bound = (range &>> 15) &* zero
    let isOne = code >= bound
    if isOne {
      code &-= bound
      range &-= bound
    } else {
      range = bound
    }
    while range < 1 << 24 {
      range &<<= 8
      read()
    }
    return isOne
  }

  mutating func code(_ distribution: LogisticDistribution) -> Int32 {
    let step = range &>> 16
    let target = min(code / step, 0xffff)
    // The last symbol with no more than `target` below it.
    var found: Int32 = 0
    var beyond = distribution.symbolCount
    while beyond &- found > 1 {
      let middle = (found &+ beyond) &>> 1
      if distribution.below(middle) <= target { found = middle } else { beyond = middle }
    }
    let below = distribution.below(found)
    code &-= step &* below
    range = step &* (distribution.below(found &+ 1) &- below)
    while range < 1 << 24 {
      range &<<= 8
      read()
    }
    return found
  }

  private mutating func read() {
    let byte = position < count ? input[position] : 0
    position &+= 1
    code = code &<< 8 | UInt32(byte)
  }
}
