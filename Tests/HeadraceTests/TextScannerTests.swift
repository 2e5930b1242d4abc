import Testing

@testable import Headrace

/// What users of metadata's numbers read: a latent's layers, prior and head, and an array's microphones.
@Suite struct TextScannerTests {
  private func scan<Value>(_ text: String, _ body: (inout TextScanner) -> Value) -> Value {
    text.utf8CString.withUnsafeBufferPointer { characters in
      var words = TextScanner(Text(start: characters.baseAddress!, count: characters.count - 1))
      return body(&words)
    }
  }

  /// All words, up to one that is none.
  private func all<Value>(
    _ text: String, _ next: (inout TextScanner) -> Value?
  ) -> [Value?] {
    scan(text) { words in
      var found: [Value?] = []
      while !words.isAtEnd() {
        found.append(next(&words))
        if found.last! == nil { break }
      }
      return found
    }
  }

  @Test(arguments: ["4 -3 12", "  4\t-3 \r\n12\n", "4\n-3\n12"])
  func numbersStandBetweenBlanksAndLineEnds(_ text: String) {
    #expect(all(text) { $0.decimal() } == [4, -3, 12])
    #expect(all(text) { $0.fraction() } == [4, -3, 12])
  }

  @Test func fractionsHavePointsAndSigns() {
    #expect(all(" -0.0405 0 .5\n12\t3.\n") { $0.fraction() } == [-0.0405, 0, 0.5, 12, 3])
    #expect(all("") { $0.fraction() } == [])
  }

  @Test(arguments: [
    "x", "1e5", "1.2.3", "-", ".", "--1", "1,2", String(repeating: "9", count: 400),
  ])
  func whatIsNoFractionIsNone(_ text: String) {
    #expect(all(text) { $0.fraction() } == [nil])
  }

  @Test(arguments: ["x", "1.5", "-", "--1", "+1", "1,2", "1a", "1234567890", "0x10"])
  func whatIsNoWholeNumberOfNineDigitsIsNone(_ text: String) {
    #expect(all(text) { $0.decimal() } == [nil])
  }

  @Test func hexadecimalWordsHaveUpToEightDigitsInLowerCase() {
    #expect(all("5a3c00f1 ffffffff\n0") { $0.hexadecimal() } == [0x5a3c_00f1, .max, 0])
    for text in ["5A", "123456789", "-1", "0x1", "g"] {
      #expect(all(text) { $0.hexadecimal() } == [nil])
    }
  }

  @Test func aWordIsSkippedWholeOrNotAtAll() {
    let found = scan("int8 int163 7") { words in
      (["int16", "int", "int8", "int16", "int163"] as [StaticString]).map { words.skip($0) }
        + [words.decimal() == 7, words.isAtEnd(), words.skip("int8")]
    }
    #expect(found == [false, false, true, false, true, true, true, false])
  }
}
