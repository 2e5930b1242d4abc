import CHeadrace

/// Reads words and numbers from metadata, which may be anything. Between them are blanks or line ends, one or more.
struct TextScanner {
  private let text: Text
  private var place = 0

  init(_ text: Text) { self.text = text }

  /// 0 behind the text.
  private var character: UInt8 {
    place < text.count ? UInt8(bitPattern: text.start[place]) : 0
  }
  private var isBlank: Bool { (0x09...0x0d).contains(character) || character == 0x20 }
  private var isBehindWord: Bool { place >= text.count || isBlank }

  /// Whether only blanks are left.
  @inline(never)
  mutating func isAtEnd() -> Bool {
    while isBlank { place &+= 1 }
    return place >= text.count
  }

  /// nil at the end, for a word that is no such number, and for one of more than nine digits.
  @inline(never)
  mutating func decimal() -> Int32? {
    let isNegative = sign()
    guard let value = digits(base: 10, most: 9) else { return nil }
    return isNegative ? 0 &- Int32(bitPattern: value) : Int32(bitPattern: value)
  }

  /// A word of at most eight hexadecimal digits, letters in lower case.
  mutating func hexadecimal() -> UInt32? {
    isAtEnd() ? nil : digits(base: 16, most: 8)
  }

  /// nil at the end, and for a word that is not digits with perhaps a sign and a point.
  @inline(never)
  mutating func fraction() -> Float? {
    let isNegative = sign()
    var (value, scale) = (0.0, 1.0)
    var (hasDigits, hasPoint) = (false, false)
    while !isBehindWord {
      if let digit = digit(base: 10) {
        value = value * 10 + Double(digit)
        if hasPoint { scale *= 10 }
        hasDigits = true
      } else if character == 0x2e, !hasPoint {
        hasPoint = true
      } else {
        return nil
      }
      place &+= 1
    }
    let number = Float(value / scale)
    // Too many digits make it infinite, or no number.
    guard hasDigits, number.isFinite else { return nil }
    return isNegative ? -number : number
  }

  /// Whether the next word is this one, which is then read.
  @inline(never)
  mutating func skip(_ word: StaticString) -> Bool {
    guard !isAtEnd() else { return false }
    let first = place
    var matched = 0
    while matched < word.utf8CodeUnitCount, character == word.utf8Start[matched] {
      matched &+= 1
      place &+= 1
    }
    if matched == word.utf8CodeUnitCount, isBehindWord { return true }
    place = first
    return false
  }

  private mutating func sign() -> Bool {
    guard !isAtEnd(), character == 0x2d else { return false }
    place &+= 1
    return true
  }

  private func digit(base: UInt32) -> UInt32? {
    let digit: UInt32
    switch character {
    case 0x30...0x39: digit = UInt32(character) &- 0x30
    case 0x61...0x66: digit = UInt32(character) &- 0x57
    default: return nil
    }
    return digit < base ? digit : nil
  }

  @inline(never)
  private mutating func digits(base: UInt32, most: Int) -> UInt32? {
    var value: UInt32 = 0
    let first = place
    while !isBehindWord {
      guard let digit = digit(base: base), place &- first < most else { return nil }
      value = value &* base &+ digit
      place &+= 1
    }
    return place > first ? value : nil
  }
}
