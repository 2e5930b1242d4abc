extension String {
  /// The text with every control character as `\u{1B}`. Names come out of untrusted files: what they hold
  /// must not steer a terminal.
  public var printable: String {
    unicodeScalars.reduce(into: "") { line, scalar in
      if scalar.properties.generalCategory == .control {
        line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
  }
}
