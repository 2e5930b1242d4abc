import CHeadrace

/// Reads words and numbers, with single or several spaces between them, from text that may be anything.
struct TextScanner {
  private let text: Text
  private var position = 0

  init(_ text: Text) { self.text = text }

  private static var space: CChar { 0x20 }

  /// Whether nothing follows.
  var isAtEnd: Bool {
    mutating get {
      while position < text.count, text.start[position] == Self.space { position &+= 1 }
      return position >= text.count
    }
  }

  /// nil at the end, for a word that is no such number, and for one of more than nine digits.
  @inline(never)
  mutating func decimal() -> Int32? {
    guard !isAtEnd else { return nil }
    let isNegative = text.start[position] == 0x2d
    if isNegative { position &+= 1 }
    guard let value = digits(base: 10, most: 9) else { return nil }
    return isNegative ? 0 &- Int32(bitPattern: value) : Int32(bitPattern: value)
  }

  /// A word of at most eight hexadecimal digits.
  @inline(never)
  mutating func hexadecimal() -> UInt32? {
    isAtEnd ? nil : digits(base: 16, most: 8)
  }

  /// Whether the next word is this one, which is then read.
  @inline(never)
  mutating func skip(_ word: StaticString) -> Bool {
    guard !isAtEnd, position &+ word.utf8CodeUnitCount <= text.count else { return false }
    for index in 0..<word.utf8CodeUnitCount
    where UInt8(bitPattern: text.start[position &+ index]) != word.utf8Start[index] {
      return false
    }
    position &+= word.utf8CodeUnitCount
    return true
  }

  private mutating func digits(base: UInt32, most: Int) -> UInt32? {
    var value: UInt32 = 0
    var count = 0
    while position < text.count, text.start[position] != Self.space {
      let character = UInt8(bitPattern: text.start[position])
      let digit: UInt32
      switch character {
      case 0x30...0x39: digit = UInt32(character &- 0x30)
      case 0x61...0x66: digit = UInt32(character &- 0x57)
      default: return nil
      }
      guard digit < base, count < most else { return nil }
      value = value &* base &+ digit
      count &+= 1
      position &+= 1
    }
    return count > 0 ? value : nil
  }
}
