/// Reads decimal numbers of a text one after another, with blanks or line ends between them.
struct DecimalNumbers {
  private let text: Text
  private var place = 0

  init(_ text: Text) { self.text = text }

  private var character: CChar { place < text.count ? text.start[place] : 0 }
  private var isBlank: Bool { (0x09...0x0d).contains(character) || character == 0x20 }

  /// Whether only blanks are left.
  mutating func isAtEnd() -> Bool {
    while isBlank { place &+= 1 }
    return place >= text.count
  }

  /// nil behind the last, and for what is not digits with perhaps a sign and a point.
  @inline(never)
  mutating func next() -> Float? {
    guard !isAtEnd() else { return nil }
    let isNegative = character == 0x2d
    if isNegative { place &+= 1 }
    var (digits, scale) = (0.0, 1.0)
    var (hasDigits, hasPoint) = (false, false)
    while true {
      if (0x30...0x39).contains(character) {
        digits = digits * 10 + Double(Int(character) &- 0x30)
        if hasPoint { scale *= 10 }
        hasDigits = true
      } else if character == 0x2e, !hasPoint {
        hasPoint = true
      } else {
        break
      }
      place &+= 1
    }
    let value = Float(digits / scale)
    // Too many digits make it infinite, or no number.
    guard hasDigits, isBlank || place >= text.count, value.isFinite else { return nil }
    return isNegative ? -value : value
  }
}
