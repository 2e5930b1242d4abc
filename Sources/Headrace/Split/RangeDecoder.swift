/// Undoes `RangeEncoder`. Any bytes decode to something; behind the last one it reads zeros.
struct RangeDecoder: BinaryCoder {
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
  mutating func code(_ bit: Bool, zero: UInt32) -> Bool {
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

  private mutating func read() {
    let byte = position < count ? input[position] : 0
    position &+= 1
    code = code &<< 8 | UInt32(byte)
  }
}
