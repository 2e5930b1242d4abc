/// `latent.layers` of a head: how many channels each layer of its latent has, in order, as PACKET.md has it.
struct LatentLayers {
  static let key = "latent.layers"
  /// HR_MAX_LAYERS: what four bits of a packet hold.
  static let most = 15

  let counts: [Int]

  var channels: Int { counts.reduce(0, +) }

  var text: String { counts.map(String.init).joined(separator: " ") }

  /// - Throws: `CompilerError` unless `text` has 1 to 15 positive numbers between spaces.
  init(_ text: String) throws {
    func fail(_ problem: String) -> CompilerError {
      CompilerError("headrace.\(Self.key) \(problem)", at: "metadata_props")
    }
    counts = try numbers(text) {
      fail("holds '\($0)'; expected whole numbers between spaces, as 4 4 6")
    }
    guard (1...Self.most).contains(counts.count) else {
      throw fail("lists \(counts.count) layers; a packet has 1 to \(Self.most)")
    }
    if let count = counts.first(where: { !(1...Limits.elements).contains($0) }) {
      throw fail("has a layer of \(count) channels; each needs at least one")
    }
  }
}

/// Whole numbers between white space.
/// - Parameter problem: what to throw about a word that is none.
func numbers(_ text: String, _ problem: (String) -> CompilerError) throws -> [Int] {
  try text.split(whereSeparator: \.isWhitespace).map { word in
    guard let number = Int(word) else { throw problem(String(word.prefix(20))) }
    return number
  }
}
